"""Schemas: what the shipped ones hold, what may be left out, and how mistakes are answered."""

from pathlib import Path

import pytest

from workbench.errors import ConfigError
from workbench.schema import Schema, load_schema, schema_names

TWO_CLASSES = 'classes = ["no", "yes"]\n'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_schema_is_the_reference_systems(face_schema: Schema) -> None:
    found = {head.name: [one.name for one in head.classes] for head in face_schema.heads}
    assert found == {
        "wrinkles": ["none", "yes"],
        "freckles": ["none", "yes"],
        "glasses": ["none", "normal", "sunglasses"],
        "hair_colour": ["brown", "black", "grey", "blond", "red", "white", "mixed", "other", "not_visible"],
        "hair_top": ["bald", "few", "thick", "not_visible"],
    }
    assert face_schema.exclusion.name == "not_human"
    assert all(head.rule for head in face_schema.heads)


def test_every_shipped_schema_loads() -> None:
    assert schema_names() == ("cartoon_faces", "face")
    assert load_schema("cartoon_faces").head_names == ("hair_colour", "glasses", "age")


def test_classes_are_found_by_name_code_and_key(face_schema: Schema) -> None:
    hair = face_schema.head("hair_colour")
    black = hair.by_key("2")
    assert black is not None
    assert black == hair.by_name("black") == hair.by_code(1)
    assert hair.index_of("black") == 1
    assert hair.index_of("purple") == -1
    assert hair.by_key("0") is None


def test_an_unknown_head_names_the_nearest(face_schema: Schema) -> None:
    with pytest.raises(ConfigError, match="did you mean 'hair_colour'"):
        face_schema.head("hair_color")


def test_a_schema_survives_json(face_schema: Schema) -> None:
    assert Schema.from_dict(face_schema.to_dict()) == face_schema


def test_the_fingerprint_follows_heads_and_classes_alone(tmp_path: Path) -> None:
    base = write(tmp_path, 'name = "m"\n[[heads]]\nname = "a"\n' + TWO_CLASSES)
    first = load_schema(base).fingerprint
    base.write_text('name = "other"\n[[heads]]\nname = "a"\nrule = "look"\n' + TWO_CLASSES)
    assert load_schema(base).fingerprint == first
    base.write_text('name = "m"\n[[heads]]\nname = "a"\nclasses = ["no", "yes", "may be"]\n')
    assert load_schema(base).fingerprint != first


def test_keys_and_codes_can_be_chosen(tmp_path: Path) -> None:
    classes = '[{name="no", code=7, key="n"}, {name="yes", code=3, key="y"}]'
    text = f'name = "m"\n[[heads]]\nname = "a"\nclasses = {classes}\n'
    head = load_schema(write(tmp_path, text)).heads[0]
    assert [(one.code, one.key, one.title) for one in head.classes] == [(7, "n", "no"), (3, "y", "yes")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "m"\n', r"a schema needs \[\[heads\]\]"),
        ('name = "m"\n[[heads]]\nname = "a"\nclasses = ["one"]\n', "mine.toml"),
        ('name = "m"\n[[heads]]\nname = "a"\nclasses = ["x", "x"]\n', "two classes with the name 'x'"),
        ('name = "m"\n[[heads]]\nname = "a"\nclasses = ["None", "x"]\n', "read as 'no value'"),
        ('name = "m"\n[[heads]]\nname = "a"\nclases = ["no", "yes"]\n', "missing|did you mean 'classes'"),
        ('name = "m"\n[[heads]]\nname = "not_human"\n' + TWO_CLASSES, "two columns would be named"),
        ('name = "m"\nheads = 3\n', "mine.toml:2: heads"),
        ('name = "m\n', "not TOML"),
    ],
)
def test_a_mistake_is_one_line_with_the_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_schema(write(tmp_path, text))
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'face'"):
        load_schema("fase")
