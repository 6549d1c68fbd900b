"""The plan of a run and the changes to it: made at their place, and again by a worker that went back."""

import json
from pathlib import Path

import pytest

from tests.unit.training.conftest import epoch, worker_on, write
from workbench.config import load_settings
from workbench.errors import InputError, RunRefused
from workbench.settings import TrainingSettings
from workbench.training import extend as extend_module
from workbench.training.changes import (
    RESTART_SHARE,
    MoreEpochs,
    RateChange,
    added,
    read_changes,
    record,
    waits_for_more,
)
from workbench.training.control import Request, requests
from workbench.training.events import EventLog
from workbench.training.extend import extend
from workbench.training.plan import Plan
from workbench.training.run import RunFolder


class Learner:
    """Of a learner what a plan changes: a rate of 0.1 times the factor, or of its last leg."""

    def __init__(self, scheduled: float = 0.1) -> None:
        self.scheduled, self.rate_factor = scheduled, 1.0
        self.legs: list[tuple[int, int, float, bool]] = []

    @property
    def learning_rate(self) -> float:
        return self.scheduled * self.rate_factor

    def begin_leg(self, start: int, steps: int, peak: float, *, falls: bool) -> None:
        self.legs.append((start, steps, peak, falls))
        self.scheduled = peak


def settings(*overrides: str) -> TrainingSettings:
    return load_settings(None, ["training.epochs=10", "training.learning_rate=0.1", *overrides]).training


def plan_of(
    run: RunFolder, learner: Learner, patient: list[int] | None = None, how: TrainingSettings | None = None
) -> Plan:
    """A plan of four batches an epoch."""
    log = EventLog(run.events)
    return Plan(run, how or settings(), learner, 4, log, (patient if patient is not None else []).append)


def asked(action: str, value: float, rate: float | None = None) -> Request:
    return Request("a", action, "taken", 0.0, value, rate)


def told(run: RunFolder, kind: str) -> list[dict[str, object]]:
    events = map(json.loads, run.events.read_text().splitlines())
    return [event for event in events if event["type"] == kind]


def test_a_rate_holds_from_the_batch_at_which_it_was_asked(run: RunFolder) -> None:
    learner = Learner()
    plan = plan_of(run, learner)
    plan.resume(0, 0)
    assert plan.serve(asked("rate", 0.02), 2, 3) == ""
    assert learner.learning_rate == pytest.approx(0.02)
    [event] = told(run, "rate")
    assert (event["epoch"], event["batch"], event["from"], event["to"]) == (3, 3, 0.1, 0.02)


def test_a_worker_that_goes_back_makes_the_change_again_at_the_same_batch(run: RunFolder) -> None:
    plan_of(run, Learner()).serve(asked("rate", 0.02), 2, 3)
    learner = Learner()
    plan = plan_of(run, learner)
    plan.resume(2, 0)  # the checkpoint before
    for batch in range(3):
        plan.reach(2, batch)
        assert learner.learning_rate == pytest.approx(0.1)
    plan.reach(2, 3)
    assert learner.learning_rate == pytest.approx(0.02)
    later = Learner()
    plan = plan_of(run, later)
    plan.resume(3, 0)  # the checkpoint knows the factor
    plan.reach(3, 0)
    assert later.learning_rate == pytest.approx(0.1)


def test_what_is_asked_after_going_back_outweighs_what_was_asked_for_later_batches(run: RunFolder) -> None:
    plan_of(run, Learner()).serve(asked("rate", 0.02), 2, 3)
    learner = Learner()
    plan = plan_of(run, learner)
    plan.resume(2, 0)
    plan.serve(asked("rate", 0.05), 2, 1)
    plan.reach(2, 3)
    assert learner.learning_rate == pytest.approx(0.05)
    assert [change.after for change in read_changes(run).rates] == [0.05]


def test_a_schedule_at_0_cannot_be_multiplied_to_another_rate(run: RunFolder) -> None:
    assert "fallen to 0" in plan_of(run, Learner(0.0)).serve(asked("rate", 0.02), 2, 3)
    assert read_changes(run).rates == ()


def test_added_epochs_fall_once_more_where_the_schedule_ends_at_0() -> None:
    assert added(settings("training.schedule=cosine"), 10, 5) == MoreEpochs(10, 15, 0.1 * RESTART_SHARE, True)
    assert added(settings("training.schedule=one_cycle"), 10, 5, 0.03) == MoreEpochs(10, 15, 0.03, True)
    assert added(settings("training.schedule=constant"), 10, 5) == MoreEpochs(10, 15, None, False)
    assert added(settings("training.schedule=step"), 10, 5, 0.03) == MoreEpochs(10, 15, 0.03, False)


