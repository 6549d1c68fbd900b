"""A real range test, small: what its process prints, and that it trains on the rates of the test."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.engine.test_learning_rates import SCHEMA, SMALL, a_batch, a_table
from tests.engine.test_start import answer
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.training import rate_worker
from workbench.training.learner import Learner
from workbench.training.rate_finder import write_request
from workbench.training.rate_range import RangeTest, for_range_test, result_of, run_range_test
from workbench.training.start import divided_table


def test_each_step_is_trained_on_its_rate_whatever_the_schedule() -> None:
    settings = for_range_test(load_settings(None, [*SMALL, "training.schedule=one_cycle"]))
    learner, test = Learner(settings, SCHEMA, a_table(), 4), RangeTest(1e-4, 10.0, 30)
    seen: list[float] = []
    run_range_test(
        learner, (a_batch() for _ in range(99)), test, lambda _: seen.append(learner.learning_rate)
    )
    assert seen == pytest.approx(test.rates)
    assert test.blown_up or len(test.losses) == 30
    found = result_of(test)
    assert found.suggestion is not None, "eight pictures are learned by heart"
    assert 1e-4 < found.suggestion < 1.0


@pytest.fixture
def asked(make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench with one head, and the command line of a test on it."""
    for name in ("TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):  # which the process sets for itself
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    (tmp_path / "one.toml").write_text(
        'name = "one"\n[[heads]]\nname = "glasses"\nclasses = ["none", "some"]\n'
    )
    bench = make_bench(24, tmp_path / "one.toml")
    answer(bench)
    settings = bench.settings("fast", [*SMALL, "training.batch_size=8", "hardware.device=cpu"])
    table = divided_table(bench, settings)
    write_request(tmp_path, bench, settings, table, RangeTest(1e-5, 1e-4, 7))
    monkeypatch.setattr(sys, "argv", ["rate_worker", str(tmp_path)])
    return bench


def test_the_process_tells_of_pictures_and_of_each_step(
    asked: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here within this process, which has loaded TensorFlow already."""
    capsys.readouterr()
    assert rate_worker.main() == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told[0]["type"] == "pictures"
    assert told[0]["total"] == 24
    steps = [one["loss"] for one in told if one["type"] == "step"]
    assert len(steps) == 7, "more than an epoch has batches"
    assert told.index({"type": "ready"}) < len(told) - 7
    assert os.environ["TF_NUM_INTEROP_THREADS"] == "1", "the same curve each time, as in a run"
    assert not asked.runs_dir.exists()


def test_a_bench_whose_pictures_are_gone_is_told_as_what_was_asked_wrongly(
    asked: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.images_root.rename(asked.images_root.with_name("away"))
    capsys.readouterr()
    assert rate_worker.main() == 2
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["type"], said["code"]) == ("error", 2)
