"""The command `compare`: what differs between runs as text and as JSON; a line for what cannot be asked."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench
from tests.tui.run_folders import finished_run, new_run


@pytest.fixture
def bench(make_bench: MakeBench) -> Path:
    """A bench of two runs, of which the second one has another learning rate."""
    made = make_bench(1)
    _, second = finished_run(made), finished_run(made)
    described = json.loads(second.run_json.read_text())
    described["settings"]["training"]["learning_rate"] = 0.5
    second.run_json.write_text(json.dumps(described))
    return made.root


def test_only_what_differs_is_printed(workbench: Workbench, bench: Path) -> None:
    done = workbench("compare", bench, 1, "0002-fast")
    assert done.code == 0, done.err
    assert "training.learning_rate" in done.out
    assert "training.epochs" not in done.out
    assert "other settings are the same" in done.out
    assert "0002-fast: the same pictures, answers and splits as 0001-fast" in done.out


def test_json_is_one_document_with_a_value_a_run(workbench: Workbench, bench: Path) -> None:
    found = json.loads(workbench("compare", bench, 2, 1, "--json").out)
    assert [run["name"] for run in found["runs"]] == ["0002-fast", "0001-fast"]
    assert found["settings"]["training.learning_rate"][0] == 0.5
    assert found["equal_settings"] > 50
    assert found["data"][0]["same"]
    assert {"head", "figure", "split", "values", "differences", "verdicts"} == set(found["figures"][0])


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (["1"], "two to 6 runs can be compared; received 1"),
        (["1", "0001-fast"], "0001-fast: is named twice"),
        (["1", "9"], "no run is named '9'"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    workbench: Workbench, bench: Path, runs: list[str], words: str
) -> None:
    done = workbench("compare", bench, *runs)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1


def test_runs_without_an_epoch_say_so(workbench: Workbench, make_bench: MakeBench) -> None:
    made = make_bench(1)
    for _ in range(2):
        new_run(made)
    done = workbench("compare", made.root, 1, 2)
    assert done.code == 0
    assert "no run has finished an epoch" in done.out
