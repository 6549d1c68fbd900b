"""`evaluation.json`: the contract of `evaluate --json`, and what happens to a file that is damaged or old."""

import json
from pathlib import Path

import pytest

from tests.unit.evaluation.conftest import evaluation
from workbench.errors import RunError
from workbench.evaluation.report import Evaluation, model_digest, read_evaluation, write_evaluation
from workbench.training.run import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run's folder with a file in the network's place."""
    (tmp_path / "0007-sgd").mkdir()
    found = RunFolder(tmp_path / "0007-sgd")
    found.model.write_bytes(b"network")
    return found


def of_this_network(run: RunFolder) -> Evaluation:
    """The evaluation as made with the run's network."""
    table = evaluation().to_dict()
    return Evaluation.from_dict({**table, "model": model_digest(run.model)})


def test_json_is_the_contract(evaluated: Evaluation) -> None:
    table = json.loads(json.dumps(evaluated.to_dict(), allow_nan=False))
    assert table["run"] == "0007-sgd"
    head = table["splits"]["test"]["heads"]["freckles"]
    assert {"n", "accuracy", "macro_f1", "majority"} <= set(head)
    assert table["splits"]["train"]["loss"] == 0.75
    assert head["classes"]["yes"] == {
        "support": 3,
        "predicted": 3,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(2 / 3),
        "reason": "",
    }
    assert head["confusion"] == [[6, 1, 0], [1, 2, 0], [0, 0, 0]]


def test_what_cannot_be_said_is_null_with_a_reason(evaluated: Evaluation) -> None:
    head = evaluated.to_dict()["splits"]["test"]["heads"]["glasses"]
    assert (head["n"], head["accuracy"], head["interval"]) == (0, None, None)
    assert head["reason"]


def test_it_comes_back_as_it_was(evaluated: Evaluation) -> None:
    assert Evaluation.from_dict(json.loads(json.dumps(evaluated.to_dict()))) == evaluated


def test_written_and_read_beside_the_run(run: RunFolder) -> None:
    assert read_evaluation(run) is None, "nothing was evaluated yet"
    write_evaluation(run, of_this_network(run))
    assert read_evaluation(run) == of_this_network(run)
    assert [path.name for path in run.root.iterdir() if path.name.startswith(".")] == []


def test_an_evaluation_of_an_older_network_does_not_count(run: RunFolder) -> None:
    write_evaluation(run, of_this_network(run))
    run.model.write_bytes(b"trained further")
    assert read_evaluation(run) is None


def test_an_evaluation_outlives_its_network(run: RunFolder) -> None:
    write_evaluation(run, of_this_network(run))
    run.model.unlink()
    assert read_evaluation(run) is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1}', '{"version": 99}', '{"version":1,"splits":{"test":3}}']
)
def test_a_damaged_file_says_what_to_do(run: RunFolder, text: str) -> None:
    run.evaluation.write_text(text)
    with pytest.raises(RunError, match="evaluate the run again"):
        read_evaluation(run)


def test_a_choice_of_splits(evaluated: Evaluation) -> None:
    assert list(evaluated.only(["test", "train"]).splits) == ["train", "test"]
    with pytest.raises(RunError, match="the test split was not evaluated"):
        evaluation("train").only(["test"])


def test_the_split_that_says_most_is_in_focus() -> None:
    assert evaluation().focus == "test"
    assert evaluation("train", "validation").focus == "validation"
    assert Evaluation("none", {}).focus == ""
    assert Evaluation("none", {}).head_names == ()
