"""Our own CSV: exact there and back, harmless in a spreadsheet, every mistake of a foreign one named."""

import csv
import io
import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.conftest import fingerprint, picture
from workbench.annotation.formats import cells, detect, own_csv
from workbench.annotation.formats.base import Labelled, ParsedFile, SourceFile
from workbench.annotation.labels import Answer, PictureLabels, Special
from workbench.errors import ImportRefused
from workbench.images.catalog import Picture
from workbench.schema import Schema

HEADER = "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human\n"
HERE = Path("labels.csv")
ODD_NAMES = [
    "=1+1.jpg",
    '=HYPERLINK("http://x","y").jpg',
    "+1.jpg",
    "-1",
    "@SUM(A1).jpg",
    "\ttab.jpg",
    "\rcr.jpg",
    "\nnew\nline\r\n.jpg",
    "'quoted.jpg",
    "''twice",
    "'=both",
    "'b:%41.jpg",
    "'",
    "＝full width.jpg",
    'say "cheese".jpg',
    "a,b;c\td|e.jpg",
    " blanks .jpg",
    "caf\udce9.jpg",
    "=\udcff%\n.jpg",
    "家/\u202ergp.jpg",
    "[bold]x[/bold].jpg",
]


def source(text: str | bytes) -> SourceFile:
    """A file with this in it."""
    return SourceFile(HERE, text if isinstance(text, bytes) else text.encode())


def read(text: str | bytes, schema: Schema) -> ParsedFile:
    """What the reader makes of it."""
    return own_csv.read(source(text), schema, {})


def written(
    pictures: list[Picture], labels: dict[str, PictureLabels], schema: Schema, names: bool = False
) -> str:
    """What the writer makes of it."""
    return own_csv.write(Labelled(pictures, labels, schema, names))


def test_the_file_is_as_the_format_says(face_schema: Schema) -> None:
    labels = {
        fingerprint("b.jpg"): PictureLabels({"glasses": "normal", "hair_top": Special.CANNOT_TELL}),
        fingerprint("c.jpg"): PictureLabels({}, excluded=True),
    }
    made = [picture(name) for name in ("c.jpg", "a.jpg", "b.jpg")]
    assert written(made, labels, face_schema) == (
        HEADER + "a.jpg,,,,,,\n" + "b.jpg,,,1,,-1,0\n" + "c.jpg,,,,,,1\n"
    )
    assert "b.jpg,,,normal,,-1,0\n" in written(made, labels, face_schema, names=True)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_survive_and_are_harmless(name: str, face_schema: Schema) -> None:
    text = written([picture(name)], {fingerprint(name): PictureLabels({"glasses": "none"})}, face_schema)
    raw = text.encode("utf-8")  # also for pandas: always valid UTF-8
    (row,) = read(raw, face_schema).rows
    assert row.name == name
    for delimiter in ",;\t":  # whatever a spreadsheet takes for the delimiter
        for found in csv.reader(io.StringIO(text.split("\n", 1)[1], newline=""), delimiter=delimiter):
            assert not any(re.match(r"[=+@\t\r]|-(?!1$)", cell) for cell in found)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=4, unique=True), data=st.data())
def test_any_names_and_answers_round_trip(raw: list[bytes], data: st.DataObject, face_schema: Schema) -> None:
    names = [os.fsdecode(one.replace(b"\0", b"0").replace(b"/", b"=")) for one in raw]
    made = [picture(name) for name in dict.fromkeys(names)]
    labels = {}
    for one in made:
        answers: dict[str, Answer] = {}
        for head in face_schema.heads:
            options = [None, Special.CANNOT_TELL, *(each.name for each in head.classes)]
            if (chosen := data.draw(st.sampled_from(options))) is not None:
                answers[head.name] = chosen
        labels[one.fingerprint] = PictureLabels(answers, excluded=data.draw(st.booleans()))
    text = written(made, labels, face_schema, data.draw(st.booleans()))
    parsed = read(text.encode(), face_schema)
    assert parsed.refused == []
    assert [row.name for row in parsed.rows] == sorted(one.name for one in made)
    for row in parsed.rows:
        assert row.answers == labels[fingerprint(row.name)].answers
        assert bool(row.excluded) == labels[fingerprint(row.name)].excluded


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=12))
def test_any_text_survives_protection(text: str) -> None:
    assert cells.unprotect(cells.protect(text)) == text


def test_class_names_that_look_like_codes_or_formulas_survive() -> None:
    table = {
        "name": "odd",
        "heads": [{"name": "h", "classes": ["1", "0", "-1", "=x", "'y", "cannot_tell", "?"]}],
    }
    schema = Schema.from_dict(table)
    made = [picture(f"{index}.jpg") for index in range(7)]
    labels = {
        one.fingerprint: PictureLabels({"h": each.name})
        for one, each in zip(made, schema.heads[0].classes, strict=True)
    }
    for class_names in (False, True):
        parsed = read(written(made, labels, schema, class_names), schema)
        assert [row.answers["h"] for row in parsed.rows] == [each.name for each in schema.heads[0].classes]


