"""The pictures of a run before its first epoch: where pixels are kept, and what is said of lost ones."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import MakeBench, write_pictures
from tests.engine.conftest import labelled
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.split import assign_splits
from workbench.errors import Cancelled, InputError
from workbench.training.data import cache_folder, run_pixels
from workbench.training.events import EventLog
from workbench.training.run import RunFolder

SETTINGS = load_settings(overrides=["dataset.size=32"])


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench of twelve pictures."""
    return make_bench(12)


@pytest.fixture
def run(bench: Bench) -> RunFolder:
    """A run on it that nobody has started."""
    table = assign_splits(labelled(bench), bench.schema, SETTINGS.dataset.split, bench.splits_file)
    return RunFolder.create(bench, SETTINGS, table, "fast")


def read(run: RunFolder, cancelled: bool = False) -> tuple[Any, list[dict[str, Any]]]:
    """The table that is left, and the events."""
    with EventLog(run.events) as log:
        table, cache = run_pixels(run, SETTINGS.dataset, log, lambda: cancelled)
    pixels = cache.read(table.fingerprints)
    assert pixels.shape == (len(table), 32, 32, 3)
    cache.close()
    return table, events(run)


def events(run: RunFolder) -> list[dict[str, Any]]:
    """Everything in a run's log."""
    return [json.loads(line) for line in run.events.read_text().splitlines()]


def notes(found: list[dict[str, Any]]) -> list[str]:
    """What is said of pictures that are left out."""
    texts = [event["text"] for event in found if event["type"] == "note"]
    return [text for text in texts if text.startswith("left out")]


def test_every_picture_is_read_and_progress_ends_at_their_number(run: RunFolder) -> None:
    table, found = read(run)
    assert len(table) == 12
    assert (found[0]["type"], found[0]["name"], found[0]["text"]) == ("phase", "data", "reading pictures")
    progress = [event for event in found if event["type"] == "progress"]
    assert (progress[-1]["done"], progress[-1]["total"]) == (12, 12)
    assert notes(found) == []


@pytest.mark.parametrize(
    ("lost", "named", "last"),
    [(1, 1, None), (5, 5, None), (6, 5, "1 more pictures"), (9, 5, "4 more pictures")],
)
def test_pictures_that_are_gone_are_named_five_at_most(
    run: RunFolder, bench: Bench, lost: int, named: int, last: str | None
) -> None:
    for index in range(lost):
        (bench.images_root / f"{index:04d}.jpg").write_bytes(b"" if index % 2 else b"no picture")
    table, found = read(run)
    assert len(table) == 12 - lost
    said = notes(found)
    assert len(said) == named + bool(last)
    assert any(line.startswith("left out: 0000.jpg: ") for line in said[:5])
    assert len({line.split(": ")[1] for line in said[:named]}) == named
    if last:
        assert said[-1] == f"left out: {last}"


def test_pictures_that_changed_since_are_not_taken_for_the_old_ones(run: RunFolder, bench: Bench) -> None:
    """Their labels are of other content."""
    write_pictures(bench.images_root, 1, start=90)[0].replace(bench.images_root / "0003.jpg")
    table, found = read(run)
    assert len(table) == 11
    assert "0003.jpg" not in table.names
    assert [line for line in notes(found) if "0003.jpg" in line]


def test_a_second_reading_needs_no_pictures(run: RunFolder, bench: Bench) -> None:
    first, _ = read(run)
    shutil.rmtree(bench.images_root)
    again, found = read(run)
    assert again.names == first.names
    assert notes(found) == []


def test_without_any_picture_it_ends_in_one_line(run: RunFolder, bench: Bench) -> None:
    shutil.rmtree(bench.images_root)
    with EventLog(run.events) as log, pytest.raises(InputError) as caught:
        run_pixels(run, SETTINGS.dataset, log, lambda: False)
    assert "\n" not in str(caught.value)


def test_asked_to_stop_it_keeps_what_it_has_read(run: RunFolder) -> None:
    with EventLog(run.events) as log, pytest.raises(Cancelled):
        run_pixels(run, SETTINGS.dataset, log, lambda: True)
    table, _ = read(run)
    assert len(table) == 12


def test_pixels_lie_in_the_bench_around_the_run_wherever_it_is(
    run: RunFolder, bench: Bench, tmp_path: Path
) -> None:
    assert cache_folder(run) == bench.cache_dir
    shutil.copytree(bench.root, tmp_path / "moved")
    assert cache_folder(RunFolder(tmp_path / "moved" / "runs" / run.name)) == tmp_path / "moved" / "cache"
    alone = RunFolder(shutil.copytree(run.root, tmp_path / "x" / "y" / run.name))
    assert cache_folder(alone) == bench.cache_dir, "as noted when it was made"
    described = json.loads(alone.run_json.read_text())
    for places in ({}, None, "nowhere", {"cache": ""}):
        alone.run_json.write_text(json.dumps({**described, "places": places}))
        assert cache_folder(alone) == tmp_path / "x" / "cache"


def test_two_runs_of_other_sizes_do_not_mix_their_pixels(run: RunFolder, bench: Bench) -> None:
    _, _ = read(run)
    larger = load_settings(overrides=["dataset.size=40", "dataset.blur_sigma=1"])
    with EventLog(run.events) as log:
        table, cache = run_pixels(run, larger.dataset, log, lambda: False)
        assert cache.read(table.fingerprints[:2]).shape == (2, 40, 40, 3)
        cache.close()
    table, _ = read(run)
    assert np.unique(table.splits).tolist() == ["test", "train", "validation"]
