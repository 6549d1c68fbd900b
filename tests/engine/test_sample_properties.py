"""What holds for every drawn face, of any classes, seed and size: the same everywhere, each class seen."""

import hashlib
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench.errors import InputError, WorkbenchError
from workbench.images.decode import decode
from workbench.images.sample import HEADS, Balance, draw_face, draw_sample_face, plan, write_sample
from workbench.images.sample.classes import NOT_HUMAN_SHARE
from workbench.resources import resource

Image = NDArray[np.uint8]
PLAIN = {
    "wrinkles": "none",
    "freckles": "none",
    "glasses": "none",
    "hair_colour": "brown",
    "hair_top": "thick",
}
SIDES = st.integers(160, 320)
CROWN, EYES, CHEEKS = np.s_[26:46, 70:130], np.s_[86:120, 50:150], np.s_[112:134, 65:135]


def draw(seed: int, **classes: str) -> Image:
    """A face of 200 by 200 pixels; the same seed draws the same person as far as classes allow."""
    return draw_face(np.random.default_rng(seed), {**PLAIN, **classes}, (200, 200)).image


def classes_of(head: str, name: str) -> dict[str, str]:
    """A face of this class, with what its other answers must be then."""
    covered = {"hair_top": "not_visible"} if (head, name) == ("hair_colour", "not_visible") else {}
    return {**covered, head: name}


@st.composite
def any_classes(choose: st.DrawFn) -> dict[str, str]:
    """Classes that can stand together."""
    found = {head: choose(st.sampled_from(names)) for head, names in HEADS.items()}
    if found["hair_colour"] == "not_visible":
        found["hair_top"] = choose(st.sampled_from(("bald", "not_visible")))
    return found


@settings(max_examples=25, deadline=None)
@given(classes=any_classes(), seed=st.integers(0, 2**32), size=st.tuples(SIDES, SIDES))
def test_any_face_is_a_picture_of_its_size_that_can_be_drawn_again(
    classes: dict[str, str], seed: int, size: tuple[int, int]
) -> None:
    asked = dict(classes)
    drawn, again = (draw_face(np.random.default_rng(seed), classes, size) for _ in range(2))
    assert drawn.image.shape == (*size, 3)
    assert drawn.image.dtype == np.uint8
    assert drawn.image.std() > 12
    assert np.array_equal(drawn.image, again.image)
    assert classes == asked == drawn.classes


@pytest.mark.parametrize("head", HEADS)
def test_any_two_classes_of_a_head_look_different(head: str) -> None:
    for one, other in combinations(HEADS[head], 2):
        changed = [
            np.abs(draw(seed, **classes_of(head, one)).astype(int) - draw(seed, **classes_of(head, other)))
            for seed in range(3)
        ]
        for difference in changed:
            assert (difference.max(-1) > 40).mean() > 0.001, (head, one, other)


@pytest.mark.parametrize(
    ("classes", "place"),
    [({"glasses": "normal"}, EYES), ({"glasses": "sunglasses"}, EYES), ({"freckles": "yes"}, CHEEKS)],
)
def test_a_class_changes_the_face_where_a_person_looks_for_it(
    classes: dict[str, str], place: tuple[slice, slice]
) -> None:
    """Compared by edges, since light and noise of the whole picture are drawn anew."""

    def edges(image: Image) -> NDArray[np.float64]:
        return np.asarray(np.abs(np.diff(image.mean(-1), axis=1)))

    nearer = 0
    for seed in range(8):
        plain, changed = edges(draw(seed)), edges(draw(seed, **classes))
        difference = np.abs(changed - plain)
        nearer += difference[place].mean() > 2 * difference[150:].mean()
    assert nearer >= 7


def test_lenses_are_dark_in_sunglasses_and_clear_in_spectacles() -> None:
    dark, clear = [], []
    for seed in range(10):
        dark.append(np.percentile(draw(seed, glasses="sunglasses")[98:106, 72:88], 50))
        clear.append(np.percentile(draw(seed, glasses="normal")[92:112, 60:140], 95))
    assert max(dark) < 95
    assert min(clear) > 110, "the white of the eyes is seen"


def test_a_hat_hides_the_hair() -> None:
    differs = 0
    for seed in range(10):
        hair, hat = (np.median(draw(seed, hair_top=top)[CROWN], (0, 1)) for top in ("thick", "not_visible"))
        differs += np.abs(hair - hat).max() > 40
    assert differs >= 8


def test_dyed_hair_has_a_colour_that_no_natural_hair_has() -> None:
    strong = 0
    for seed in range(10):
        red, green, blue = np.median(draw(seed, hair_colour="other")[CROWN], (0, 1))
        assert not red > green > blue, "brown, blond and red hair have this order"
        strong += max(red, green, blue) - min(red, green, blue) > 50
    assert strong >= 8


