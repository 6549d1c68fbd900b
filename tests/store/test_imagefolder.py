"""Hugging Face imagefolder: three kinds of one file, where it may lie, what it cannot carry."""

import json
from pathlib import Path

import pytest

from tests.store.conftest import fingerprint, picture
from workbench.annotation.formats import detect, imagefolder
from workbench.annotation.formats.base import Labelled, ParsedFile, SourceFile
from workbench.annotation.labels import PictureLabels, Special
from workbench.errors import ImportRefused, InputError, MissingLibrary
from workbench.schema import Schema


def read(text: str | bytes, schema: Schema, name: str = "metadata.csv", **mapping: str) -> ParsedFile:
    """Detected and understood."""
    file = SourceFile(Path(name), text if isinstance(text, bytes) else text.encode())
    assert detect(file, schema).name == "imagefolder"
    return imagefolder.read(file, schema, mapping)


def written(schema: Schema, kind: str = "metadata.csv", *names: str) -> str:
    """A file with answers for the first picture."""
    labels = {
        fingerprint(names[0]): PictureLabels({"glasses": "none", "hair_top": Special.CANNOT_TELL}),
        fingerprint(names[-1]): PictureLabels({}, excluded=True),
    }
    text = imagefolder.write(Labelled([picture(one) for one in names], labels, schema, path=Path(kind)))
    assert isinstance(text, str)
    return text


def test_class_names_in_csv_and_in_json_lines(face_schema: Schema) -> None:
    names = ("a.jpg", "b.jpg", "c.jpg")
    assert written(face_schema, "metadata.csv", *names) == (
        "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human\n"
        "a.jpg,,,none,,cannot_tell,false\nb.jpg,,,,,,\nc.jpg,,,,,,true\n"
    )
    first = json.loads(written(face_schema, "metadata.jsonl", *names).splitlines()[0])
    assert first == {
        "file_name": "a.jpg",
        "wrinkles": None,
        "freckles": None,
        "glasses": "none",
        "hair_colour": None,
        "hair_top": "cannot_tell",
        "not_human": False,
    }


def test_a_name_that_a_spreadsheet_would_run_begins_with_a_dot_and_a_slash(face_schema: Schema) -> None:
    text = written(face_schema, "metadata.csv", "=1+1.jpg", "-2.jpg", "@x.jpg")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["./-2.jpg", "./=1+1.jpg", "./@x.jpg"]
    assert [row.name for row in read(text, face_schema).rows] == ["-2.jpg", "=1+1.jpg", "@x.jpg"]


def test_pictures_that_datasets_cannot_open_are_left_out_and_said(face_schema: Schema) -> None:
    what = Labelled(
        [picture("caf\udce9.jpg"), picture("a\\b.jpg"), picture("c.jpg")],
        {},
        face_schema,
        path=Path("/exports/metadata.csv"),
        images=Path("/faces"),
    )
    text = imagefolder.write(what)
    assert isinstance(text, str)
    assert len(text.splitlines()) == 2
    first, second = imagefolder.notes(what)
    assert first == "pictures are not copied: move it to /faces/metadata.csv, beside them"
    assert "2 pictures are left out" in second


@pytest.mark.parametrize(
    ("head", "classes", "kind", "line"),
    [
        ("image", ["a", "b"], "metadata.jsonl", "a column named 'image' holds pictures there"),
        ("x_file_name", ["a", "b"], "metadata.jsonl", "a column named 'x_file_name' holds pictures"),
        ("h", ["=a", "b"], "metadata.csv", "'=a' begins like a formula.*; write metadata.jsonl"),
    ],
)
def test_names_that_would_not_survive_are_refused(
    head: str, classes: list[str], kind: str, line: str
) -> None:
    schema = Schema.from_dict({"name": "odd", "heads": [{"name": head, "classes": classes}]})
    with pytest.raises(InputError, match=line):
        imagefolder.write(Labelled([picture("a.jpg")], {}, schema, path=Path(kind)))


def test_the_file_bears_the_one_name_and_is_alone_of_its_kind(tmp_path: Path) -> None:
    assert imagefolder.place(tmp_path) == tmp_path / "metadata.csv"
    assert imagefolder.place(tmp_path / "metadata.jsonl") == tmp_path / "metadata.jsonl"
    with pytest.raises(InputError, match=r"datasets looks for metadata.csv.*; name .*/metadata.csv"):
        imagefolder.place(tmp_path / "labels.csv")
    (tmp_path / "metadata.csv").touch()
    with pytest.raises(InputError, match=r"metadata\.csv lies there already, and datasets refuses two kinds"):
        imagefolder.place(tmp_path / "metadata.jsonl")
    assert imagefolder.place(tmp_path / "metadata.csv") == tmp_path / "metadata.csv"


