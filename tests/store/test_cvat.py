"""CVAT for images: tags, attributes and shapes; nothing in the file can grow or reach out."""

from pathlib import Path

import pytest

from workbench.annotation.formats import cvat, detect
from workbench.annotation.formats.base import ParsedFile, SourceFile
from workbench.annotation.labels import Special
from workbench.errors import ImportRefused
from workbench.schema import Schema

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def image(name: str, *marks: str) -> str:
    return f'<image id="0" name="{name}" width="640" height="480">{"".join(marks)}</image>'


def tag(label: str, kind: str = "tag", **attributes: str) -> str:
    inner = "".join(f'<attribute name="{key}">{value}</attribute>' for key, value in attributes.items())
    return f'<{kind} label="{label}" source="manual">{inner}</{kind}>'


def read(images: str, schema: Schema, **mapping: str) -> ParsedFile:
    """Detected and understood."""
    text = f"{HEAD}<annotations><version>1.1</version><meta><image>x</image></meta>{images}</annotations>"
    file = SourceFile(Path("annotations.xml"), text.encode())
    assert detect(file, schema).name == "cvat"
    return cvat.read(file, schema, mapping)


def found(parsed: ParsedFile) -> list[tuple[int, str, dict[str, object]]]:
    return [(row.row, row.name, dict(row.answers)) for row in parsed.rows]


def test_attributes_are_heads_and_labels_are_tags(face_schema: Schema) -> None:
    parsed = read(
        image("a.jpg", tag("face", hair_colour="blond", glasses="cannot_tell", hair_top="__undefined__"))
        + image("b &amp; c.jpg", tag("sunglasses"), tag("face", "box", wrinkles="yes"))
        + image("d.jpg", tag("x", not_human="true"))
        + image("e.jpg"),
        face_schema,
    )
    assert found(parsed) == [
        (1, "a.jpg", {"hair_colour": "blond", "glasses": Special.CANNOT_TELL}),
        (2, "b & c.jpg", {"glasses": "sunglasses", "wrinkles": "yes"}),
        (3, "d.jpg", {}),
        (4, "e.jpg", {}),
    ]
    assert [row.excluded for row in parsed.rows] == [None, None, True, None]
    assert (parsed.count, list(parsed.refused)) == (4, [])


def test_what_is_no_class_is_refused_or_mapped(face_schema: Schema) -> None:
    images = image("a.jpg", tag("face")) + image("b.jpg", tag("face", mood="glad", freckles="true"))
    parsed = read(images, face_schema)
    assert [one.reason for one in parsed.refused] == [
        "the tag 'face' is no class",
        "freckles has no class 'true'",
    ]
    assert list(parsed.notes) == ["the attribute 'mood' is no head: left out"]
    mapped = read(
        images,
        face_schema,
        **{"face": "", "mood.glad": "wrinkles.yes", "freckles.true": "freckles.yes"},
    )
    assert found(mapped) == [(1, "a.jpg", {}), (2, "b.jpg", {"wrinkles": "yes", "freckles": "yes"})]


def test_two_shapes_that_disagree_are_refused(face_schema: Schema) -> None:
    boxes = tag("f", "box", glasses="none") + tag("f", "polygon", glasses="normal")
    (refused,) = read(image("a.jpg", boxes) + image("", tag("blond")), face_schema).refused[:1]
    assert refused.reason == "'none' and 'normal' are both glasses"


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'<!DOCTYPE lolz [<!ENTITY l0 "lol">{BOMB}]><annotations>&l9;</annotations>', "a document type"),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotations>&x;</annotations>',
            "a document type",
        ),
        ('<!DOCTYPE a SYSTEM "http://x/y.dtd"><annotations/>', "a document type"),
        ("<annotations><image name='a.jpg'>", "not XML: no element found: line 2"),
        ("<annotations><image name='a.jpg'></track></annotations>", "not XML: mismatched tag"),
        ("<annotations>&undefined;</annotations>", "not XML: undefined entity"),
        ("<annotations><track id='0'/></annotations>", "annotations of a video"),
        ("<data><image/></data>", "the root is <data>, expected <annotations>"),
        (f"<annotations>{'<a>' * 100_000}", "nested too deeply"),
        ("<annotations>\x01</annotations>", "not XML: not well-formed"),
    ],
)
def test_a_file_that_cannot_be_taken_is_one_line(text: str, line: str, face_schema: Schema) -> None:
    file = SourceFile(Path("annotations.xml"), (HEAD + text).encode())
    with pytest.raises(ImportRefused) as caught:
        detect(file, face_schema).read(file, face_schema, {})
    assert line in str(caught.value)
    assert "'CVAT for images 1.1'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_encoding_that_the_file_claims_does_not_count(face_schema: Schema) -> None:
    text = f'<?xml version="1.0" encoding="utf-16"?><annotations>{image("é.jpg", tag("blond"))}</annotations>'
    parsed = cvat.read(SourceFile(Path("x.xml"), text.encode()), face_schema, {})
    assert found(parsed) == [(1, "é.jpg", {"hair_colour": "blond"})]


def test_a_folder_that_cvat_exported(tmp_path: Path, face_schema: Schema) -> None:
    (tmp_path / "annotations.xml").write_text(f"<annotations>{image('a.jpg', tag('blond'))}</annotations>")
    source = SourceFile.read(tmp_path)
    assert detect(source, face_schema).name == "cvat"
    assert found(cvat.read(source, face_schema, {})) == [(1, "a.jpg", {"hair_colour": "blond"})]
