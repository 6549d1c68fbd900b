"""FiftyOne: a folder with one file a head; keys without endings; what other people's files say."""

import json
from pathlib import Path

import pytest

from tests.store.conftest import fingerprint, picture
from workbench.annotation.formats import detect, fiftyone
from workbench.annotation.formats.base import Labelled, ParsedFile, SourceFile
from workbench.annotation.labels import PictureLabels, Special
from workbench.errors import ImportRefused, InputError
from workbench.schema import Schema


def read(path: Path, schema: Schema, **mapping: str) -> ParsedFile:
    """Detected and understood."""
    source = SourceFile.read(path)
    assert detect(source, schema).name == "fiftyone"
    return fiftyone.read(source, schema, mapping)


def folder(path: Path, **files: object) -> Path:
    """A folder of JSON files."""
    path.mkdir()
    for name, document in files.items():
        (path / f"{name}.json").write_text(json.dumps(document))
    return path


def found(parsed: ParsedFile) -> list[tuple[str, dict[str, object], bool]]:
    return [(row.name, dict(row.answers), row.without_ending) for row in parsed.rows]


def test_one_file_a_head_and_where_the_pictures_are(face_schema: Schema) -> None:
    labels = {fingerprint("a.jpg"): PictureLabels({"glasses": "normal", "hair_top": Special.CANNOT_TELL})}
    what = Labelled([picture("a.jpg"), picture("d/b.jpg")], labels, face_schema, images=Path("/faces"))
    files = {name: json.loads(text) for name, text in fiftyone.write(what).items()}
    assert set(files) == {
        "names.json",
        "data.json",
        "not_human.json",
        *(f"{head}.json" for head in face_schema.head_names),
    }
    assert files["glasses.json"] == {
        "head": "glasses",
        "classes": ["none", "normal", "sunglasses", "cannot_tell"],
        "labels": {"a": 1},
    }
    assert files["hair_top.json"]["labels"] == {"a": len(files["hair_top.json"]["classes"]) - 1}
    assert files["data.json"] == {"a.jpg": "/faces/a.jpg", "d/b.jpg": "/faces/d/b.jpg"}
    assert files["not_human.json"]["labels"] == {"a": 0}
    assert "labels_path='wrinkles.json'" in fiftyone.notes(what)[0]


def test_heads_that_no_file_system_takes_get_a_number() -> None:
    names = ["../up", "NAMES", "data", "a/b", "é", "A", "a"]
    schema = Schema.from_dict(
        {"name": "odd", "heads": [{"name": name, "classes": ["x", "y"]} for name in names]}
    )
    files = fiftyone.write(Labelled([picture("a.jpg")], {}, schema))
    assert len(files) == len(names) + 3
    assert all("/" not in name and not name.startswith(".") for name in files)
    assert len({name.casefold() for name in files}) == len(files), "also where case does not count"
    assert [json.loads(files[name]).get("head") for name in list(files)[2:]] == [*names, "not_human"]


def test_keys_of_pictures_that_differ_in_their_ending_only(face_schema: Schema) -> None:
    made = [picture(name) for name in ("a.jpg", "a.png", "a_.png")]
    files = fiftyone.write(Labelled(made, {}, face_schema, images=Path("/faces")))
    paths = json.loads(files["data.json"])
    assert sorted(paths.values()) == ["/faces/a.jpg", "/faces/a.png", "/faces/a_.png"]
    assert sorted(json.loads(files["names.json"])["names"].values()) == ["a.jpg", "a.png", "a_.png"]


def test_a_folder_of_somebody_else(tmp_path: Path, face_schema: Schema) -> None:
    labels = {
        "0001": 1,
        "0002": {"label": 0, "confidence": 0.9, "attributes": {}},
        "0003": None,
        "0004": 9,
        "0005": True,
        "0006": "sunglasses",
    }
    file = folder(tmp_path / "glasses", labels={"classes": ["none", "normal"], "labels": labels})
    parsed = read(file, face_schema)
    assert found(parsed) == [
        ("0001", {"glasses": "normal"}, True),
        ("0002", {"glasses": "none"}, True),
        ("0003", {}, True),
        ("0006", {"glasses": "sunglasses"}, True),
    ]
    assert [(one.row, one.reason) for one in parsed.refused] == [
        (4, "there is no class number 9"),
        (5, "the label True"),
    ]


def test_one_file_alone_and_tags_of_any_head(tmp_path: Path, face_schema: Schema) -> None:
    document = {"classes": ["blond", "specs"], "labels": {"x/0001": 0, "0002": 1}}
    files = folder(tmp_path / "export", anything=document, data={"x/0001.jpg": "/faces/x/0001.jpg"})
    parsed = read(files / "anything.json", face_schema)
    assert found(parsed) == [("/faces/x/0001.jpg", {"hair_colour": "blond"}, False)]
    assert [one.reason for one in parsed.refused] == ["the tag 'specs' is no class"]
    mapped = read(files / "anything.json", face_schema, specs="glasses.normal")
    assert found(mapped)[1] == ("0002", {"glasses": "normal"}, True)


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"data": {"a": "b"}}, "no file of labels in it; name the folder of labels.json"),
        (
            {"labels": {"labels": [1]}},
            r"no labels of FiftyOne in it; expected {\"classes\"".replace("\\", ""),
        ),
        ({"x": {"head": "mood", "classes": [], "labels": {}}}, "no head is named 'mood'"),
    ],
)
def test_a_folder_that_cannot_be_taken_is_one_line(
    files: dict[str, object], line: str, tmp_path: Path, face_schema: Schema
) -> None:
    path = folder(tmp_path / "export", **files)
    with pytest.raises(ImportRefused) as caught:
        fiftyone.read(SourceFile.read(path), face_schema, {})
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_json_in_the_folder_is_left_out_and_said(tmp_path: Path, face_schema: Schema) -> None:
    labels = {"classes": ["none"], "labels": {"a": 0}}
    path = folder(tmp_path / "export", glasses=labels, settings={"theme": "dark"})
    parsed = read(path, face_schema)
    assert found(parsed) == [("a", {"glasses": "none"}, True)]
    assert list(parsed.notes) == ["settings.json holds no labels of FiftyOne: left out"]


def test_a_file_is_no_place_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    with pytest.raises(InputError, match="it is a file; FiftyOne's format is a folder"):
        fiftyone.place(tmp_path / "x")
