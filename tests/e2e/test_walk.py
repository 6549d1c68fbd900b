"""The main job end to end: drawn faces, labels, a real training in its own process, evaluation, prediction.

Small on purpose (60 faces of 48 pixels, 2 epochs): that the figures are good is what
`python -m tests.benchmarks.acceptance` shows.
"""

import csv
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL, Program, document


@pytest.fixture(scope="module")
def trained(program: Program) -> str:
    """The name of a run on drawn faces."""
    program("sample", "faces", "--count", 60, "--seed", 3)
    program("init", "bench", "--images", "faces")
    program("import", "bench", "faces/labels.csv", "--apply")
    done = document(program("train", "bench", "--config", "fast", *SMALL, "--profile", "--json"))
    assert done["state"] == "finished"
    assert done["epoch"] == 2
    return str(done["run"])


def test_the_evaluation_keeps_its_contract(program: Program, trained: str) -> None:
    table = document(program("evaluate", "bench", "--json"))
    assert table["run"] == trained
    assert set(table["splits"]) == {"train", "validation", "test"}
    heads = table["splits"]["test"]["heads"]
    assert list(heads) == ["wrinkles", "freckles", "glasses", "hair_colour", "hair_top"]
    for head in heads.values():
        assert {"n", "accuracy", "macro_f1", "majority"} <= set(head)
        assert head["n"] > 0
    assert table["splits"]["test"]["loss"] > 0
    one = document(program("evaluate", "bench", trained, "--split", "test", "--json"))
    assert set(one["splits"]) == {"test"}


def test_the_table_comes_as_text_csv_and_markdown(program: Program, trained: str) -> None:
    assert "hair_colour" in program("evaluate", "bench").stdout
    rows = list(csv.DictReader(program("evaluate", "bench", "--csv").stdout.splitlines()))
    assert {row["head"] for row in rows} >= {"wrinkles", "hair_top"}
    assert program("evaluate", "bench", "--markdown").stdout.startswith("|")


def test_an_evaluation_made_again_is_the_same(program: Program, trained: str) -> None:
    stored = document(program("evaluate", "bench", trained, "--json"))
    again = document(program("evaluate", "bench", trained, "--again", "--json"))
    for split, result in stored["splits"].items():
        for head, figures in result["heads"].items():
            other = again["splits"][split]["heads"][head]
            assert (other["n"], other["accuracy"]) == (figures["n"], pytest.approx(figures["accuracy"]))


def test_runs_and_monitor_tell_the_same_story(program: Program, trained: str) -> None:
    listed = document(program("runs", "bench", "--json"))
    assert [(run["name"], run["state"]) for run in listed] == [(trained, "finished")]
    seen = document(program("monitor", "bench", trained, "--json"))
    assert (seen["run"], seen["state"]) == (trained, "finished")
    assert "finished" in program("monitor", "bench", "--plain").stdout


def test_where_its_time_went_is_told_of_the_real_worker(program: Program, trained: str) -> None:
    found = document(program("monitor", "bench", trained, "--json"))["profile"]
    parts, alone = found["seconds"], found["of_a_step"]
    assert {"starting", "data", "building", "waiting", "step", "saving", "reading", "evaluating"} <= set(
        parts
    )
    own = [seconds for part, seconds in parts.items() if part not in ("reading", "augmenting", "moving")]
    assert 0.8 * found["whole"] < sum(own) <= found["whole"] * 1.0001, "hardly anything is not accounted for"
    assert list(alone) == ["copy", "forward", "backward", "optimiser", "python"]
    assert alone["forward"] > 0
    assert found["advice"].startswith("too short to tell: ")


def test_a_finished_run_cannot_be_stopped(program: Program, trained: str) -> None:
    assert "finished already" in program("stop", "bench", trained, code=2).stderr


def test_predictions_with_overlays(program: Program, folder: Path, trained: str) -> None:
    (folder / "new").mkdir(exist_ok=True)
    (folder / "new" / "broken.jpg").write_bytes(b"no picture")
    done = program(
        "predict", "bench", trained, "faces/face_00001.jpg", "new", "-o", "out.csv", "--overlay", "drawn"
    )
    rows = list(csv.DictReader((folder / "out.csv").read_text().splitlines()))
    assert len([row for row in rows if row["hair_colour"]]) == 1
    assert "broken.jpg" in done.stderr
    assert len(list((folder / "drawn").iterdir())) == 1


def test_the_run_can_be_read_without_us(folder: Path, trained: str) -> None:
    run = folder / "bench" / "runs" / trained
    rows = list(csv.DictReader((run / "history.csv").read_text().splitlines()))
    assert len(rows) == 2
    assert {"run.json", "events.jsonl", "worker.log", "model.keras", "evaluation.json"} <= {
        path.name for path in run.iterdir()
    }


def test_training_without_labels_says_what_would_help(program: Program) -> None:
    program("init", "unlabelled", "--images", "faces")
    error = program("train", "unlabelled", code=2).stderr.strip().splitlines()[-1]
    assert "label" in error


def test_a_head_with_one_class_only_is_named(program: Program, folder: Path) -> None:
    program("init", "lopsided", "--images", "faces")
    rows = list(csv.reader((folder / "faces" / "labels.csv").read_text().splitlines()))
    column = rows[0].index("freckles")
    for row in rows[1:]:
        row[column] = "0" if row[column] else ""
    with (folder / "lopsided.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    program("import", "lopsided", "lopsided.csv", "--apply")
    assert "freckles" in program("train", "lopsided", code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "training.early_stopping.metric=val_los"], "val_loss"),
        (["--config", "fats"], "did you mean 'fast'"),
        (["--set", "model.architecture=trunck"], "trunk"),
    ],
)
def test_wrong_settings_are_refused_before_the_worker_starts(
    program: Program, folder: Path, trained: str, arguments: list[str], message: str
) -> None:
    before = len(list((folder / "bench" / "runs").iterdir()))
    assert message in program("train", "bench", *arguments, code=2).stderr
    assert len(list((folder / "bench" / "runs").iterdir())) == before
