"""makesense.ai: every shape that its versions wrote; what is ambiguous is asked, never guessed."""

import json
from pathlib import Path

import pytest

from workbench.annotation.formats import detect, makesense
from workbench.annotation.formats.base import ParsedFile, SourceFile
from workbench.annotation.formats.tags import Vocabulary, parse_mapping
from workbench.annotation.labels import Special
from workbench.errors import ImportRefused
from workbench.schema import Schema

WRINKLED = {"wrinkled": "wrinkles.yes"}


def source(text: str) -> SourceFile:
    return SourceFile(Path("labels_faces_2026-01-31-10-11-12.csv"), text.encode())


def read(text: str, schema: Schema, mapping: dict[str, str] | None = None) -> ParsedFile:
    """Detected and understood."""
    file = source(text)
    assert detect(file, schema).name == "makesense"
    return makesense.read(file, schema, WRINKLED if mapping is None else mapping)


def found(parsed: ParsedFile) -> list[tuple[int, str, dict[str, object]]]:
    return [(row.row, row.name, dict(row.answers)) for row in parsed.rows]


def test_image_recognition_has_no_header_and_no_quotes_in_its_lists(face_schema: Schema) -> None:
    parsed = read(
        'a.jpg,"[blond,wrinkled]"\nb,c.jpg,"[sunglasses]"\nd.jpg,[grey]\n"e,f.jpg","[]"\n', face_schema
    )
    assert found(parsed) == [
        (1, "a.jpg", {"hair_colour": "blond", "wrinkles": "yes"}),
        (2, "b,c.jpg", {"glasses": "sunglasses"}),
        (3, "d.jpg", {"hair_colour": "grey"}),
        (4, "e,f.jpg", {}),
    ]
    assert (parsed.count, list(parsed.refused)) == (4, [])


def test_its_json_twin(face_schema: Schema) -> None:
    entries = [{"image": "a.jpg", "annotations": ["blond", "wrinkled"]}, {"image": "b.jpg"}, 7]
    parsed = read(json.dumps(entries), face_schema)
    assert found(parsed) == [(1, "a.jpg", {"hair_colour": "blond", "wrinkles": "yes"})]
    assert [(one.row, one.name) for one in parsed.refused] == [(2, "b.jpg"), (3, "")]
    assert '{"image": name, "annotations": [tags]}' in parsed.refused[0].cure


def test_image_recognition_of_old_versions(face_schema: Schema) -> None:
    parsed = read("blond,a.jpg,640,480\nwrinkled,a.jpg,640,480\nred,b.jpg,1,1\n", face_schema)
    assert found(parsed) == [
        (1, "a.jpg", {"hair_colour": "blond", "wrinkles": "yes"}),
        (3, "b.jpg", {"hair_colour": "red"}),
    ]
    assert parsed.count == 3


@pytest.mark.parametrize(
    "header", ["", "label_name,bbox_x,bbox_y,bbox_width,bbox_height,image_name,image_width,image_height\n"]
)
def test_rectangles_and_lines_with_and_without_a_header(header: str, face_schema: Schema) -> None:
    rows = "blond,1,2,3,4,a.jpg,640,480\nsunglasses,1,2.5,-3,4,a.jpg,640,480\nred,0,0,1,1,b.jpg,9,9\n"
    parsed = read(header + rows, face_schema)
    assert [(name, answers) for _, name, answers in found(parsed)] == [
        ("a.jpg", {"hair_colour": "blond", "glasses": "sunglasses"}),
        ("b.jpg", {"hair_colour": "red"}),
    ]
    assert parsed.count == 3, "the first row is data where it reads as data"
    assert not parsed.refused


def test_points(face_schema: Schema) -> None:
    assert found(read("blond,10,20,a.jpg,640,480\n", face_schema)) == [(1, "a.jpg", {"hair_colour": "blond"})]


def test_saved_again_by_a_spreadsheet(face_schema: Schema) -> None:
    assert found(read("\ufeffa.jpg;[blond,wrinkled]\r\nb.jpg;[red]\r\n", face_schema)) == [
        (1, "a.jpg", {"hair_colour": "blond", "wrinkles": "yes"}),
        (2, "b.jpg", {"hair_colour": "red"}),
    ]


def test_two_tags_of_one_head_refuse_the_row(face_schema: Schema) -> None:
    parsed = read('a.jpg,"[blond,red]"\nb.jpg,"[blond,blond]"\n', face_schema)
    (refused,) = parsed.refused
    assert (refused.row, refused.name) == (1, "a.jpg")
    assert refused.reason == "'blond' and 'red' are both hair_colour"
    assert refused.cure == "keep one of them"
    assert found(parsed) == [(2, "b.jpg", {"hair_colour": "blond"})]


def test_two_shapes_of_one_head_refuse_all_rows_of_the_picture(face_schema: Schema) -> None:
    parsed = read(
        "blond,1,1,a.jpg,9,9\nred,2,2,a.jpg,9,9\nhat,1,1,b.jpg,9,9\nred,2,2,b.jpg,9,9\n", face_schema
    )
    assert [one.row for one in parsed.refused] == [1, 2, 3]
    assert found(parsed) == [(4, "b.jpg", {"hair_colour": "red"})]


