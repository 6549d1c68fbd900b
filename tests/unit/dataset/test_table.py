"""The table of labelled pictures: what is in it, what is left out, and that it survives being frozen."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dataset.conftest import MakeTable, fingerprint
from workbench.annotation.labels import Answer, PictureLabels, Special
from workbench.dataset.table import Table, build_table, check_trainable
from workbench.errors import InputError, RunError
from workbench.images.catalog import Picture
from workbench.schema import Schema


def picture(name: str, content: int) -> Picture:
    """A picture of 10 by 10."""
    return Picture(name, fingerprint(content), 10, 10)


def labels(**answers: Answer) -> PictureLabels:
    """Labels of a picture."""
    return PictureLabels(answers=answers)


def build(schema: Schema, known: dict[int, PictureLabels], *pictures: Picture) -> Table:
    """The table of some pictures; contents are numbered."""
    return build_table(
        pictures, {fingerprint(key): one for key, one in known.items()}, schema, Path("/faces")
    )


def test_classes_become_indices_and_what_is_unknown_is_masked(face_schema: Schema) -> None:
    known = {1: labels(glasses="sunglasses", wrinkles=Special.CANNOT_TELL)}
    table = build(face_schema, known, picture("a.jpg", 1))
    assert table.codes["glasses"].tolist() == [2]
    assert table.codes["wrinkles"].tolist() == [-1], "cannot tell is masked"
    assert table.codes["hair_top"].tolist() == [-1], "no answer is masked"
    assert table.paths == ("/faces/a.jpg",)
    assert table.codes["glasses"].dtype == np.int16


def test_pictures_without_any_class_are_left_out(face_schema: Schema) -> None:
    known = {
        1: labels(glasses="none"),
        2: PictureLabels(answers={"glasses": "none"}, excluded=True),
        3: labels(glasses=Special.CANNOT_TELL),
        4: labels(glasses="a class that the schema has lost"),
    }
    pictures = [picture(f"{number}.jpg", number) for number in (1, 2, 3, 4, 5)]
    assert build(face_schema, known, *pictures).names == ("1.jpg",)


def test_duplicates_are_one_row_and_rows_are_sorted_by_name(face_schema: Schema) -> None:
    known = {1: labels(glasses="none"), 2: labels(glasses="normal")}
    table = build(face_schema, known, picture("z.jpg", 1), picture("b.jpg", 2), picture("a.jpg", 1))
    assert table.names == ("a.jpg", "b.jpg")


NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in (".", "..")
)


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4))
def test_any_file_name_survives_freezing(
    tmp_path_factory: pytest.TempPathFactory, face_schema: Schema, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("run") / "data.csv"
    known = {number: labels(hair_top="few") for number in range(len(names))}
    table = build(face_schema, known, *(picture(name, number) for number, name in enumerate(names)))
    table.save(path, face_schema)
    loaded = Table.load(path, face_schema)
    assert (loaded.names, loaded.paths) == (table.names, table.paths)


def test_names_that_are_no_unicode_survive_freezing(tmp_path: Path, face_schema: Schema) -> None:
    table = build(face_schema, {1: labels(hair_top="few")}, picture("caf\udce9.jpg", 1))
    table.save(tmp_path / "data.csv", face_schema)
    assert Table.load(tmp_path / "data.csv", face_schema).names == ("caf\udce9.jpg",)


def test_frozen_table_has_the_same_labels_and_splits(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    table = make_table(50)
    table = table.with_splits(np.array(["train", "test"] * 25))
    table.save(tmp_path / "data.csv", face_schema)
    loaded = Table.load(tmp_path / "data.csv", face_schema)
    assert loaded.fingerprint == table.fingerprint
    assert loaded.rows("test").tolist() == table.rows("test").tolist()


def test_frozen_table_is_read_by_a_person(tmp_path: Path, face_schema: Schema) -> None:
    build(face_schema, {1: labels(glasses="none")}, picture("=cmd.jpg", 1)).save(
        tmp_path / "data.csv", face_schema
    )
    header, row = (tmp_path / "data.csv").read_text().splitlines()
    assert header.replace('"', "") == (
        "fingerprint,file_name,path,wrinkles,freckles,glasses,hair_colour,hair_top,split"
    )
    assert '"none"' in row


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: "", "expected the columns fingerprint"),
        (lambda text: text.replace('"few"', '"fwe"'), "row 2: 'fwe' is no class of hair_top"),
        (lambda text: text.replace(',"train"', ',"trian"'), "row 2: 'trian' is no split"),
        (lambda text: text[:-9], "row 4 has 8 cells, not 9"),
        (lambda text: text.replace('"glasses"', '"specs"'), "another schema"),
    ],
)
def test_a_damaged_table_says_where(tmp_path: Path, face_schema: Schema, damage, said) -> None:  # type: ignore[no-untyped-def]
    known = {number: labels(hair_top="few") for number in range(3)}
    table = build(face_schema, known, *(picture(f"{number}.jpg", number) for number in range(3)))
    path = tmp_path / "data.csv"
    table.with_splits(np.array(["train"] * 3)).save(path, face_schema)
    path.write_text(damage(path.read_text()))
    with pytest.raises(RunError) as caught:
        Table.load(path, face_schema)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_table_is_one_line(tmp_path: Path, face_schema: Schema) -> None:
    with pytest.raises(RunError, match=r"data\.csv"):
        Table.load(tmp_path / "data.csv", face_schema)


def test_without_leaves_pictures_out(make_table: MakeTable) -> None:
    table = make_table(4)
    rest = table.without({fingerprint(1), fingerprint(3)})
    assert rest.names == ("00000.jpg", "00002.jpg")
    assert rest.codes["glasses"].tolist() == table.codes["glasses"][[0, 2]].tolist()
    assert table.without(()) is table


def test_fingerprint_changes_with_labels_and_splits(make_table: MakeTable) -> None:
    table = make_table(6)
    divided = table.with_splits(np.array(["train"] * 6))
    assert len({table.fingerprint, make_table(7).fingerprint, divided.fingerprint}) == 3
    assert table.fingerprint == make_table(6).fingerprint


def test_nothing_labelled_is_refused(face_schema: Schema) -> None:
    with pytest.raises(InputError, match="no labelled pictures; label some first"):
        check_trainable(build(face_schema, {}), face_schema)


def test_a_head_with_one_class_is_refused_with_what_would_help(
    face_schema: Schema, make_table: MakeTable
) -> None:
    table = make_table(60)
    table.codes["glasses"][:] = 0
    with pytest.raises(InputError) as caught:
        check_trainable(table, face_schema)
    line = str(caught.value)
    assert "head glasses: only one class: all 60 labelled pictures are 'none'" in line
    assert "'normal', 'sunglasses'" in line
    assert caught.value.exit_code == 2


def test_a_head_without_labels_is_refused(face_schema: Schema, make_table: MakeTable) -> None:
    table = make_table(60)
    table.codes["freckles"][:] = -1
    with pytest.raises(InputError, match="head freckles: no picture has a class"):
        check_trainable(table, face_schema)


def test_an_empty_split_is_refused(face_schema: Schema, make_table: MakeTable) -> None:
    table = make_table(60).with_splits(np.array(["train"] * 60))
    with pytest.raises(InputError, match="no picture fell into the validation split"):
        check_trainable(table, face_schema)


def test_a_class_that_training_never_sees_is_refused(face_schema: Schema, make_table: MakeTable) -> None:
    table = make_table(60, masked=0)
    splits = np.array(["train"] * 50 + ["validation"] * 10)
    table.codes["wrinkles"][:50], table.codes["wrinkles"][50:] = 0, 1
    with pytest.raises(InputError, match="in the training split"):
        check_trainable(table.with_splits(splits), face_schema)
    table.codes["wrinkles"][0] = 1
    check_trainable(table.with_splits(splits), face_schema)
