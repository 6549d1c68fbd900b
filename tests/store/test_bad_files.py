"""Every file that cannot be taken is refused in one line: what, where, and mostly a cure."""

from pathlib import Path

import pytest

from tests.store.conftest import picture
from workbench.annotation.formats import FORMATS, detect
from workbench.annotation.formats import source as sources
from workbench.annotation.formats.source import MAX_BYTES, SourceFile
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import plan_import
from workbench.errors import ImportRefused
from workbench.schema import Schema

DEEP = "[" * 200_000
DEEP_OBJECT = '{"labels": ' * 200_000


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "metadata.csv", "metadata.jsonl", "x.xml", "x.csv"])
@pytest.mark.parametrize(
    ("data", "line"),
    [
        (DEEP.encode(), "nested too deeply"),
        (DEEP_OBJECT.encode(), "nested too deeply"),
        (b'[{"data": {"image": "a", "image": "b"}}]', "the key 'image' stands twice"),
        (b'[{"data": {"image": "a"}, "annotations": [{"lead_time": NaN}]}]', "NaN is no value"),
        (b'{"labels": {"a": Infinity}}', "Infinity is no value"),
        (b'[{"data": ' + b"9" * 5000 + b"}]", "Exceeds the limit"),
        (b'[{"data": {"image": "a"}', "not JSON: Expecting"),
        ('[{"data": "é"}]'.encode("latin-1"), "not UTF-8: byte 0xe9 at position 11"),
        ("[]".encode("utf-16"), "encoded as UTF-16"),
        (b"PK\x03\x04\x00\x00", "a zip archive; unpack it"),
        (b"\x89PNG\r\n\x1a\n\x00", "not a text file: byte 0"),
        (b"  \n\n", "empty"),
        (b"[]", "no labels in any format that is known"),
    ],
)
def test_hostile_files_under_every_name(name: str, data: bytes, line: str, face_schema: Schema) -> None:
    file = SourceFile(Path(name), data)
    said = []
    try:
        parsed = detect(file, face_schema).read(file, face_schema, {})
        assert not parsed.rows
        said = [f"{one.reason}; {one.cure}" for one in parsed.refused]
    except ImportRefused as error:
        said = [str(error)]
    assert said
    if not name.startswith("metadata."):  # that name says what is looked for in it
        assert any(line in one for one in said), said
    assert all("\n" not in one for one in said)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "text", ["", "[", "{}", "[]", "[1, null]", "null", "<a>", '{"labels": 1}', '[{"data": {}}]', "a,b\n1,2\n"]
)
def test_a_format_that_was_named_wrongly(form: str, text: str, face_schema: Schema) -> None:
    file = SourceFile(Path("x"), text.encode())
    rows, said = [], ""
    try:
        rows = list(FORMATS[form].read(file, face_schema, {}).rows)
    except ImportRefused as error:
        said = str(error)
    assert not rows
    assert "\n" not in said


def test_a_file_of_brackets_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch, face_schema: Schema
) -> None:
    monkeypatch.setattr(sources, "MAX_VALUES", 1000)
    file = SourceFile(Path("x.json"), b"[" + b"[]," * 1000 + b"[]]")
    with pytest.raises(ImportRefused, match="million values, so no file of labels"):
        detect(file, face_schema)


def test_larger_than_a_file_of_labels_can_be(tmp_path: Path, face_schema: Schema) -> None:
    large = tmp_path / "x.json"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for path in (large, tmp_path):
        with pytest.raises(ImportRefused, match="larger than 256 MiB, so no file of labels"):
            SourceFile.read(path)


def test_folders_without_labels_or_with_too_many(
    tmp_path: Path, face_schema: Schema, store: LabelStore
) -> None:
    made = [picture("a.jpg")]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ImportRefused, match="a folder without files of labels; name the file, or a folder"):
        plan_import(empty, face_schema, made, store)
    for number in range(201):
        (empty / f"{number}.json").touch()
    with pytest.raises(ImportRefused, match="201 files of labels in it; name one of them"):
        plan_import(empty, face_schema, made, store)
