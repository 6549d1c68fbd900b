"""A file of answers grows beside its place, and what was answered is not lost by an interruption."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.errors import Cancelled, WorkbenchError
from workbench.evaluation.answers import Prediction, collect
from workbench.evaluation.growing import growing
from workbench.schema import Schema


def test_rows_are_on_the_disk_before_the_last_one_is_known(tmp_path: Path, face_schema: Schema) -> None:
    """So that memory does not grow, and a kill loses one row at most."""
    out, seen = tmp_path / "out.csv", []

    def answers() -> Iterator[Prediction]:
        for number in range(50):
            if number:
                seen.append(len((tmp_path / "out.csv.part").read_text().splitlines()))
                assert not out.exists()
            yield Prediction(Path(f"{number}.jpg"), {"glasses": ("none", 0.5)})

    collect(answers(), 50, face_schema, out, None, None)
    assert seen == list(range(2, 51))  # the header is a line too
    assert len(out.read_text().splitlines()) == 51
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Cancelled("interrupted")])
def test_an_interruption_keeps_the_answers_and_says_where(
    tmp_path: Path, face_schema: Schema, stop: BaseException
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older")

    def tell(done: int, _total: int) -> None:
        if done == 3:
            raise stop

    many = (Prediction(Path(f"{number}.jpg"), {}, "" if number else "damaged") for number in range(9))
    with pytest.raises(Cancelled, match=r"interrupted after 3 of 9 pictures; .* are in .*out\.csv\.part$"):
        collect(many, 9, face_schema, out, None, tell)
    assert out.read_text() == "older"
    assert [row.partition(",")[0] for row in (tmp_path / "out.csv.part").read_text().splitlines()] == [
        "file_name",
        "0.jpg",
        "1.jpg",
        "2.jpg",
    ]
    collect([Prediction(Path("a.jpg"), {})], 1, face_schema, out, None, None)
    assert len(out.read_text().splitlines()) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"], "an older part is begun anew"


@pytest.mark.parametrize("stop", [OSError(errno.ENOSPC, "No space left on device"), ValueError("a bug")])
def test_any_other_failure_leaves_what_was_there(tmp_path: Path, stop: Exception) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older")
    wanted = WorkbenchError if isinstance(stop, OSError) else ValueError

    def half() -> None:
        with growing(out) as file:
            file.write("half")
            raise stop

    with pytest.raises(wanted, match=r"the disk is full|a bug"):
        half()
    assert out.read_text() == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(WorkbenchError, match="no such folder; create it first"),
        growing(tmp_path / "no" / "a"),
    ):
        pass
