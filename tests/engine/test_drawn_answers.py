"""Answers drawn under pictures and written to files: what stands where, and what a folder holds after."""

import csv
import errno
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import write_pictures
from workbench.errors import InputError, PictureError, WorkbenchError
from workbench.evaluation import overlay as room
from workbench.evaluation.answers import Prediction, PredictResult, collect, picture_files, write_predictions
from workbench.evaluation.overlay import Overlays, draw_overlay, safe_stem
from workbench.schema import Schema

LINE, PAD = 22, 8


def panel(schema: Schema, **answers: tuple[str, float]) -> NDArray[np.uint8]:
    """What is drawn under a picture of 400 pixels' width."""
    image = np.zeros((30, 400, 3), np.uint8)
    return draw_overlay(image, answers, schema)[30:]


def bar(drawn: NDArray[np.uint8], line: int) -> int:
    """The width of a line's bar in pixels, measured along its lower edge, below the text."""
    edge = drawn[PAD + LINE * line + LINE - 2]
    return int((edge == (40, 78, 110)).all(-1).sum())


@pytest.mark.parametrize(("chance", "share"), [(0.0, 0.0), (0.25, 0.25), (0.5, 0.5), (1.0, 1.0)])
def test_a_bar_is_as_long_as_the_answer_is_sure(face_schema: Schema, chance: float, share: float) -> None:
    assert bar(panel(face_schema, glasses=("none", chance)), 0) == pytest.approx(
        (400 - 2 * PAD) * share, abs=1
    )


def test_a_chance_beyond_reason_stays_in_the_picture(face_schema: Schema) -> None:
    assert bar(panel(face_schema, glasses=("none", 7.0)), 0) == 400 - 2 * PAD + 1
    assert bar(panel(face_schema, glasses=("none", -1.0)), 0) == 1


def test_heads_stand_in_the_schemas_order_one_line_each(face_schema: Schema) -> None:
    drawn = panel(face_schema, hair_top=("bald", 1.0), wrinkles=("none", 0.25), glasses=("none", 0.5))
    assert drawn.shape == (2 * PAD + 3 * LINE, 400, 3)
    assert bar(drawn, 0) < bar(drawn, 1) < bar(drawn, 2)
    unknown = panel(face_schema, nose=("long", 1.0))
    assert unknown.shape[0] == 2 * PAD, "a head that the schema does not have has no line"


def test_letters_that_cannot_be_drawn_become_question_marks(face_schema: Schema) -> None:
    one, other = panel(face_schema, glasses=("naïve\n", 0.5)), panel(face_schema, glasses=("na?ve?", 0.5))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, panel(face_schema, glasses=("naive?", 0.5)))


def test_a_long_name_is_cut_at_40_letters(face_schema: Schema) -> None:
    long, cut = (panel(face_schema, glasses=("a" * count, 0.5)) for count in (300, 40))
    assert np.array_equal(long, cut)
    assert not np.array_equal(cut, panel(face_schema, glasses=("a" * 39, 0.5)))


def test_the_chance_is_written_with_two_digits(face_schema: Schema) -> None:
    same = [panel(face_schema, glasses=("none", chance)) for chance in (0.5001, 0.4999)]
    assert np.array_equal(same[0][:, :100], same[1][:, :100])
    other = panel(face_schema, glasses=("none", 0.51))
    assert not np.array_equal(same[0][:, :200], other[:, :200])


@pytest.mark.parametrize(
    ("shape", "height"), [((100, 180, 3), 200), ((1, 900, 3), 1), ((90, 360, 3), 90), ((10, 1, 3), 3600)]
)
def test_a_narrow_picture_is_enlarged_in_its_proportions(
    face_schema: Schema, shape: tuple[int, int, int], height: int
) -> None:
    drawn = draw_overlay(np.zeros(shape, np.uint8), {"glasses": ("none", 0.5)}, face_schema)
    assert drawn.shape == (height + 2 * PAD + LINE, max(360, shape[1]), 3)


def test_colours_come_out_as_they_went_in(tmp_path: Path, face_schema: Schema) -> None:
    red = np.zeros((400, 400, 3), np.uint8)
    red[:] = (200, 30, 10)
    Image.fromarray(red).save(tmp_path / "red.png")
    written = Overlays(tmp_path / "drawn", face_schema).add(Prediction(tmp_path / "red.png", {}))
    with Image.open(written) as image:
        assert image.convert("RGB").getpixel((200, 200)) == (200, 30, 10)
        assert image.size == (400, 400 + 2 * PAD)


