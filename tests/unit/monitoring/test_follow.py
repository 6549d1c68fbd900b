"""Following a run: what a monitor knows after each look, whatever the log has in it."""

import json
import math
from typing import Any

import pytest

from tests.unit.training.conftest import batch, epoch, phase, rewrite, write
from workbench.monitoring.curves import CurveKey
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.run import RunFolder, RunState
from workbench.training.tail import read_tail


def look(run: RunFolder) -> RunSnapshot:
    return Follower(run).poll()


def points(run: RunSnapshot, *key: str) -> list[tuple[float, float | None]]:
    """A curve's points (epochs behind it, value); None where a value is no number."""
    curve = run.curves[key]  # type: ignore[index]
    pairs = zip(curve.places.tolist(), curve.values.tolist(), strict=True)
    return [(place, None if math.isnan(value) else value) for place, value in pairs]


def everything(run: RunSnapshot) -> dict[CurveKey, list[tuple[float, float | None]]]:
    """All curves that have points."""
    return {key: points(run, *key) for key, curve in run.curves.items() if curve.counts.any()}


def places(run: RunSnapshot, *key: str) -> list[float]:
    return [place for place, _ in points(run, *key)]


def test_before_anything_happened(run: RunFolder) -> None:
    found = look(run)
    assert (found.state, found.epochs, found.preset) == (RunState.STARTING, 10, "fast")
    assert found.majority == {"glasses": 0.5}, "a head that the schema does not have is left out"
    assert found.curves == {}
    assert found.sign_age == 0.0


def test_batches_and_epochs_become_curves(run: RunFolder) -> None:
    write(run, phase("training"), batch(1, 1), batch(1, 2, 0.5), epoch(1, 0.75))
    found = look(run)
    assert (found.epoch, found.batch, found.batches, found.best_epoch) == (1, 2, 4, 1)
    assert points(found, "", "loss", "train") == [(0.25, 1.0), (0.5, 0.5)]
    assert points(found, "glasses", "accuracy", "train") == [(0.25, 0.5), (0.5, 0.5)]
    assert points(found, "", "loss", "validation") == [(1.0, 0.75)]
    assert points(found, "glasses", "macro_f1", "train_epoch") == [(1.0, 0.25)]
    assert found.learning_rate == 0.01
    assert found.notes == ("epoch 1  val_loss 0.75 ★ best",)


def test_looking_again_reads_only_what_is_new_and_a_new_monitor_sees_the_same(run: RunFolder) -> None:
    follower = Follower(run)
    for number in (1, 2, 3):
        write(run, batch(1, number))
        assert follower.poll().batch == number
    assert everything(follower.poll()) == everything(look(run))
    assert len(follower.poll().curves["", "loss", "train"]) == 3


def test_a_half_line_waits(run: RunFolder) -> None:
    follower, line = Follower(run), json.dumps(batch(1, 1)) + "\n"
    write(run, line[:20])
    assert (follower.poll().batch, follower.poll().skipped_lines) == (0, 0)
    write(run, line[20:])
    assert (follower.poll().batch, follower.poll().skipped_lines) == (1, 0)


ABSURD: list[dict[str, Any] | str | bytes] = [
    "not json\n",
    b"\xff\xfe\n",
    "[1, 2]\n",
    "{}\n",
    "[" * 100_000 + "\n",
    batch(11, 1),
    batch(10**30, 1),
    batch(0, 1),
    batch(1, 5),
    batch(1, 0),
    {**batch(1, 1), "batches": -1},
    {**batch(1, 1), "batches": None},
    {"type": "batch"},
    epoch(10_000),
    epoch(-1),
    {"type": "epoch", "epoch": "many"},
]


@pytest.mark.parametrize("line", ABSURD, ids=range(len(ABSURD)))
def test_foreign_and_absurd_lines_are_counted_and_skipped(run: RunFolder, line: Any) -> None:
    write(run, batch(1, 1), line, batch(1, 2))
    found = look(run)
    assert found.skipped_lines == 1
    assert places(found, "", "loss", "train") == [0.25, 0.5]


@pytest.mark.parametrize("epochs", [-1, 0, 1, 10**12, None, "ten", 1e400])
@pytest.mark.parametrize("kind", ["started", "epoch"])
def test_an_absurd_number_of_epochs_does_not_make_the_others_absurd(
    run: RunFolder, epochs: Any, kind: str
) -> None:
    write(run, {"type": "started", "epochs": 10, "batches": 4}, epoch(3))
    write(run, {"type": kind, "epochs": epochs, "epoch": 4, "resumed_epoch": 3} | {"batches": 4})
    write(run, batch(5, 1))
    found = look(run)
    assert (found.epochs, found.epoch) == (10, 5)


def test_an_unknown_type_and_unknown_fields_are_no_mistake(run: RunFolder) -> None:
    write(run, {"type": "of a later version", "epoch": []}, batch(1, 1, later={"a": 1}))
    assert look(run).skipped_lines == 0


@pytest.mark.parametrize("value", [None, "NaN", "none", float("nan"), float("inf"), True, [1], {}])
def test_a_value_that_is_no_number_is_a_gap(run: RunFolder, value: Any) -> None:
    write(run, batch(1, 1), batch(1, 2, value), batch(1, 3))
    found = look(run)
    assert points(found, "", "loss", "train") == [(0.25, 1.0), (0.5, None), (0.75, 1.0)]
    assert points(found, "glasses", "loss", "train") == [(0.25, 1.0), (0.5, None), (0.75, 1.0)]
    write(run, epoch(1, value))
    json.dumps(look(run).to_dict(), allow_nan=False)


