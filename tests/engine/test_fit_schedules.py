"""Real trainings whose rate falls at a plateau, is changed, or whose weights are averaged; broken off too."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from tests.benches import one_head_bench
from tests.engine.test_fit import SMALL, events, history
from workbench.bench import Bench
from workbench.errors import RunError
from workbench.training.checkpoint_file import read_checkpoint
from workbench.training.events import EventLog
from workbench.training.fit import Ended, fit
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run
from workbench.training.validation import Validation

NewRun = Callable[..., RunFolder]
CONSTANT = ("training.schedule=constant", "training.learning_rate=0.01")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Forty pictures with one head, whose network is compiled in no time."""
    return one_head_bench(tmp_path_factory.mktemp("schedules"))


@pytest.fixture(scope="module")
def new_run(bench: Bench) -> NewRun:
    """A function that prepares a small run."""
    return lambda *overrides: prepare_run(bench, bench.settings("fast", [*SMALL, *overrides]), preset="fast")


def train(run: RunFolder, broken_off_after: int = 10**9) -> Ended:
    """Train to the end, or until two batches after so many epochs."""
    looked = 0

    def stop_asked() -> bool:
        nonlocal looked
        looked += run.history.exists() and len(history(run)) >= broken_off_after
        return looked > 2

    with EventLog(run.events) as log:
        return fit(run, log, stop_asked)


def checkpoint(run: RunFolder, epoch: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the checkpoint at the end of an epoch holds: states, and arrays by name."""
    described, arrays = read_checkpoint(run.checkpoints / f"{epoch:05d}-000000.npz")
    names = [path for path, *_ in described["variables"]]
    values = [arrays[f"v{index:04d}"] for index in range(len(names))]
    return described["states"], {**arrays, **dict(zip(names, values, strict=True))}


def rates(run: RunFolder) -> list[float]:
    return [float(row["learning_rate"]) for row in history(run)]


def notes(run: RunFolder, word: str) -> list[str]:
    return [event["text"] for event in events(run, "note") if word in event["text"]]


def test_a_plateau_lowers_the_rate_and_says_why_also_after_a_restart(new_run: NewRun) -> None:
    how = ("training.schedule=plateau", "training.plateau.patience=2", "training.plateau.factor=0.5")
    run = new_run(*how, "training.plateau.minimum_change=100", "training.epochs=5", CONSTANT[1])
    stopped = train(run, broken_off_after=2)
    assert stopped.epoch == 2, "half of its patience is gone"
    train(run)
    assert rates(run) == [0.01, 0.01, 0.01, 0.005, 0.005]
    said = notes(run, "learning rate")
    assert [line.rpartition(": ")[2] for line in said] == [
        "the learning rate falls to 0.005",
        "the learning rate falls to 0.0025",
    ]
    assert said[0].startswith("val_loss did not improve on ")


def test_the_mean_of_the_late_epochs_is_what_is_kept_also_after_a_restart(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(
        *CONSTANT, "training.swa_from=0.4", "training.epochs=3", "training.checkpoint_metric=loss"
    )  # the mean is of two epochs; the training loss is best at the end
    stopped = train(run, broken_off_after=2)
    assert stopped.epoch == 2, "one epoch is in the mean"
    with (
        monkeypatch.context() as patched,
        EventLog(run.events) as log,
    ):  # before the network is asked anything
        patched.setattr(Validation, "figures", lambda *_: pytest.fail("the statistics were not broken off"))
        stopped = fit(run, log, lambda: events(run, "phase")[-1]["name"] == "validating")
    assert (stopped.kind, stopped.text, stopped.epoch) == ("stopped", "after batch 4 of epoch 3", 2)
    train(run)
    (_, second), (states, third) = checkpoint(run, 2), checkpoint(run, 3)
    assert states["average"]["count"] == 2
    means = [third[name] for name in sorted(third) if name.startswith("average/")]
    kept = keras.saving.load_model(run.model, compile=False)
    assert events(run, "epoch")[-1]["best_epoch"] == 3
    assert len(means) == len(kept.trainable_variables)
    for weight, mean in zip(kept.trainable_variables, means, strict=True):
        np.testing.assert_allclose(weight.numpy(), mean, rtol=1e-6)
        np.testing.assert_allclose(mean, (second[weight.path] + third[weight.path]) / 2, rtol=1e-4, atol=1e-6)
    moving = {variable.path: variable.numpy() for variable in kept.non_trainable_variables}
    name = next(path for path in moving if path.endswith("/moving_mean"))
    assert not np.allclose(moving[name], third[name], rtol=1e-3), "statistics are the mean's own"


def test_an_absurd_rate_is_said_in_the_log_before_it_does_what_it_must(new_run: NewRun) -> None:
    run = new_run("training.learning_rate=1e9", "training.epochs=1")
    with pytest.raises(RunError, match=r"diverged.* train again with training.learning_rate below 1e\+09"):
        train(run)
    assert notes(run, "absurdly large for adamw")