def test_codes_gaps_and_other_peoples_columns(face_schema: Schema) -> None:
    text = (
        "file_name,glasses,hair_top,label,split,not_human\n"
        "train/a.jpg,2.0,NA,blond,x,True\nb.jpg,NaN,cannot_tell,,y,\nc.jpg,7,,,,\n"
    )
    parsed = read(text, face_schema)
    assert [(row.name, dict(row.answers), row.excluded) for row in parsed.rows] == [
        ("train/a.jpg", {"glasses": "sunglasses", "hair_colour": "blond"}, True),
        ("b.jpg", {"hair_top": Special.CANNOT_TELL}, None),
    ]
    assert [(one.row, one.reason) for one in parsed.refused] == [(4, "glasses has no code 7")]
    assert list(parsed.notes) == ["column 'split' is no head: left out"]


def test_tags_can_be_mapped(face_schema: Schema) -> None:
    text = "file_name,tags,mood\na.jpg,specs,bald\n"
    assert [one.name for one in read(text, face_schema).refused] == ["a.jpg"]
    parsed = read(text, face_schema, specs="glasses.normal", **{"mood.bald": "hair_top.bald"})
    assert [dict(row.answers) for row in parsed.rows] == [{"glasses": "normal", "hair_top": "bald"}]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/a.jpg", "the path '/etc/a.jpg' leaves the folder"),
        ("../a.jpg", "leaves the folder"),
        ("file://a.jpg", "leaves the folder"),
        ("", "no file name"),
    ],
)
def test_paths_that_datasets_refuses_are_refused(name: str, reason: str, face_schema: Schema) -> None:
    (refused,) = read(
        json.dumps({"file_name": name, "glasses": "none"}), face_schema, "metadata.jsonl"
    ).refused
    assert reason in refused.reason


def test_lines_of_json_are_refused_one_by_one(face_schema: Schema) -> None:
    lines = [
        '{"file_name": "a.jpg", "glasses": "none"}',
        "{",
        "[1]",
        '{"file_name": "b.jpg", "glasses": NaN}',
    ]
    lines.append('{"file_name": "c.jpg", "tags": ["blond", "few"], "hair_top": null}')
    parsed = read("\n".join(lines), face_schema, "faces.jsonl")
    assert [row.name for row in parsed.rows] == ["a.jpg", "c.jpg"]
    assert parsed.rows[1].answers == {"hair_colour": "blond", "hair_top": "few"}
    assert [one.row for one in parsed.refused] == [2, 3, 4]
    assert "NaN is no value" in parsed.refused[2].reason


def test_a_folder_with_two_kinds_is_refused(tmp_path: Path, face_schema: Schema) -> None:
    (tmp_path / "metadata.csv").write_text("file_name,glasses\na.jpg,none\n")
    source = SourceFile.read(tmp_path)
    assert detect(source, face_schema).name == "imagefolder"
    assert [row.name for row in imagefolder.read(source, face_schema, {}).rows] == ["a.jpg"]
    (tmp_path / "metadata.jsonl").write_text("{}")
    with pytest.raises(ImportRefused, match=r"metadata.csv and metadata.jsonl in one folder"):
        imagefolder.read(SourceFile.read(tmp_path), face_schema, {})


def test_parquet_needs_a_library_or_says_so(face_schema: Schema) -> None:
    what = Labelled([picture("a.jpg")], {}, face_schema, path=Path("metadata.parquet"))
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        with pytest.raises(MissingLibrary, match="Parquet needs pyarrow; pip install pyarrow, or use"):
            imagefolder.write(what)
        with pytest.raises(MissingLibrary, match="Parquet needs pyarrow"):
            read(b"PAR1 and nonsense", face_schema, "metadata.parquet")
    else:
        data = imagefolder.write(what)
        assert isinstance(data, bytes)
        assert [row.name for row in read(data, face_schema, "metadata.parquet").rows] == ["a.jpg"]
        with pytest.raises(ImportRefused, match="not Parquet"):
            read(b"PAR1 and nonsense", face_schema, "metadata.parquet")