def test_epochs_added_while_it_trains_begin_where_the_plan_ends(run: RunFolder) -> None:
    learner, patient = Learner(), list[int]()
    plan = plan_of(run, learner, patient)
    plan.resume(0, 0)
    plan.serve(asked("rate", 0.05), 1, 0)
    assert plan.serve(asked("epochs", 5, 0.02), 2, 1) == ""
    assert plan.epochs == 15
    [event] = told(run, "epochs")
    assert (event["from"], event["to"]) == (10, 15)
    plan.reach(9, 3)
    assert learner.legs == []
    plan.reach(10, 0)
    assert learner.legs == [(40, 20, 0.02, True)]
    assert learner.learning_rate == 0.02, "the rate that was named, whatever was changed before"
    assert patient == [10]


def test_epochs_without_a_rate_go_on_with_the_one_that_was_reached(run: RunFolder) -> None:
    how = settings("training.schedule=plateau")
    learner = Learner()
    plan = plan_of(run, learner, how=how)
    plan.resume(10, 0)
    learner.rate_factor = 0.09  # it fell twice
    assert plan.serve(asked("epochs", 5), 10, 0) == ""
    plan.reach(10, 0)
    assert (plan.epochs, learner.legs, learner.rate_factor) == (15, [], 0.09)


def test_a_worker_that_begins_within_added_epochs_has_their_rate(run: RunFolder) -> None:
    record(run, MoreEpochs(10, 15, 0.02, True))
    learner, patient = Learner(), list[int]()
    learner.rate_factor = 0.5  # from the checkpoint
    plan = plan_of(run, learner, patient)
    plan.resume(12, 2)
    assert (learner.legs, patient) == ([(40, 20, 0.02, True)], [10])
    plan.reach(12, 2)
    assert learner.rate_factor == 0.5


def test_an_unknown_wish_is_refused(run: RunFolder) -> None:
    assert "does not know how to" in plan_of(run, Learner()).serve(asked("dance", 1), 0, 0)


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[1]",
        '{"change": "rate", "epoch": -1, "batch": 0, "factor": 1}',
        '{"change": "rate", "epoch": 1, "batch": 0, "factor": 0}',
        '{"change": "rate", "epoch": 1, "batch": 0, "factor": "many"}',
        '{"change": "epochs", "start": 10, "until": 10, "rate": null}',
        '{"change": "epochs", "start": 10, "until": 99999999999, "rate": null}',
        '{"change": "epochs", "start": 10, "until": 12, "rate": -1}',
        '{"change": "colour"}',
    ],
)
def test_senseless_lines_are_left_out(run: RunFolder, line: str) -> None:
    run.changes.write_text(line + "\n")
    record(run, RateChange(1, 2, 0.5, 0.1, 0.05))
    found = read_changes(run)
    assert (len(found.rates), found.more) == (1, ())


def finished(run: RunFolder, epochs: int) -> None:
    """It ended after so many epochs, with a checkpoint."""
    run.log.touch()
    write(run, epoch(epochs), {"type": "finished", "epoch": epochs})
    (run.checkpoints / f"{epochs:05d}-000000.npz").touch()


@pytest.mark.parametrize("ended", [10, 6])
def test_a_finished_run_goes_on_from_where_it_ended(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, ended: int
) -> None:
    launched: list[RunFolder] = []
    monkeypatch.setattr(extend_module, "launch", launched.append)
    finished(run, ended)
    assert not waits_for_more(run)
    assert extend(run, 5) == "launched"
    assert launched == [run]
    [more] = read_changes(run).more
    assert (more.start, more.until) == (ended, ended + 5)
    assert waits_for_more(run)
    write(run, epoch(ended + 5), {"type": "finished", "epoch": ended + 5})
    assert not waits_for_more(run), "they have been trained"
    record(run, MoreEpochs(ended + 7, ended + 9, None, False))
    assert not waits_for_more(run), "it was stopped early before them"


def test_a_run_that_trains_is_asked_and_one_that_was_stopped_keeps_it_in_mind(run: RunFolder) -> None:
    with worker_on(run):
        assert extend(run, 5, 0.01) == "asked"
    [request] = requests(run)
    assert (request.action, request.value, request.rate) == ("epochs", 5, 0.01)
    write(run, {"type": "stopped", "epoch": 3})
    assert extend(run, 5) == "noted"
    assert [(more.start, more.until) for more in read_changes(run).more] == [(10, 15)]


def test_what_cannot_be_extended_is_refused(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 is no number of epochs"):
        extend(run, 0)
    finished(run, 10)
    (run.checkpoints / "00010-000000.npz").unlink()
    (run.checkpoints / "last-00010-000000.npz").touch()  # of a version before this one
    with pytest.raises(RunRefused, match=r"no checkpoint is left to go on from; .* --from 0001-fast"):
        extend(run, 5)
    assert not run.changes.exists()