def test_a_giant_is_drawn_smaller(
    tmp_path: Path, face_schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LARGEST", 500)
    path = write_pictures(tmp_path, 1, size=501)[0]
    overlays = Overlays(tmp_path / "drawn", face_schema)
    with Image.open(overlays.add(Prediction(path, {}))) as image:
        assert image.size == (500, 500 + 2 * PAD)
    exact = write_pictures(tmp_path, 1, size=500)[0]
    with Image.open(overlays.add(Prediction(exact, {}))) as image:
        assert image.size == (500, 500 + 2 * PAD)
    assert overlays.count == 2


def test_a_full_disk_leaves_no_half_copy(
    tmp_path: Path, face_schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_pictures(tmp_path, 1)[0]
    overlays = Overlays(tmp_path / "drawn", face_schema)

    def refuse(descriptor: int, *_: str) -> object:
        os.close(descriptor)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", refuse)
    with pytest.raises(WorkbenchError, match=r"0000\.answers\.png: the disk is full"):
        overlays.add(Prediction(path, {}))
    assert list((tmp_path / "drawn").iterdir()) == []


def test_a_picture_that_has_vanished_is_named(tmp_path: Path, face_schema: Schema) -> None:
    with pytest.raises(PictureError, match=r"gone\.jpg: cannot be read"):
        Overlays(tmp_path / "drawn", face_schema).add(Prediction(tmp_path / "gone.jpg", {}))


def test_copies_of_one_name_are_numbered_from_2(tmp_path: Path, face_schema: Schema) -> None:
    path = write_pictures(tmp_path, 1)[0]
    overlays = Overlays(tmp_path / "drawn", face_schema)
    names = [overlays.add(Prediction(path, {})).name for _ in range(3)]
    assert names == ["0000.answers.png", "0000.answers-2.png", "0000.answers-3.png"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("face 01.jpg", "face_01.answers"),
        ("a.b-c_d.jpg", "a.b-c_d.answers"),
        ("größe.png", "gr__e.answers"),
        ("...jpg", "picture.answers"),
        ("x" * 200 + ".jpg", "x" * 80 + ".answers"),
        ("caf\udce9.jpg", "caf_.answers"),
    ],
)
def test_a_copys_name_is_plain(name: str, stem: str) -> None:
    assert safe_stem(Path(name)) == stem


def test_pictures_come_by_name_in_each_folder_and_folders_as_they_were_named(tmp_path: Path) -> None:
    write_pictures(tmp_path / "b" / "z", 1)
    write_pictures(tmp_path / "b", 2)
    write_pictures(tmp_path / "a", 1)
    single = tmp_path / "b" / "0001.jpg"
    found = picture_files([single, tmp_path / "b", tmp_path / "a"], tmp_path / "o.csv")
    shown = [str(path.relative_to(tmp_path)) for path in found]
    assert shown == ["b/0001.jpg", "b/0000.jpg", "b/z/0000.jpg", "a/0000.jpg"]


def test_a_file_of_any_name_may_be_asked_for(tmp_path: Path) -> None:
    """Whether it is a picture is told by its content, so that a scan without a suffix can be answered too."""
    (tmp_path / "scan").write_bytes(b"")
    assert picture_files([tmp_path / "scan"], tmp_path / "o.csv") == [tmp_path / "scan"]
    with pytest.raises(InputError, match="would be overwritten; name a CSV file"):
        picture_files([tmp_path / "scan"], tmp_path / "scan")
    (tmp_path / "link.csv").symlink_to(tmp_path / "scan")
    with pytest.raises(InputError, match="would be overwritten"):
        picture_files([tmp_path / "scan"], tmp_path / "link.csv")


def test_an_older_file_of_answers_is_replaced_whole_or_kept(
    tmp_path: Path, face_schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("older")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(WorkbenchError, match="the disk is full"):
        write_predictions(out, [Prediction(Path("a.jpg"), {})], face_schema)
    assert out.read_text() == "older"
    monkeypatch.undo()
    write_predictions(out, [Prediction(Path("a\r.jpg"), {"glasses": ('x,"y"', 1 / 3)})], face_schema)
    with out.open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["file_name"], row["glasses"], row["glasses_probability"]) == ("a\r.jpg", 'x,"y"', "0.333333")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_the_first_reason_stands_for_all_and_drawn_copies_are_not_made(
    tmp_path: Path, face_schema: Schema
) -> None:
    broken = [Prediction(Path("b.jpg"), {}, "truncated"), Prediction(Path("a.jpg"), {}, "empty file")]
    with pytest.raises(InputError, match=r"b\.jpg: none of the 2 pictures can be read; the first: truncated"):
        collect(broken, 2, face_schema, tmp_path / "out.csv", tmp_path / "drawn", None)
    assert list((tmp_path / "drawn").iterdir()) == []


def test_the_pace_counts_the_pictures_that_were_answered() -> None:
    result = PredictResult(Path("o.csv"), 30, (("a", "truncated"),), 0, 1.5)
    assert result.pictures_per_second == 20
    assert result.to_dict() == {
        "output": "o.csv",
        "predicted": 30,
        "set_aside": {"a": "truncated"},
        "overlays": 0,
        "seconds": 1.5,
        "pictures_per_second": 20.0,
    }
    assert PredictResult(Path("o.csv"), 30, (), 0, 0.0).pictures_per_second == 0
