"""Somebody's file of suggestions: taken row by row, each refused row with its reason, or refused whole."""

import csv
from pathlib import Path

import pytest

from tests.store.conftest import fingerprint, pictures
from workbench.annotation.suggestion_import import SuggestionPlan, plan_suggestions
from workbench.errors import ImportRefused
from workbench.schema import Schema

ROOT = Path("/pictures")


def plan(tmp_path: Path, schema: Schema, text: str, count: int = 4) -> SuggestionPlan:
    """The file with this text, on a bench of a few pictures."""
    path = tmp_path / "said.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return plan_suggestions(path, schema, pictures(count), ROOT, "now")


def test_names_codes_and_empty_cells_are_understood(tmp_path: Path, face_schema: Schema) -> None:
    text = (
        "file_name,glasses,glasses_probability,hair_colour,hair_colour_probability,note\n"
        "0000.jpg,normal,0.91,,,x\n"
        "/pictures/0001.jpg,2,1,3,0.5,\n"
        "0002.jpg,,,,,\n"
    )
    found = plan(tmp_path, face_schema, text)
    assert [(row.fingerprint, dict(row.answers)) for row in found.accepted] == [
        (fingerprint("0000.jpg"), {"glasses": ("normal", 0.91)}),
        (fingerprint("0001.jpg"), {"glasses": ("sunglasses", 1.0), "hair_colour": ("blond", 0.5)}),
    ]
    assert (found.rows, found.set_aside, found.heads) == (3, 1, ("glasses", "hair_colour"))
    assert found.accepted[0].source == "said.csv"


def test_each_refused_row_says_why(tmp_path: Path, face_schema: Schema) -> None:
    text = (
        "file_name,glasses,glasses_probability\n"
        "0000.jpg,normal,0.9\n"
        "nobody.jpg,normal,0.9\n"
        "0001.jpg,monocle,0.9\n"
        "0001.jpg,normal,1.9\n"
        "0001.jpg,normal,\n"
        "0001.jpg,-1,0.5\n"
        "0001.jpg,normal\n"
        "0000.jpg,none,0.8\n"
        "0000.jpg,normal,0.9\n"
        "esc\x1b.jpg,none,0.8\n"
    )
    found = plan(tmp_path, face_schema, text)
    assert [one.row for one in found.refused] == [3, 4, 5, 6, 7, 8, 9, 11]
    words = found.as_text()
    for reason in ("no such picture", "no class 'monocle'", "'1.9'", "cannot tell", "cut off", "row 2 is of"):
        assert reason in words
    assert "esc\\e.jpg" in words
    assert all(one.reason and one.cure for one in found.refused)
    found.write_refused(tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open(newline="") as file:
        assert [row["row"] for row in csv.DictReader(file)] == ["3", "4", "5", "6", "7", "8", "9", "11"]
    assert found.to_dict()["pictures"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,glasses\na,b\n", "no column 'file_name'; expected file_name,wrinkles,wrinkles_probability"),
        ("file_name,nose,nose_probability\n0000.jpg,long,1\n", "of other heads than the bench's; heads: wr"),
        ("file_name,glasses\n0000.jpg,none\n", "no column 'glasses_probability'; add it"),
        ("file_name,glasses,glasses_probability\n0000.jpg,monocle,1\n", "none of the 1 rows can be taken"),
        ("", "no column 'file_name'"),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_line(
    tmp_path: Path, face_schema: Schema, text: str, message: str
) -> None:
    with pytest.raises(ImportRefused) as caught:
        plan(tmp_path, face_schema, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_many_refused_rows_are_cut_short(tmp_path: Path, face_schema: Schema) -> None:
    rows = "".join(f"nobody{index}.jpg,none,1\n" for index in range(30))
    found = plan(tmp_path, face_schema, f"file_name,glasses,glasses_probability\n0000.jpg,none,1\n{rows}")
    assert "and 10 more; --refused FILE writes them all" in found.as_text()