def test_codes_names_and_the_ways_to_say_cannot_tell(face_schema: Schema) -> None:
    text = HEADER + "a,1,NONE,Sunglasses,not visible,-1,yes\nb,1.0, yes ,?,-1.0,cannot tell,0.0\nc,,,,,,\n"
    first, second, third = read(text, face_schema).rows
    assert first.answers == {
        "wrinkles": "yes",
        "freckles": "none",
        "glasses": "sunglasses",
        "hair_colour": "not_visible",
        "hair_top": Special.CANNOT_TELL,
    }
    assert first.excluded is True
    assert second.answers["wrinkles"] == "yes"
    assert {second.answers[head] for head in ("glasses", "hair_colour", "hair_top")} == {Special.CANNOT_TELL}
    assert second.excluded is False
    assert (third.answers, third.excluded) == ({}, None)


@pytest.mark.parametrize(
    ("row", "reason", "cure"),
    [
        ("a.jpg,2,0,0,0,0,0", "wrinkles has no code 2", "codes: 0 none, 1 yes, -1 cannot tell"),
        ("a.jpg,0,0,0,blondd,0,0", "hair_colour has no class 'blondd'", "did you mean 'blond'?"),
        ("a.jpg,0,0,0,0,0,maybe", "not_human is 'maybe'", "use 1, 0 or nothing"),
        ("a.jpg,0,0,0", "4 cells where the header has 7", "quotes"),
        ("a,b.jpg,0,0,0,0,0,0", "8 cells where the header has 7", "quotes"),
        (",0,0,0,0,0,0", "no file name", "remove the row"),
        ("a.jpg,9,0,9,0,0,0", "wrinkles has no code 9; glasses has no code 9", "2 sunglasses"),
    ],
)
def test_a_bad_row_is_refused_with_reason_and_cure(
    row: str, reason: str, cure: str, face_schema: Schema
) -> None:
    parsed = read(HEADER + "good.jpg,0,0,0,0,0,0\n" + row + "\n", face_schema)
    (refused,) = parsed.refused
    assert (refused.row, refused.reason) == (3, reason)
    assert cure in refused.cure
    assert [one.name for one in parsed.rows] == ["good.jpg"]
    assert parsed.count == 2


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_marks_line_ends_and_delimiters_of_other_programs(
    mark: bytes, end: str, delimiter: str, face_schema: Schema
) -> None:
    text = (HEADER + "ä.jpg,0,1,2,3,0,0\n\n").replace(",", delimiter).replace("\n", end)
    file = source(mark + text.encode())
    assert detect(file, face_schema).name == "csv"
    parsed = own_csv.read(file, face_schema, {})
    assert [row.name for row in parsed.rows] == ["ä.jpg"]
    assert parsed.rows[0].answers["hair_colour"] == "blond"
    assert bool(parsed.notes) == (delimiter != ","), "another delimiter is said"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (
            HEADER.encode() + b"ok.jpg,0,0,0,0,0,0\ncaf\xe9.jpg,0,0,0,0,0,0\n",
            "byte 0xe9 at position 89, line 3; save",
        ),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\xff", "byte 0xff at position 70, line 2"),
        (("\ufeff" + HEADER).encode("utf-16-le"), "encoded as UTF-16, expected UTF-8; save it as UTF-8"),
        (b"file_name,\0glasses", "not a text file: byte 0 at position 10"),
        (
            b"name,glasses\na,1\n",
            "row 1: the first row has no column 'file_name'; expected file_name,wrinkles",
        ),
        (
            b"file_name,glasses,hair_colr\na,1,1\n",
            "row 1: unknown column 'hair_colr'; did you mean 'hair_colour'?",
        ),
        (b"file_name,glasses,Glasses\na,1,1\n", "two columns are named 'glasses'; remove one"),
        (b"file_name,size\na,1\n", "no column is named like a head; heads: wrinkles"),
        (b"file_name\na\n", "no column is named like a head"),
        (b'file_name,glasses\na,1\n"b,1\nc,1\n', "row 3, line 4: unexpected end of data; look for a quote"),
        (b"file_name,glasses\na," + b"9" * 200_000 + b"\n", "row 2, line 2: field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    data: bytes, line: str, face_schema: Schema
) -> None:
    with pytest.raises(ImportRefused) as caught:
        read(data, face_schema)
    assert line in str(caught.value)
    assert str(caught.value).startswith("labels.csv")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_columns_may_be_missing_strange_or_in_another_order(face_schema: Schema) -> None:
    parsed = read("split,Hair Colour,FILE_NAME\ntrain,blond,a.jpg\n", face_schema)
    assert [(row.name, row.answers) for row in parsed.rows] == [("a.jpg", {"hair_colour": "blond"})]
    assert parsed.notes == (
        "column 'split' is no head: left out",
        "no column for wrinkles, freckles, glasses, hair_top: left as they are",
    )


def test_rows_are_counted_as_a_spreadsheet_counts_them(face_schema: Schema) -> None:
    text = 'file_name,glasses\n"two\nlines.jpg",0\nbad.jpg,7\n'
    (refused,) = read(text, face_schema).refused
    assert (refused.row, refused.name) == (3, "bad.jpg")
