"""A real training, small, that is steered: paused at any moment, extended, begun with weights of another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.test_fit import SMALL, bench, events, new_run, weights  # noqa: F401 - fixtures among them
from workbench.bench import Bench
from workbench.evaluation.predict import Predictor
from workbench.monitoring.follow import Follower
from workbench.training.changes import added, record
from workbench.training.control import Request
from workbench.training.events import EventLog
from workbench.training.fit import Ended, fit
from workbench.training.parent import find_parent
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run
from workbench.training.steering import Ending

NewRun = Callable[..., RunFolder]
RATE = Request("r", "rate", "taken", 0.0, 0.003)


class Script:
    """Asks for something at the n-th look of the training, counted from its first batch.

    Args:
        run: The run.
        endings: How it is to end, by the number of the look.
        wishes: What else is asked then.
    """

    def __init__(
        self, run: RunFolder, endings: dict[int, Ending], wishes: dict[int, Request] | None = None
    ) -> None:
        self._run, self._endings, self._wishes = run, endings, wishes or {}
        self.looks = 0
        self.answers: list[tuple[str, str]] = []

    def __call__(self) -> Ending:
        if b'"name":"training"' not in self._run.events.read_bytes():
            return ""
        self.looks += 1
        return self._endings.get(self.looks, "")

    def wishes(self) -> tuple[Request, ...]:
        request = self._wishes.pop(self.looks, None)
        return () if request is None else (request,)

    def answer(self, request: Request, reason: str = "") -> None:
        self.answers.append((request.action, reason))


def train(run: RunFolder, script: Script | None = None) -> Ended:
    """Train until the end, or as scripted."""
    script = script or Script(run, {})
    with EventLog(run.events) as log:
        return fit(run, log, script, script)


def curve(run: RunFolder) -> tuple[float, ...]:
    """The training loss as the monitor draws it."""
    return tuple(Follower(run).poll().curves["", "loss", "train_epoch"].values.tolist())


class EndsAfter(Script):
    """Ends at every look from the n-th on."""

    def __init__(self, run: RunFolder, first: int, ending: Ending, wishes: dict[int, Request] | None = None):
        super().__init__(run, {}, wishes)
        self._first, self._ending = first, ending

    def __call__(self) -> Ending:
        super().__call__()
        return self._ending if self.looks >= self._first else ""


@pytest.mark.parametrize("first", [3, 7, 8])  # within an epoch, at its last batch, in its validation
def test_a_pause_at_any_moment_changes_nothing(new_run: NewRun, first: int) -> None:  # noqa: F811
    whole, broken = new_run("training.epochs=3"), new_run("training.epochs=3")
    train(whole)
    ended = train(broken, EndsAfter(broken, first, "pause"))
    assert ended.kind == "paused"
    assert ended.text.startswith("after batch")
    assert '"name":"pausing"' in broken.events.read_text()
    assert train(broken).kind == "finished"
    assert curve(broken) == pytest.approx(curve(whole), abs=1e-6)
    assert len(curve(whole)) == 3
    for mine, undisturbed in zip(weights(broken), weights(whole), strict=True):
        np.testing.assert_allclose(mine, undisturbed, atol=1e-5)


def test_an_abort_saves_nothing(new_run: NewRun) -> None:  # noqa: F811
    run = new_run()
    ended = train(run, EndsAfter(run, 3, "abort"))
    assert (ended.kind, ended.text) == ("stopped", "aborted after batch 2 of epoch 1, nothing saved")
    assert not list(run.checkpoints.iterdir())


def test_a_rate_and_a_checkpoint_survive_a_worker_that_is_lost(new_run: NewRun) -> None:  # noqa: F811
    steered, lost = new_run("training.schedule=constant"), new_run("training.schedule=constant")
    train(steered, Script(steered, {}, {3: RATE}))
    now = Request("c", "checkpoint", "taken", 0.0)
    script = EndsAfter(lost, 6, "abort", {2: now, 3: RATE})
    train(lost, script)
    assert script.answers == [("checkpoint", ""), ("rate", "")]
    assert [path.name for path in lost.checkpoints.iterdir()] == ["00000-000001.npz"]
    train(lost)  # from before the change, which is made again
    assert curve(lost) == pytest.approx(curve(steered), abs=1e-6)
    assert [event["to"] for event in events(lost, "rate")] == [pytest.approx(0.003)] * 2
    [(place, _, after)] = Follower(lost).poll().rate_changes
    assert 0 < place < 1
    assert after == pytest.approx(0.003)


def test_a_finished_run_learns_on_with_a_rate_that_falls_once_more(new_run: NewRun) -> None:  # noqa: F811
    run = new_run("training.epochs=3", "training.learning_rate=0.01")
    train(run)
    before = curve(run)
    record(run, added(run.settings().training, 3, 2))
    ended = train(run)
    assert (ended.kind, ended.epoch) == ("finished", 5)
    assert curve(run)[:3] == before
    rates = [event["learning_rate"] for event in events(run, "epoch")]
    assert rates[2:] == pytest.approx([0.0, 0.0005, 0.0], abs=1e-6)
    assert events(run, "started")[-1]["epochs"] == 5
    assert len(run.history.read_text().splitlines()) == 6


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_a_run_begins_with_the_weights_of_another(
    new_run: NewRun,  # noqa: F811
    bench: Bench,  # noqa: F811
    tmp_path: Path,
    checkpoint: str,
) -> None:
    old = new_run("training.epochs=2", "training.learning_rate=0.01")
    train(old)
    still = ("training.epochs=1", "training.learning_rate=1e-12", "training.optimizer=sgd")
    settings = bench.settings("fast", [*SMALL, *still])
    child = prepare_run(bench, settings, parent=find_parent(old, checkpoint))
    for path in (old.model, *old.checkpoints.iterdir()):
        path.unlink()  # it needs nothing but its own folder
    described: dict[str, Any] = json.loads(child.run_json.read_text())
    assert (described["parent"], described["start"]["checkpoint"]) == (old.name, checkpoint)
    train(child)
    notes = [event["text"] for event in events(child, "note")]
    [begun] = [note for note in notes if note.startswith("begins with")]
    assert "anew" not in begun
    trained = curve(child)[0]
    assert trained < curve(old)[0], "it knows what the other has learnt"
    assert Predictor(child).schema == bench.schema
