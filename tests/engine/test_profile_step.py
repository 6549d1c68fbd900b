"""A step of a real training taken apart; what is measured leaves the training as it is."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.benches import one_head_bench
from tests.engine.test_fit import SMALL, events, weights
from workbench.bench import Bench
from workbench.dataset.table import Table
from workbench.training import profile
from workbench.training.events import EventLog
from workbench.training.fit import fit
from workbench.training.learner import Learner
from workbench.training.profile import UNPROFILED, Profile, Unprofiled
from workbench.training.profile_step import take_apart
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run

NewRun = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Forty pictures with one head, whose network is compiled in no time."""
    return one_head_bench(tmp_path_factory.mktemp("profiles"))


@pytest.fixture(scope="module")
def new_run(bench: Bench) -> NewRun:
    """A function that prepares a small run of two epochs."""
    return lambda *more: prepare_run(bench, bench.settings("fast", [*SMALL, "training.epochs=2", *more]))


def train(run: RunFolder, measured: Unprofiled) -> RunFolder:
    """Train to the end."""
    with EventLog(run.events) as log:
        fit(run, log, lambda: False, profile=measured)
    return run


def test_every_part_is_measured_and_the_training_is_the_same(new_run: NewRun) -> None:
    mixed = ("training.mixing.mixup=0.2", "augment.flip.probability=0.5")
    measured = Profile()
    run = train(new_run(*mixed), measured)
    plain = train(new_run(*mixed), UNPROFILED)
    for one, other in zip(weights(run), weights(plain), strict=True):
        np.testing.assert_array_equal(one, other)
    found = measured.report()
    steps = events(run, "started")[0]["batches"] * 2
    assert found.times["step"] + found.times["first_steps"] == found.times["waiting"] - 2 == steps
    assert found.pictures == 2 * events(run, "started")[0]["pictures"]
    assert found.batch == 8
    assert found.times["saving"] >= 3, "two checkpoints, and the best network"
    assert set(profile.BESIDE) <= set(found.seconds)
    assert list(found.of_a_step) == list(profile.OF_A_STEP)
    assert min(found.of_a_step[part] for part in ("copy", "forward", "optimiser")) > 0
    assert sum(found.of_the_steps.values()) == pytest.approx(found.seconds["step"])


def untrained(run: RunFolder) -> Learner:
    """A run's network, with nothing to save."""
    return Learner(run.settings(), run.schema(), Table.load(run.data, run.schema()), 4)


def test_the_network_that_was_written_for_a_processor_is_taken_apart_too(
    new_run: NewRun, tmp_path: Path
) -> None:
    measured, learner = Profile(), untrained(new_run("model.architecture=reference"))
    measured.batch = np.zeros((4, 32, 32, 3), np.uint8), {"glasses": np.zeros(4, np.int32)}
    with EventLog(tmp_path / "events.jsonl") as log:
        take_apart(measured, learner, log, lambda: False)
    assert list(measured.of_a_step) == list(profile.OF_A_STEP)
    assert measured.of_a_step["forward"] > 0


@pytest.mark.parametrize(
    ("size", "asked", "said"),
    [
        (17, False, "the step could not be taken apart: ValueError; see the log"),
        (32, True, "the step was not taken apart: asked to end"),
    ],
)
def test_what_goes_wrong_with_it_or_ends_it_is_a_note_and_no_failure(
    new_run: NewRun, tmp_path: Path, size: int, asked: bool, said: str
) -> None:
    measured, learner = Profile(), untrained(new_run())
    measured.batch = np.zeros((2, size, size, 3), np.uint8), {"glasses": np.zeros(2, np.int32)}
    with EventLog(tmp_path / "events.jsonl") as log:
        take_apart(measured, learner, log, lambda: asked)
    phase, note = map(json.loads, (tmp_path / "events.jsonl").read_text().splitlines())
    assert (phase["name"], note["text"]) == ("profiling", said)
    assert measured.report().of_a_step == {}
    assert measured.report().times == {"profiling": 1}
