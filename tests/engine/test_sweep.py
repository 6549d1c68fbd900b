"""A trial and its run: trained once for real; else followed, given up and taken up from a run's own files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.engine.test_start import answer
from tests.unit.training.conftest import phase, worker_on, write
from workbench.bench import Bench
from workbench.errors import Cancelled, ConfigError
from workbench.sweep.begin import begin
from workbench.sweep.place import place_of
from workbench.sweep.reading import result_of
from workbench.sweep.study import Study
from workbench.sweep.sweep import Sweep
from workbench.sweep.trial import ActiveTrial, take_up
from workbench.training.control import requests
from workbench.training.run import RunFolder, run_folders
from workbench.training.start import prepare_run
from workbench.training.state import RunState

SMALL = ["dataset.size=32", "model.width=4", "model.depth=2", "model.dense=8", "training.batch_size=16"]
SPACE = """
sampler = "random"
metric = "val_glasses_macro_f1"
[settings.training]
epochs = 10
[parameters.training]
learning_rate = { low = 1e-3, high = 0.1, log = true }
"""


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Forty labelled pictures."""
    made = make_bench(40)
    answer(made)
    return made


@pytest.fixture
def study(bench: Bench, tmp_path: Path) -> Iterator[Study]:
    """A study of one learning rate, judged by one head."""
    (tmp_path / "rates.toml").write_text(SPACE)
    found = begin(bench, place_of(bench, "rates"), "rates", str(tmp_path / "rates.toml"))
    yield found
    found.close()


def epoch(number: int, value: float | None) -> dict[str, object]:
    """An event of an epoch with the study's metric."""
    figures = {"loss": 1.0, "heads": {"glasses": {"loss": 1.0, "macro_f1": value}}}
    return {"type": "epoch", "epoch": number, "epochs": 10, "train": figures, "validation": figures}


def made_run(bench: Bench, study: Study, number: int) -> RunFolder:
    """The run of a trial, as a start that was killed leaves it: its name is not noted yet."""
    about = {"name": "rates", "trial": number, "id": study.plan.id}
    run = prepare_run(bench, bench.settings("fast"), study=about)
    run.log.touch()
    write(run, phase("training"))
    return run


def taken_up(bench: Bench, study: Study, run: RunFolder, told: list[str]) -> ActiveTrial:
    """The trial on its run; no worker is started, as the run is alive or has ended."""
    trial = next((one for one in study.unfinished()), None) or study.claim(100)
    assert trial is not None
    active = take_up(bench, study, trial, told.append, lambda *at: None)
    assert active is not None
    assert active.run == run
    return active


def test_a_trial_is_a_real_run_of_the_bench(bench: Bench) -> None:
    place = place_of(bench, "optimisers")
    overrides = [*SMALL, "training.epochs=1"]
    study = begin(bench, place, "optimisers", overrides=overrides)
    told: list[str] = []
    Sweep(bench, study, wanted=1, jobs=1, tell=told.append, check=lambda: None, poll_seconds=0.05).go()
    [run] = run_folders(bench.runs_dir)
    assert run.state() is RunState.FINISHED
    assert run.evaluation.exists()
    assert run.settings().training.checkpoint_metric == "val_macro_f1"
    first = result_of(bench, study).trials[0]
    assert (first.state, first.run, first.epochs) == ("complete", run.name, 1)
    assert first.values == {"training.optimizer": "sgd", "training.learning_rate": 0.1}
    events = map(json.loads, run.events.read_text().splitlines())
    [value] = [event["validation"]["macro_f1"] for event in events if event["type"] == "epoch"]
    assert first.best == pytest.approx(value)
    assert first.images_per_second
    study.close()


def test_a_run_that_ended_while_nobody_looked_is_read_to_its_end(bench: Bench, study: Study) -> None:
    run, told = made_run(bench, study, 0), list[str]()
    write(run, *(epoch(number, number / 20) for number in range(1, 11)))
    write(run, {"type": "finished", "text": "all epochs done", "epoch": 10, "best_epoch": 10})
    assert taken_up(bench, study, run, told).look()
    [row] = result_of(bench, study).trials
    assert (row.state, row.best, row.best_epoch, row.epochs) == ("complete", 0.5, 10, 10)
    assert told[-1] == "trial 0  complete  best val_glasses_macro_f1 0.5"


