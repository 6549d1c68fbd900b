"""Files that the other tools' own code wrote, kept as they came.

By label-studio-sdk 2.1.2, datasets 5.2.0 with pyarrow 26.0.1, fiftyone 1.22.1; where those are installed,
`tests/engine/test_other_readers.py` has them written anew.
"""

from pathlib import Path

import pytest

from workbench.annotation.formats import detect
from workbench.annotation.formats.base import ParsedFile
from workbench.annotation.formats.source import SourceFile
from workbench.schema import Schema

HERE = Path(__file__).parent / "written_by_others"


def read(name: str, form: str, schema: Schema) -> ParsedFile:
    """Detected and understood."""
    source = SourceFile.read(HERE / name)
    chosen = detect(source, schema)
    assert chosen.name == form
    return chosen.read(source, schema, {})


@pytest.mark.parametrize("name", ["label_studio_min.json", "label_studio.csv"])
def test_label_studio(name: str, face_schema: Schema) -> None:
    parsed = read(name, "label-studio", face_schema)
    first, last = parsed.rows
    assert (first.name, dict(first.answers)) == ("ana é.jpg", {"glasses": "none", "hair_colour": "blond"})
    assert (first.annotator, dict(first.seconds)) == (
        "ana@example.org (Label Studio)",
        {"glasses": 2.0, "hair_colour": 2.0},
    )
    assert (last.name, dict(last.answers), last.annotator) == ("open.jpg", {}, "")
    (refused,) = parsed.refused
    assert (refused.name, refused.reason) == ('ben/a, "b".jpg', "'none' and 'normal' are both glasses")
    assert parsed.count == 3


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl", "metadata.parquet"])
def test_datasets(name: str, face_schema: Schema) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="Parquet needs pyarrow, which comes with the extra readers")
    parsed = read(name, "imagefolder", face_schema)
    assert [(row.name, dict(row.answers), row.excluded) for row in parsed.rows] == [
        ("ana/é.jpg", {"glasses": "none", "hair_top": "few", "hair_colour": "blond"}, False),
        ('b, "c".jpg', {}, True),
    ]
    assert (list(parsed.refused), list(parsed.notes)) == ([], [])


def test_fiftyone(face_schema: Schema) -> None:
    parsed = read("fiftyone", "fiftyone", face_schema)
    assert [(row.name, dict(row.answers), row.without_ending) for row in parsed.rows] == [
        ("0001", {"glasses": "normal"}, True),
        ("0002", {}, True),
    ]