def test_a_head_that_the_schema_does_not_have_gets_no_curve(run: RunFolder) -> None:
    write(run, batch(1, 1, heads={"nose": {"loss": 1.0}, "glasses": 5, "hair_top": {"loss": 2.0}}))
    assert {head for head, _, _ in everything(look(run))} == {"", "hair_top"}


def test_a_worker_that_goes_on_from_a_checkpoint_draws_its_epochs_once(run: RunFolder) -> None:
    write(run, batch(1, 4), epoch(1), batch(2, 4), epoch(2), batch(3, 1, 9.0), batch(3, 2, 9.0))
    follower = Follower(run)
    follower.poll()
    write(run, phase("starting"), {"type": "started", "epochs": 10, "batches": 4, "resumed_epoch": 2})
    found = follower.poll()
    assert (found.epoch, found.batch) == (2, 0)
    assert places(found, "", "loss", "train") == [1.0, 2.0]
    write(run, batch(3, 1, 5.0))
    found = follower.poll()
    assert points(found, "", "loss", "train") == [(1.0, 1.0), (2.0, 1.0), (2.25, 5.0)]
    assert places(found, "", "loss", "validation") == [1.0, 2.0]


def test_from_a_checkpoint_within_an_epoch_the_batches_before_it_stay(run: RunFolder) -> None:
    write(run, epoch(1), batch(2, 1), batch(2, 2), batch(2, 3))
    write(run, {"type": "started", "batches": 4, "resumed_epoch": 1, "resumed_batch": 2})
    found = look(run)
    assert (found.epoch, found.batch) == (1, 2)
    assert places(found, "", "loss", "train") == [1.25, 1.5]


def test_a_worker_that_ended_before_it_began_does_not_take_back_what_others_did(run: RunFolder) -> None:
    write(run, {"type": "started", "epochs": 10, "batches": 4}, epoch(1), epoch(2, best=2))
    write(
        run, phase("data"), {"type": "paused", "epoch": None, "best_epoch": None, "text": "before the first"}
    )
    found = look(run)
    assert (found.state, found.epoch, found.best_epoch) == (RunState.PAUSED, 2, 2)
    tail = read_tail(run.events)
    assert (tail.phase, tail.epoch, tail.best_epoch) == ("paused", 2, 2)


def test_a_log_that_is_another_file_now_is_read_anew(run: RunFolder) -> None:
    write(run, "foreign\n", {"type": "note", "text": "old"}, batch(1, 4), epoch(1))
    follower = Follower(run)
    assert follower.poll().skipped_lines == 1
    run.events.unlink()
    write(run, batch(1, 1, 3.0))
    found = follower.poll()
    assert everything(found) == {
        ("", "loss", "train"): [(0.25, 3.0)],
        ("glasses", "loss", "train"): [(0.25, 3.0)],
        ("glasses", "accuracy", "train"): [(0.25, 0.5)],
    }
    assert "replaced or cut" in found.notes[0]
    assert (len(found.notes), found.skipped_lines, found.best_epoch) == (1, 0, 0)


def test_phases_tell_how_far_they_are(run: RunFolder) -> None:
    write(run, phase("data", "reading pictures"))
    assert look(run).phase == "data: reading pictures"
    write(run, {"type": "progress", "done": 1200, "total": 50000})
    assert look(run).phase == "data: 1,200/50,000"
    write(run, phase("training"))
    assert look(run).phase == "training"


def test_notes_checkpoints_and_memory(run: RunFolder) -> None:
    write(run, {"type": "note", "text": "3 pictures set aside"}, {"type": "checkpoint", "epoch": 4})
    write(run, {"type": "system", "memory_mb": 812.5}, {"type": "system", "memory_mb": None})
    found = look(run)
    assert found.notes == ("3 pictures set aside", "checkpoint of epoch 4 saved")
    assert found.memory_mb == 812.5


def test_only_the_last_notes_are_kept(run: RunFolder) -> None:
    write(run, *({"type": "note", "text": str(number)} for number in range(500)))
    assert look(run).notes[0] == "300"


def test_a_run_that_is_described_late_is_understood_then(run: RunFolder) -> None:
    text = run.run_json.read_text()
    run.run_json.write_text(text[:100])
    follower = Follower(run)
    write(run, batch(1, 1))
    assert (follower.poll().epochs, follower.poll().preset) == (0, "")
    run.run_json.write_text(text)
    assert (follower.poll().epochs, follower.poll().preset) == (10, "fast")


@pytest.mark.parametrize(
    "changed", [{"settings": 5}, {"schema": "x"}, {"version": 99}, {"data": []}, {"data": {"majority": [1]}}]
)
def test_a_damaged_description_does_not_stop_the_monitor(run: RunFolder, changed: dict[str, Any]) -> None:
    rewrite(run, **changed)
    write(run, phase("training"), batch(1, 1))
    found = look(run)
    assert (found.batch, found.majority) == (1, {})


def test_as_json_a_curve_is_its_last_point(run: RunFolder) -> None:
    write(run, phase("training"), epoch(1, 0.9), epoch(2, None, 1))
    found = look(run).to_dict()
    json.dumps(found, allow_nan=False)
    validation = [one for one in found["last"] if one["head"] == "" and one["split"] == "validation"]
    assert {"head": "", "metric": "loss", "split": "validation", "epoch": 2.0, "value": None} in validation
    assert found["log_path"] == str(run.log)
    assert "curves" not in found