def test_a_poor_trial_is_asked_to_stop_once_and_marked_as_given_up(bench: Bench, study: Study) -> None:
    for _ in range(4):
        good = study.claim(100)
        assert good is not None
        for number in range(1, 11):
            good.report(number, 0.8)
        good.end("complete", 0.8)
    run, told = made_run(bench, study, 4), list[str]()
    with worker_on(run):
        active = taken_up(bench, study, run, told)
        write(run, epoch(1, 0.1), epoch(2, 0.2), epoch(3, 0.1))
        assert not active.look()
        assert not active.look()
        [request] = requests(run)
        assert (request.action, request.stage) == ("stop", "asked")
    write(run, {"type": "stopped", "text": "", "epoch": 3, "best_epoch": 2})
    # A kill comes here: the next start must not go on with what was given up.
    again = taken_up(bench, study, run, told)
    assert again.look()
    row = result_of(bench, study).trials[4]
    assert (row.state, row.best, row.epochs) == ("pruned", 0.2, 3)
    assert "trial 4  worse than half of the others at epoch 2: given up" in told


def test_an_epoch_is_reported_once_though_a_worker_goes_back_to_its_checkpoint(
    bench: Bench, study: Study
) -> None:
    run, told = made_run(bench, study, 0), list[str]()
    with worker_on(run):
        active = taken_up(bench, study, run, told)
        write(run, epoch(1, 0.1), epoch(2, 0.2))
        active.look()
        write(run, {"type": "started", "epochs": 10, "batches": 4, "resumed_epoch": 1, "resumed_batch": 0})
        write(run, epoch(2, 0.2), epoch(3, 0.3))
        active.look()
    assert [line.split("  ")[1] for line in told[1:]] == ["epoch 1/10", "epoch 2/10", "epoch 3/10"]
    assert result_of(bench, study).trials[0].epochs == 3


def test_a_run_that_somebody_paused_is_waited_for(bench: Bench, study: Study) -> None:
    run, told = made_run(bench, study, 0), list[str]()
    with worker_on(run):
        active = taken_up(bench, study, run, told)
        write(run, epoch(1, 0.1))
    write(run, phase("paused"))
    assert run.state() is RunState.PAUSED
    assert not active.look()
    assert not active.look()
    assert sum("is paused; it is waited for" in line for line in told) == 1
    active.interrupt()
    assert active.look(), "but not by somebody who wants to leave"
    assert result_of(bench, study).trials[0].state == "interrupted"


def test_a_second_ctrl_c_does_not_say_that_the_run_has_stopped(bench: Bench, study: Study) -> None:
    assert study.claim(1)
    run, told = made_run(bench, study, 0), list[str]()

    def pressed() -> None:
        if told:  # it is at work
            raise KeyboardInterrupt

    sweep = Sweep(bench, study, wanted=1, jobs=1, tell=told.append, check=pressed, poll_seconds=0.01)
    with worker_on(run), pytest.raises(Cancelled, match=rf"{run.name} asked to stop and save; the same"):
        sweep.go()
    assert [one.action for one in requests(run)] == ["stop"]
    assert told[-1] == "not waited for: the runs stop by themselves"


@pytest.mark.parametrize(
    ("end", "state", "cause"),
    [
        ({"type": "failed", "cause": "the disk is full"}, "failed", "the disk is full"),
        ({"type": "stopped", "text": "", "epoch": 1}, "pruned", "stopped by hand"),
        ({"type": "finished", "text": "", "epoch": 1}, "failed", "val_glasses_macro_f1 was never a number"),
    ],
)
def test_every_end_of_a_run_is_an_end_of_its_trial(
    bench: Bench, study: Study, end: dict[str, object], state: str, cause: str
) -> None:
    run = made_run(bench, study, 0)
    with worker_on(run):
        active = taken_up(bench, study, run, [])
    write(run, epoch(1, None), end)
    assert active.look()
    [row] = result_of(bench, study).trials
    assert (row.state, row.cause) == (state, cause)


def test_settings_that_cannot_be_together_fail_their_trial_or_the_grid(bench: Bench, tmp_path: Path) -> None:
    """Each of them alone is valid: blocks that halve the picture, and small pictures."""
    path, place = tmp_path / "sizes.toml", place_of(bench, "sizes")
    path.write_text("sampler = 'grid'\n[parameters]\nmodel.depth = [6]\ndataset.size = [32]\n")
    with pytest.raises(ConfigError, match="32"):
        begin(bench, place, "sizes", str(path))
    path.write_text(path.read_text().replace("grid", "random"))
    study = begin(bench, place, "sizes", str(path))
    trial, told = study.claim(1), list[str]()
    assert trial is not None
    assert take_up(bench, study, trial, told.append, lambda *at: None) is None
    [row] = result_of(bench, study).trials
    assert (row.state, row.run) == ("failed", "")
    assert "32" in row.cause
    assert told[0].startswith("trial 0  depth 6, size 32  failed: ")
    study.close()