def test_a_name_that_several_heads_share_is_asked_for(face_schema: Schema) -> None:
    parsed = read('a.jpg,"[none,blond]"\n', face_schema)
    (refused,) = parsed.refused
    assert refused.reason == "the tag 'none' may mean wrinkles.none or freckles.none or glasses.none"
    assert refused.cure == "say which with --map 'none=wrinkles.none'"
    told = read('a.jpg,"[none,blond]"\n', face_schema, {"none": "glasses.none"})
    assert found(told) == [(1, "a.jpg", {"glasses": "none", "hair_colour": "blond"})]


def test_an_unknown_tag_is_refused_or_left_out_when_told_so(face_schema: Schema) -> None:
    text = 'a.jpg,"[blond,blondd]"\nb.jpg,"[red,portrait]"\n'
    near, far = read(text, face_schema).refused
    assert near.reason == "the tag 'blondd' is no class"
    assert near.cure.startswith("did you mean 'blond'?")
    assert (
        far.cure
        == "say what it means with --map 'portrait=head.class', or leave it out with --map 'portrait='"
    )
    assert found(read(text, face_schema, {"blondd": "hair_colour.blond", "portrait": ""})) == [
        (1, "a.jpg", {"hair_colour": "blond"}),
        (2, "b.jpg", {"hair_colour": "red"}),
    ]


@pytest.mark.parametrize(
    "tag",
    [
        "hair_colour.not_visible",
        "hair_colour:not_visible",
        "hair_colour=not_visible",
        "hair_colour_not_visible",
        "Hair Colour - Not Visible",
        "HAIR-COLOUR NOT-VISIBLE",
    ],
)
def test_tags_may_name_their_head(tag: str, face_schema: Schema) -> None:
    assert Vocabulary(face_schema, {}).resolve(tag) == ("hair_colour", "not_visible")


def test_tags_for_not_a_face_and_cannot_tell(face_schema: Schema) -> None:
    parsed = read('a.jpg,"[not a face]"\nb.jpg,"[Not-Human,glasses.cannot_tell]"\n', face_schema, {})
    assert [(row.excluded, row.answers) for row in parsed.rows] == [
        (True, {}),
        (True, {"glasses": Special.CANNOT_TELL}),
    ]


def test_the_list_of_label_names_is_explained(face_schema: Schema) -> None:
    file = source("blond\nwrinkled\nsunglasses\n")
    with pytest.raises(
        ImportRefused, match="list of label names, which says nothing of any picture; export the labels"
    ):
        detect(file, face_schema).read(file, face_schema, {})


def test_rows_that_are_none_of_the_shapes_are_refused_one_by_one(face_schema: Schema) -> None:
    parsed = read("blond,1,1,a.jpg,9,9\nblond,x,y,b.jpg,9,9\nred,1,1,1,c.jpg\n", face_schema)
    assert [(one.row, one.reason) for one in parsed.refused] == [
        (2, "6 cells that are none of makesense.ai's shapes"),
        (3, "5 cells that are none of makesense.ai's shapes"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        '{"images": []}',
        '[{"image": 7}]',
        "a,b,c\n1,2,3\n",
        "[" * 100_000,
    ],
)
def test_other_files_are_refused_in_one_line(text: str, face_schema: Schema) -> None:
    with pytest.raises(ImportRefused) as caught:
        detect(source(text), face_schema)
    assert "\n" not in str(caught.value)


def test_the_format_may_be_said_and_be_wrong(face_schema: Schema) -> None:
    with pytest.raises(ImportRefused, match=r"no row reads as an export of makesense\.ai"):
        makesense.read(source("a,b,c\n"), face_schema, {})


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("blond", "--map: expected tag=head.class, got 'blond'"),
        ("=hair_colour.red", "expected tag=head.class"),
        ("ginger=hair_colour.redd", "no such answer: 'hair_colour.redd'; did you mean 'hair_colour.red'?"),
        ("ginger=hair.red", "no such answer: 'hair.red'"),
        ("x=glasses.none", "the tag 'x' is mapped twice; keep one"),
    ],
)
def test_a_mapping_is_checked(entry: str, line: str, face_schema: Schema) -> None:
    with pytest.raises(ImportRefused) as caught:
        parse_mapping(["x=not_human", entry], face_schema)
    assert line in str(caught.value)


def test_a_mapping_as_typed(face_schema: Schema) -> None:
    entries = ["a=b=glasses.none", " spec = glasses:Normal ", "junk=", "?=hair_top.cannot_tell"]
    mapping = parse_mapping(entries, face_schema)
    vocabulary = Vocabulary(face_schema, mapping)
    assert vocabulary.resolve("A=B") == ("glasses", "none")
    assert vocabulary.resolve("spec") == ("glasses", "normal")
    assert vocabulary.resolve("junk") is None
    assert vocabulary.resolve("?") == ("hair_top", Special.CANNOT_TELL)
