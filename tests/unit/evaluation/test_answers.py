"""Answers for files: the CSV, which files are meant, and copies that never overwrite anything."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_pictures
from workbench.errors import InputError, WorkbenchError
from workbench.evaluation.answers import Answer, Prediction, collect, picture_files, write_predictions
from workbench.evaluation.overlay import Overlays, draw_overlay, safe_stem
from workbench.schema import Schema

ANSWERS: dict[str, Answer] = {"freckles": ("yes", 0.75), "glasses": ("none", 0.5)}


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file as a spreadsheet reads it."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_head_has_its_class_and_probability(tmp_path: Path, face_schema: Schema) -> None:
    done = [Prediction(Path("a.jpg"), ANSWERS), Prediction(Path("b.jpg"), {}, "empty file")]
    write_predictions(tmp_path / "out.csv", done, face_schema)
    first, second = rows(tmp_path / "out.csv")
    assert (first["file_name"], first["freckles"], first["freckles_probability"]) == (
        "a.jpg",
        "yes",
        "0.750000",
    )
    assert first["set_aside"] == ""
    assert (second["freckles"], second["freckles_probability"], second["set_aside"]) == ("", "", "empty file")
    assert list(first)[:5] == [
        "file_name",
        "wrinkles",
        "wrinkles_probability",
        "freckles",
        "freckles_probability",
    ]


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A0", "+1.jpg", "-1.jpg", "@x.jpg", "\tx.jpg"])
def test_no_cell_is_a_formula(tmp_path: Path, face_schema: Schema, name: str) -> None:
    write_predictions(
        tmp_path / "out.csv", [Prediction(Path(name), {"glasses": (name, 1.0)}, name)], face_schema
    )
    found = rows(tmp_path / "out.csv")[0]
    for cell in (found["file_name"], found["glasses"], found["set_aside"]):
        assert cell == f"'{name}"


def test_names_that_are_no_unicode_can_be_written(tmp_path: Path, face_schema: Schema) -> None:
    write_predictions(tmp_path / "out.csv", [Prediction(Path("caf\udce9.jpg"), {})], face_schema)
    (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_folders_are_opened_and_files_taken_once(tmp_path: Path) -> None:
    write_pictures(tmp_path / "faces" / "inner", 2)
    (tmp_path / "faces" / "notes.txt").write_text("")
    single = tmp_path / "faces" / "inner" / "0000.jpg"
    found = picture_files([tmp_path / "faces", single], tmp_path / "out.csv")
    assert [path.name for path in found] == ["0000.jpg", "0001.jpg"]


@pytest.mark.parametrize(
    ("images", "output", "said"),
    [
        (["nowhere.jpg"], "out.csv", "no such picture or folder"),
        (["empty"], "out.csv", "no pictures to answer for"),
        (["faces"], "missing/out.csv", "create it first"),
        (["faces"], "faces/0000.jpg", "would be overwritten"),
        (["faces"], "faces/holiday.PNG", "would be overwritten"),
        (["faces"], "faces", "name a CSV file after -o"),
    ],
)
def test_what_cannot_be_meant_is_refused_first(
    tmp_path: Path, images: list[str], output: str, said: str
) -> None:
    write_pictures(tmp_path / "faces", 1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=said):
        picture_files([tmp_path / one for one in images], tmp_path / output)


def test_when_no_picture_can_be_read_nothing_is_written(tmp_path: Path, face_schema: Schema) -> None:
    broken = [Prediction(Path("a.jpg"), {}, "empty file"), Prediction(Path("b.jpg"), {}, "truncated")]
    with pytest.raises(InputError, match="none of the 2 pictures can be read; the first: empty file"):
        collect(broken, 2, face_schema, tmp_path / "out.csv", None, None)
    assert not list(tmp_path.iterdir())


def test_the_result_counts_and_progress_ends_at_the_total(tmp_path: Path, face_schema: Schema) -> None:
    path = write_pictures(tmp_path / "faces", 1)[0]
    told: list[tuple[int, int]] = []
    done = [Prediction(path, ANSWERS), Prediction(Path("b.jpg"), {}, "truncated")]
    result = collect(
        done, 2, face_schema, tmp_path / "out.csv", tmp_path / "drawn", lambda *at: told.append(at)
    )
    assert (result.predicted, result.overlays, told[-1]) == (1, 1, (2, 2))
    assert result.to_dict()["set_aside"] == {"b.jpg": "truncated"}


def test_the_face_is_untouched_above_the_answers(face_schema: Schema) -> None:
    image = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    before = image.copy()
    drawn = draw_overlay(image, ANSWERS, face_schema)
    assert np.array_equal(image, before)
    assert np.array_equal(drawn[:300], image)
    assert drawn.shape[0] > 300
    assert drawn[300:].max() > 200, "something is written there"


def test_more_sure_answers_have_longer_bars(face_schema: Schema) -> None:
    image = np.zeros((50, 400, 3), dtype=np.uint8)
    blue = [
        int((draw_overlay(image, {"glasses": ("none", chance)}, face_schema)[50:, :, 2] > 100).sum())
        for chance in (0.2, 0.9)
    ]
    assert blue[1] > 2 * blue[0]


def test_small_pictures_are_enlarged_and_odd_names_drawn(face_schema: Schema) -> None:
    drawn = draw_overlay(np.zeros((20, 10, 3), np.uint8), {"glasses": ("naïve \x1b", 2.0)}, face_schema)
    assert drawn.shape[1] >= 300


def test_copies_never_overwrite_anything(tmp_path: Path, face_schema: Schema) -> None:
    one, two = write_pictures(tmp_path / "a", 1)[0], write_pictures(tmp_path / "b", 1, start=0)[0]
    theirs = tmp_path / "drawn" / "0000.answers.png"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    overlays = Overlays(tmp_path / "drawn", face_schema)
    written = [overlays.add(Prediction(path, ANSWERS)) for path in (one, two)]
    assert theirs.read_text() == "mine"
    assert [path.name for path in written] == ["0000.answers-2.png", "0000.answers-3.png"]
    with Image.open(written[0]) as image:
        assert image.size[0] >= 300


@pytest.mark.parametrize(
    "name", ["../../x.jpg", "..jpg", "a/b\x1b[31m.png", "-rf.jpg", "é" * 300 + ".jpg", ".jpg"]
)
def test_names_of_copies_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    stem = safe_stem(Path(name))
    assert "/" not in stem
    assert stem[0] not in ".-"
    assert len(stem) < 100
    assert stem.isascii()
    assert stem.isprintable()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, face_schema: Schema) -> None:
    (tmp_path / "drawn").write_text("")
    with pytest.raises(WorkbenchError, match="drawn"):
        Overlays(tmp_path / "drawn", face_schema)
