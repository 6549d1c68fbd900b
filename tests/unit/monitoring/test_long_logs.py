"""Logs of many thousand lines: read a part at a time, in bounded memory, with an index for the next."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.training.conftest import batch, phase, write
from workbench.monitoring import index as index_module
from workbench.monitoring.follow import Follower
from workbench.monitoring.index import INDEX_NAME
from workbench.monitoring.snapshot import RunSnapshot
from workbench.training.run import RunFolder

EPOCHS, BATCHES = 10, 2000
COUNT = EPOCHS * BATCHES
SPIKE, GAP = 12_345, 4_321
TRAIN = ("", "loss", "train")


def line(step: int, **changed: Any) -> str:
    """A batch of the long run."""
    place = {"epoch": (step - 1) // BATCHES + 1, "batch": (step - 1) % BATCHES + 1, "batches": BATCHES}
    loss = 99.0 if step == SPIKE else None if step == GAP else 1.0 + step / COUNT
    times = {"seq": step + 10, "wall": 1e9 + step, "mono": float(step)}
    figures = {"loss": loss, "heads": {"glasses": {"loss": loss, "accuracy": 0.5}}}
    return json.dumps({"type": "batch", **times, **place, "step": step, **figures, **changed}) + "\n"


@pytest.fixture(scope="module")
def long_log() -> str:
    """The lines of twenty thousand batches."""
    return "".join(line(step) for step in range(1, COUNT + 1))


def start(run: RunFolder, log: str) -> None:
    write(run, phase("starting") | {"seq": 1}, {"type": "started", "epochs": EPOCHS, "batches": BATCHES})
    write(run, phase("training"), log)


def to_the_end(follower: Follower, seconds: float = 0.0) -> tuple[RunSnapshot, list[float]]:
    """The last snapshot, and how far it was read at each look before."""
    shares = []
    while (found := follower.poll(seconds)).reading is not None:
        shares.append(found.reading)
    return found, shares


def test_it_is_shown_while_it_is_read(run: RunFolder, long_log: str) -> None:
    start(run, long_log)
    follower = Follower(run)
    first = follower.poll(0.0)
    assert first.reading is not None
    assert len(first.curves[TRAIN]) > 0
    found, shares = to_the_end(follower)
    assert shares == sorted(shares)
    assert (found.step, found.skipped_lines, found.two_writers) == (COUNT, 0, False)
    curve = found.curves[TRAIN]
    assert curve.counts.sum() == COUNT - 1
    assert curve.gaps.sum() == 1
    assert np.nanmax(curve.high) == 99.0
    assert len(curve) < COUNT / 2
    write(run, line(COUNT))
    assert follower.poll(0.0).skipped == {"stands twice": 1}


@pytest.mark.parametrize("axis", ["step", "epoch", "relative", "wall"])
def test_a_window_is_read_once_more_point_by_point(run: RunFolder, long_log: str, axis: Any) -> None:
    start(run, long_log)
    follower = Follower(run)
    found = follower.poll()
    at = {"step": SPIKE, "epoch": SPIKE / BATCHES, "relative": SPIKE, "wall": 1e9 + SPIKE}[axis]
    wide = {"step": 20, "epoch": 20 / BATCHES, "relative": 20, "wall": 20}[axis]
    origin = 1.0 if axis == "relative" else 0.0
    detail = follower.detail(axis, at - wide - origin, at + wide - origin)[TRAIN]
    assert detail.exact
    assert detail.steps[detail.high == 99.0].tolist() == [SPIKE]
    assert {SPIKE - 15, SPIKE + 15} <= set(detail.steps.tolist())
    assert found.started == 1e9 + 1


def test_a_worker_that_goes_on_within_a_bucket_leaves_no_point_twice_and_none_out(
    run: RunFolder, long_log: str
) -> None:
    start(run, long_log)
    follower = Follower(run)
    follower.poll()
    kept = 6 * BATCHES + 1001
    again = {"type": "started", "epochs": EPOCHS, "batches": BATCHES, "resumed_epoch": 6}
    write(run, phase("starting"), again | {"resumed_batch": 1001})
    found = follower.poll()
    assert found.curves[TRAIN].counts.sum() == kept - 1
    assert found.curves[TRAIN].steps[-1] == kept
    assert [mark.kind for mark in found.marks] == ["restart"]
    write(run, "".join(line(step, mono=step + 1e6) for step in range(kept + 1, COUNT + 1)))
    for found in (follower.poll(), Follower(run).poll()):
        assert found.curves[TRAIN].counts.sum() == COUNT - 1
        assert found.skipped_lines == 0
        assert not found.two_writers
        assert (np.diff(found.curves[TRAIN].places) > 0).all()
        assert (np.diff(found.curves[TRAIN].walls) >= 0).all()


def test_two_workers_that_write_at_once_are_shown(run: RunFolder) -> None:
    write(run, batch(1, 1, seq=1), batch(1, 2, seq=2), batch(1, 1, seq=2), batch(1, 3, seq=3))
    found = Follower(run).poll()
    assert found.two_writers
    assert "two workers" in found.notes[0]
    assert found.skipped == {"stands twice": 1}
    assert len(found.curves[TRAIN]) == 3


def test_a_worker_that_goes_on_is_no_second_writer(run: RunFolder) -> None:
    write(run, batch(1, 1, seq=7), phase("starting") | {"seq": 1}, batch(1, 2, seq=2))
    assert not Follower(run).poll().two_writers


def test_a_log_that_vanishes_is_missed_and_its_curves_stay(run: RunFolder) -> None:
    write(run, batch(1, 1))
    follower = Follower(run)
    assert not follower.poll().gone
    run.events.unlink()
    found = follower.poll()
    assert found.gone
    assert len(found.curves[TRAIN]) == 1


class TestIndex:
    """`events.index` beside a long log."""

    @pytest.fixture(autouse=True)
    def soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A log of this size is worth an index."""
        monkeypatch.setattr(index_module, "LEAST_BYTES", 1 << 20)

    @pytest.fixture
    def indexed(self, run: RunFolder, long_log: str) -> tuple[RunFolder, Path]:
        """A long log that a monitor has read."""
        start(run, long_log)
        write(run, {"type": "note", "text": "a note"}, {"type": "finished", "epoch": EPOCHS, "wall": 2e9})
        Follower(run).poll()
        return run, run.root / INDEX_NAME

    def test_the_next_monitor_sees_the_same_without_reading(self, indexed: tuple[RunFolder, Path]) -> None:
        run, path = indexed
        assert path.stat().st_size < run.events.stat().st_size / 2
        whole = Follower(run)
        (run.root / INDEX_NAME).rename(run.root / "aside")
        one = whole.poll()
        (run.root / "aside").rename(run.root / INDEX_NAME)
        follower = Follower(run)
        other = follower.poll(0.0)
        assert other.reading is None
        for name in ("state", "step", "notes", "started", "skipped", "sign_wall", "epochs", "marks"):
            assert getattr(one, name) == getattr(other, name), name
        for key, curve in one.curves.items():
            assert np.array_equal(curve.low, other.curves[key].low, equal_nan=True)
        detail = follower.detail("step", SPIKE - 5, SPIKE + 5)[TRAIN]
        assert SPIKE in detail.steps[detail.high == 99.0]

    def test_what_came_after_it_is_read(self, indexed: tuple[RunFolder, Path]) -> None:
        run, _ = indexed
        write(run, {"type": "note", "text": "later"})
        assert Follower(run).poll(0.0).notes[-1] == "later"

    @pytest.mark.parametrize("how", ["changed", "cut", "replaced by a longer one"])
    def test_it_is_never_trusted_against_the_log(self, indexed: tuple[RunFolder, Path], how: str) -> None:
        run, _ = indexed
        raw = run.events.read_bytes()
        if how == "changed":
            run.events.write_bytes(raw[:-200].replace(b'"loss": 1.5', b'"loss": 1.7') + raw[-200:])
        elif how == "cut":
            run.events.write_bytes(raw[: raw.rfind(b"\n", 0, len(raw) // 2) + 1])
        else:
            run.events.write_bytes(b'{"type": "note", "text": "first"}\n' + raw)
        wanted = run.root / "wanted"
        wanted.mkdir()
        for name in ("run.json", "events.jsonl"):
            (wanted / name).write_bytes((run.root / name).read_bytes())
        one, other = Follower(run).poll(), Follower(RunFolder(wanted)).poll()
        assert one.step == other.step
        assert one.curves[TRAIN].sums.sum() == other.curves[TRAIN].sums.sum()
        assert one.notes == other.notes

    @pytest.mark.parametrize("at", [0, 10, 300, 3000, -1])
    def test_a_damaged_one_is_not_used(self, indexed: tuple[RunFolder, Path], at: int) -> None:
        run, path = indexed
        raw = bytearray(path.read_bytes())
        raw[at] ^= 0x55
        path.write_bytes(raw)
        assert Follower(run).poll().curves[TRAIN].counts.sum() == COUNT - 1

    @pytest.mark.parametrize("raw", [b"", b"{}\n", b"\0" * 100, b"[" * 10**5, b'{"version": 1}\nx'])
    def test_one_that_is_none_is_not_used(self, indexed: tuple[RunFolder, Path], raw: bytes) -> None:
        run, path = indexed
        path.write_bytes(raw)
        assert Follower(run).poll().step == COUNT

    @pytest.mark.parametrize(
        "changed",
        [
            {"state": {"notes": 5}},
            {"state": {"skipped": {"x": "many"}}},
            {"state": {"marks": [[1]]}},
            {"too_long": "many"},
        ],
    )
    def test_a_forged_one_is_not_used(self, indexed: tuple[RunFolder, Path], changed: Any) -> None:
        run, path = indexed
        head, _, body = path.read_bytes().partition(b"\n")
        kept = json.loads(head)
        kept |= changed | {"state": kept["state"] | changed.get("state", {})}
        path.write_bytes(json.dumps(kept).encode() + b"\n" + body)
        assert Follower(run).poll().notes[-1] == "a note"

    def test_a_folder_that_cannot_be_written_gets_none(self, run: RunFolder, long_log: str) -> None:
        start(run, long_log)
        (run.root / INDEX_NAME).mkdir()  # root may write anywhere but over a folder
        assert Follower(run).poll().step == COUNT
        assert (run.root / INDEX_NAME).is_dir()