def test_a_hidden_top_and_hidden_colour_show_no_hair_at_the_sides_of_a_scarf() -> None:
    """With the colour visible there is hair beside the face; its share of the pictures differs clearly."""

    def brown(image: Image) -> float:
        sides = np.concatenate([image[90:150, 30:52], image[90:150, 148:170]]).astype(int)
        red, green, blue = sides[..., 0], sides[..., 1], sides[..., 2]
        return float(((red > green + 15) & (green > blue + 8) & (red < 140) & (red > 60)).mean())

    seen = [brown(draw(seed, hair_top="not_visible")) for seed in range(16)]
    hidden = [brown(draw(seed, hair_colour="not_visible", hair_top="not_visible")) for seed in range(16)]
    assert np.mean(seen) > np.mean(hidden) + 0.08


def test_faces_of_even_plans_vary_in_size_skin_and_background() -> None:
    rows = plan(40, 9, "even")
    drawn = [draw_sample_face(row, 9, index).image for index, row in enumerate(rows)]
    assert len({image.shape for image in drawn}) > 10
    assert any(image.shape[0] != image.shape[1] for image in drawn)
    corners = np.array([image[:8, :8].mean((0, 1)) for image in drawn])
    assert corners.std(0).min() > 15
    skins = np.array([image[image.shape[0] * 6 // 10, image.shape[1] // 2].astype(int) for image in drawn])
    assert skins.mean(-1).std() > 20


def test_another_process_draws_the_same_to_the_byte() -> None:
    """Hashes of strings and the number of threads differ from process to process; pictures must not."""
    code = (
        "import hashlib; from workbench.images.sample import *\n"
        "rows = plan(6, 4, 'even'); digest = hashlib.sha256()\n"
        "for index, row in enumerate(rows): digest.update(draw_sample_face(row, 4, index).image.tobytes())\n"
        "print(digest.hexdigest(), [sorted(row.items()) for row in rows])"
    )
    digest = hashlib.sha256()
    rows = plan(6, 4, "even")
    for index, row in enumerate(rows):
        digest.update(draw_sample_face(row, 4, index).image.tobytes())
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "OPENCV_FOR_THREADS_NUM": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert run.stdout.strip() == f"{digest.hexdigest()} {[sorted(row.items()) for row in rows]}"


def test_the_embedded_sample_is_what_this_program_draws() -> None:
    """Changed drawing without new pictures would make the README's line a lie."""
    pictures = sorted((resource("data") / "sample").glob("*.jpg"))
    rows = plan(len(pictures), 1, "even")
    for index in (0, len(rows) // 2, len(rows) - 1):
        drawn, stored = draw_sample_face(rows[index], 1, index).image, decode(pictures[index])
        assert drawn.shape == stored.shape
        assert np.abs(drawn.astype(int) - stored).mean() < 6, pictures[index].name


@pytest.mark.parametrize("count", [1, 12, 13, 100, 999])
def test_the_share_without_a_face_is_rounded_and_the_same_in_both_balances(count: int) -> None:
    balances: tuple[Balance, ...] = ("even", "reference")
    for balance in balances:
        rows = plan(count, 5, balance)
        assert sum(not row for row in rows) == round(count * NOT_HUMAN_SHARE)


@pytest.mark.parametrize("head", HEADS)
def test_in_the_references_imbalance_the_rare_stay_rare_and_none_is_lost(head: str) -> None:
    rows = [row for row in plan(1000, 2, "reference") if row]
    found = {name: sum(row[head] == name for row in rows) for name in HEADS[head]}
    assert min(found.values()) > 0
    assert max(found.values()) >= len(rows) / 2
    expected = {"freckles": "none", "wrinkles": "none", "glasses": "none"}
    expected |= {"hair_colour": "brown", "hair_top": "thick"}
    assert max(found, key=lambda name: found[name]) == expected[head]


def test_an_interrupted_sample_is_finished_by_the_same_line(tmp_path: Path) -> None:
    def interrupt(done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "set", count=5, seed=2, progress=interrupt)
    assert len(list((tmp_path / "set").glob("*.jpg"))) == 3
    assert (tmp_path / "set" / "labels.csv").exists(), "it tells the next call which sample this is"
    assert write_sample(tmp_path / "set", count=5, seed=2) == 5
    write_sample(tmp_path / "whole", count=5, seed=2)
    for path in (tmp_path / "whole").iterdir():
        assert (tmp_path / "set" / path.name).read_bytes() == path.read_bytes()


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(WorkbenchError, match="the disk is full; free some space") as caught:
        write_sample(tmp_path / "set", count=2, seed=1)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("other", [{"seed": 2}, {"balance": "reference"}, {"count": 3}])
def test_another_sample_is_never_mixed_in(tmp_path: Path, other: dict[str, object]) -> None:
    write_sample(tmp_path, count=4, seed=1)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(InputError, match="other files than this sample's"):
        write_sample(tmp_path, **{"count": 4, "seed": 1, **other})  # type: ignore[arg-type]
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_largest_arguments_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"from 1 to 1,000,000; received 1000001"):
        write_sample(tmp_path / "x", count=1_000_001, seed=1)
    with pytest.raises(InputError, match="a seed of 0 or more"):
        write_sample(tmp_path / "x", count=1, seed=2**63)
    assert write_sample(tmp_path / "x", count=1, seed=2**63 - 1) == 1
