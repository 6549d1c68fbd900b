"""Two hundred hurt logs: never a traceback, what can be shown is shown, what was skipped is said."""

from pathlib import Path

import pytest

from tests.benchmarks.watching.hurting import chosen, on_screen, points, said, through_follower
from tests.benchmarks.watching.hurts import BATCHES, HURTS, hurt_copy, sound_log, sound_run
from workbench.monitoring.follow import Follower

SCREENS = ("no run.json", "hostile words", "log removed")


def test_two_hundred_hurt_logs_are_followed_and_told_of(tmp_path: Path) -> None:
    assert len(list(chosen())) == 200
    assert {hurt.name for hurt, _ in chosen()} == {hurt.name for hurt in HURTS}
    troubles = through_follower(tmp_path)
    assert not troubles, "\n".join(f"{one.hurt} (seed {one.seed}): {one.what}" for one in troubles)


def test_a_sound_log_is_shown_whole_and_nothing_is_said(tmp_path: Path) -> None:
    snapshot = Follower(sound_run(tmp_path)).poll()
    assert points(snapshot) == BATCHES
    assert not said(snapshot)
    assert snapshot.state == "finished"


def test_each_hurt_really_hurts(tmp_path: Path) -> None:
    sound, before = sound_run(tmp_path / "sound"), b"".join(sound_log())
    for at, hurt in enumerate(HURTS):
        (tmp_path / str(at)).mkdir()
        run = hurt_copy(sound, tmp_path / str(at), hurt, seed=at)
        if run.events.is_file() and run.events.read_bytes() == before:
            files = {path.name: path.stat().st_mode for path in run.root.iterdir()}
            whole = {path.name: path.stat().st_mode for path in sound.root.iterdir()}
            described = run.run_json.exists() and run.run_json.read_bytes() == sound.run_json.read_bytes()
            later = hurt.meanwhile is not HURTS[0].meanwhile
            assert files != whole or not described or later, hurt.name


@pytest.mark.parametrize("name", SCREENS)
def test_a_hurt_run_is_watched_on_a_real_screen(tmp_path: Path, name: str) -> None:
    hurts = [(hurt, seed) for seed, hurt in enumerate(HURTS) if hurt.name == name]
    troubles = on_screen(tmp_path, hurts)
    assert not troubles, troubles[0].what
