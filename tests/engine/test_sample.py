"""Drawn faces: the truth is what was drawn, classes are balanced as promised, and all can be repeated."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.images.decode import decode
from workbench.images.sample import HEADS, Balance, draw_face, draw_sample_face, plan, write_sample
from workbench.images.sample.write import labels_csv
from workbench.resources import resource
from workbench.schema import Schema

PLAIN = {
    "wrinkles": "none",
    "freckles": "none",
    "glasses": "none",
    "hair_colour": "brown",
    "hair_top": "thick",
}


def face(size: int = 160, seed: int = 5, **classes: str) -> np.ndarray:
    """A face of the same person with other classes."""
    return draw_face(np.random.default_rng(seed), {**PLAIN, **classes}, (size, size)).image


def test_classes_are_the_schemas(face_schema: Schema) -> None:
    assert {head.name: tuple(one.name for one in head.classes) for head in face_schema.heads} == HEADS


@pytest.mark.parametrize("count", [1, 2, 5, 37, 600])
@pytest.mark.parametrize("balance", ["even", "reference"])
def test_plan_is_complete_and_consistent(count: int, balance: Balance) -> None:
    rows = plan(count, 3, balance)
    assert len(rows) == count
    for row in rows:
        if row:
            assert all(row[head] in names for head, names in HEADS.items())
            if row["hair_colour"] == "not_visible":
                assert row["hair_top"] in ("bald", "not_visible")


def test_even_plan_gives_each_class_its_share() -> None:
    rows = [row for row in plan(600, 7, "even") if row]
    assert len(rows) == 576
    for head, names in HEADS.items():
        counts = Counter(row[head] for row in rows)
        assert set(counts) == set(names)
        assert max(counts.values()) - min(counts.values()) <= 1


def test_colour_says_nothing_about_the_top_where_it_is_visible() -> None:
    pairs = Counter((row["hair_colour"], row["hair_top"]) for row in plan(600, 7, "even") if row)
    visible = [number for (colour, _), number in pairs.items() if colour != "not_visible"]
    assert len(visible) == 32
    assert min(visible) >= 12


def test_reference_plan_imitates_the_imbalance() -> None:
    rows = [row for row in plan(2000, 1, "reference") if row]
    share = {
        head: {name: number / len(rows) for name, number in Counter(row[head] for row in rows).items()}
        for head in HEADS
    }
    assert 0.82 < share["hair_colour"]["brown"] + share["hair_colour"]["black"] < 0.88
    assert share["freckles"]["yes"] < 0.10
    assert set(share["hair_colour"]) == set(HEADS["hair_colour"])


def test_a_few_percent_are_not_human_and_lie_anywhere() -> None:
    places = [index for index, row in enumerate(plan(500, 2, "even")) if not row]
    assert len(places) == 20
    assert places[0] < 250 < places[-1]
    assert plan(500, 2, "even") != plan(500, 3, "even")


def test_same_seed_and_index_draw_the_same_face() -> None:
    first, again, other = (draw_sample_face(PLAIN, 7, index).image for index in (4, 4, 5))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


@pytest.mark.parametrize("head", HEADS)
def test_every_class_can_be_drawn(head: str) -> None:
    for name in HEADS[head]:
        classes = {**PLAIN, head: name}
        if name == "not_visible":
            classes["hair_top"] = "not_visible"
        for seed in range(4):
            drawn = draw_face(np.random.default_rng(seed), classes)
            height, width = drawn.image.shape[:2]
            assert 160 <= height <= 320
            assert 160 <= width <= 320
            assert drawn.image.std() > 15
            assert drawn.classes == classes
            assert not drawn.not_human


def test_hair_has_the_colour_of_its_class() -> None:
    def crown(colour: str) -> np.ndarray:
        patches = [face(200, seed, hair_colour=colour)[24:44, 90:110].reshape(-1, 3) for seed in range(12)]
        return np.asarray(np.median(np.concatenate(patches), axis=0))

    colours = {name: crown(name) for name in ("brown", "black", "grey", "blond", "red", "white")}
    assert colours["black"].max() < 70
    assert colours["white"].min() > 185
    assert np.ptp(colours["grey"]) < 25
    assert colours["red"][0] > colours["red"][2] + 80
    assert colours["blond"][1] > colours["red"][1] + 40
    far = [np.abs(one - other).max() for one, other in pairwise(colours.values())]
    assert min(far) > 40


def test_sunglasses_hide_the_eyes_and_freckles_darken_the_cheeks() -> None:
    seeds = range(8)
    eyes = slice(94, 110)
    dark = np.mean([face(200, s, glasses="sunglasses")[eyes, 60:140].mean() for s in seeds])
    clear = np.mean([face(200, s, glasses="normal")[eyes, 60:140].mean() for s in seeds])
    assert dark < clear - 25
    rough = np.mean([face(200, s, freckles="yes")[112:134, 65:135].std((0, 1)).mean() for s in seeds])
    even = np.mean([face(200, s)[112:134, 65:135].std((0, 1)).mean() for s in seeds])
    assert rough > even * 1.15


def test_creatures_are_not_human() -> None:
    drawn = [draw_face(np.random.default_rng(seed), {}) for seed in range(12)]
    assert all(one.not_human for one in drawn)
    assert len({one.image.tobytes() for one in drawn}) == 12


def test_what_cannot_be_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="not_visible needs hair_top"):
        draw_face(rng, {**PLAIN, "hair_colour": "not_visible"})
    with pytest.raises(ValueError, match="glasses: expected one of none, normal"):
        draw_face(rng, {**PLAIN, "glasses": "monocle"})


def test_sample_on_disk_is_named_labelled_and_readable(tmp_path: Path, face_schema: Schema) -> None:
    seen: list[tuple[int, int]] = []
    written = write_sample(tmp_path / "new" / "set", count=25, seed=11, progress=lambda *at: seen.append(at))
    folder = tmp_path / "new" / "set"
    assert written == 25
    assert seen == [(done, 25) for done in range(1, 26)]
    with (folder / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file_name", *face_schema.head_names, "not_human"]
    assert [row["file_name"] for row in rows] == [f"face_{index:05d}.jpg" for index in range(1, 26)]
    assert {path.name for path in folder.iterdir()} == {row["file_name"] for row in rows} | {"labels.csv"}
    for row, classes in zip(rows, plan(25, 11, "even"), strict=True):
        assert decode(folder / row["file_name"]).shape[2] == 3
        assert row["not_human"] == ("0" if classes else "1")
        for head in face_schema.heads:
            cell = row[head.name]
            found = head.by_code(int(cell)) if cell else None
            assert (found.name if found else None) == classes.get(head.name)


def test_same_seed_gives_identical_bytes_in_one_process_or_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sample(tmp_path / "one", count=20, seed=5)
    monkeypatch.setattr("workbench.images.sample.write._FEW", 0)
    write_sample(tmp_path / "many", count=20, seed=5)
    write_sample(tmp_path / "other", count=20, seed=6)
    one, many, other = (
        [path.read_bytes() for path in sorted((tmp_path / name).iterdir())]
        for name in ("one", "many", "other")
    )
    assert one == many
    assert one != other


def test_other_peoples_files_are_never_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "face_00001.jpg").write_bytes(b"a person's own picture")
    with pytest.raises(InputError, match=r"holds other files.*new or empty folder") as caught:
        write_sample(tmp_path, count=3, seed=1)
    assert caught.value.exit_code == 2
    assert (tmp_path / "face_00001.jpg").read_bytes() == b"a person's own picture"
    assert len(list(tmp_path.iterdir())) == 1


def test_same_sample_may_be_written_again_and_finished(tmp_path: Path) -> None:
    write_sample(tmp_path, count=4, seed=1)
    whole = (tmp_path / "face_00003.jpg").read_bytes()
    (tmp_path / "face_00003.jpg").unlink()
    assert write_sample(tmp_path, count=4, seed=1) == 4
    assert (tmp_path / "face_00003.jpg").read_bytes() == whole
    with pytest.raises(InputError):
        write_sample(tmp_path, count=5, seed=1)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError):
        write_sample(tmp_path, count=4, seed=1)


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (-3, 1), (2_000_000, 1), (3, -1)])
def test_impossible_arguments_are_refused(tmp_path: Path, count: int, seed: int) -> None:
    with pytest.raises(InputError, match="expected a"):
        write_sample(tmp_path / "x", count=count, seed=seed)
    assert not (tmp_path / "x").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file"):
        write_sample(tmp_path / "file", count=2, seed=1)


def test_embedded_sample_is_small_whole_and_what_its_readme_says(face_schema: Schema) -> None:
    folder = resource("data") / "sample"
    pictures = sorted(folder.glob("*.jpg"))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 3_000_000
    expected = plan(len(pictures), 1, "even")
    names = [f"face_{index:05d}.jpg" for index in range(1, len(pictures) + 1)]
    assert [path.name for path in pictures] == names
    truth = labels_csv(dict(zip(names, expected, strict=True)), face_schema)
    assert (folder / "labels.csv").read_text() == truth
    assert decode(pictures[0]).shape == draw_sample_face(expected[0], 1, 0).image.shape
