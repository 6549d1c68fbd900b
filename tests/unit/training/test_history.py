"""history.csv: one row an epoch, whatever happened before."""

import csv
import math
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.schema import Schema
from workbench.training.history import History
from workbench.training.metric_names import metric_names


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, schema: Schema, epochs: int, keep: int = 0, first: int = 1) -> History:
    history = History(path, schema, keep)
    for epoch in range(first, epochs + 1):
        history.add(epoch, 1.5, 0.002, {"val_loss": 1 / epoch, "loss": 2 / epoch})
    return history


def test_an_epoch_is_a_row_with_every_metric_as_a_column(path: Path, face_schema: Schema) -> None:
    History(path, face_schema).add(1, 12.3456789, 0.002, {"loss": 1 / 3, "val_glasses_accuracy": 0.5})
    [row] = rows(path)
    assert (row["epoch"], row["seconds"], row["learning_rate"]) == ("1", "12.3457", "0.002")
    assert (row["loss"], row["val_glasses_accuracy"], row["accuracy"]) == ("0.333333", "0.5", "")
    assert set(row) == {"epoch", "seconds", "learning_rate", *metric_names(face_schema)}
    columns = list(row)
    assert columns.index("hair_top_loss") < columns.index("val_loss"), "training stands before validation"


def test_what_is_no_number_is_an_empty_cell(path: Path, face_schema: Schema) -> None:
    History(path, face_schema).add(1, 1.0, 0.1, {"loss": math.nan, "of another version": 1.0})
    assert rows(path)[0]["loss"] == ""
    assert "of another version" not in rows(path)[0]


def test_epochs_that_are_done_again_stand_there_once(path: Path, face_schema: Schema) -> None:
    fill(path, face_schema, 5)
    fill(path, face_schema, 6, keep=3, first=4)
    assert [row["epoch"] for row in rows(path)] == ["1", "2", "3", "4", "5", "6"]
    assert rows(path)[2]["val_loss"] == "0.333333", "what was kept is kept to the digit"


def test_a_run_from_its_beginning_begins_anew(path: Path, face_schema: Schema) -> None:
    fill(path, face_schema, 3)
    fill(path, face_schema, 1)
    assert [row["epoch"] for row in rows(path)] == ["1"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"\xff\xfe\xff", b"a,b\n1,2\n", b"epoch,loss\nfirst,1\n,2\n\xc2\xb2,3\n2,", b'epoch\n"1', b"\0"],
)
def test_a_damaged_file_costs_its_rows_and_nothing_else(
    path: Path, face_schema: Schema, damage: bytes
) -> None:
    path.write_bytes(damage)
    fill(path, face_schema, 3, keep=1, first=2)
    assert [row["epoch"] for row in rows(path)][-2:] == ["2", "3"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, face_schema: Schema) -> None:
    with pytest.raises(WorkbenchError, match="no such folder"):
        fill(tmp_path / "gone" / "history.csv", face_schema, 1)
