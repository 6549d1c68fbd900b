"""The classes of a sample, chosen before anything is drawn; no OpenCV needed."""

from collections import Counter

import pytest

from workbench.images.sample.classes import HEADS, NOT_HUMAN_SHARE, plan
from workbench.images.sample.write import labels_csv
from workbench.schema import Schema


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [60, 160, 333])
def test_even_plan_is_even_for_any_seed(count: int, seed: int) -> None:
    rows = [row for row in plan(count, seed, "even") if row]
    assert len(rows) == count - round(count * NOT_HUMAN_SHARE)
    for head, names in HEADS.items():
        counts = Counter(row[head] for row in rows)
        assert set(counts) == set(names)
        assert max(counts.values()) - min(counts.values()) <= 1, (head, counts)


@pytest.mark.parametrize("seed", range(4))
def test_hair_that_is_not_seen_is_half_bald_half_covered(seed: int) -> None:
    tops = Counter(
        row["hair_top"] for row in plan(600, seed, "even") if row.get("hair_colour") == "not_visible"
    )
    assert set(tops) == {"bald", "not_visible"}
    assert abs(tops["bald"] - tops["not_visible"]) <= 1


def test_heads_do_not_tell_about_each_other() -> None:
    rows = [row for row in plan(1200, 1, "even") if row]
    for first, second in (("wrinkles", "freckles"), ("wrinkles", "hair_colour"), ("glasses", "hair_top")):
        pairs = Counter((row[first], row[second]) for row in rows)
        expected = len(rows) / len(HEADS[first]) / len(HEADS[second])
        assert min(pairs.values()) > 0.55 * expected
        assert max(pairs.values()) < 1.5 * expected


def test_plan_depends_on_seed_and_balance_and_on_nothing_else() -> None:
    assert plan(100, 1, "even") == plan(100, 1, "even")
    assert plan(100, 1, "even") != plan(100, 2, "even")
    assert plan(100, 1, "even") != plan(100, 1, "reference")


def test_neighbours_differ_so_that_any_part_is_mixed() -> None:
    rows = [row for row in plan(600, 1, "even") if row]
    for head in HEADS:
        first, second = (Counter(row[head] for row in part) for part in (rows[:288], rows[288:]))
        for name in HEADS[head]:
            assert abs(first[name] - second[name]) < 60


def test_table_of_truth_is_sorted_and_coded(face_schema: Schema) -> None:
    row = {"wrinkles": "yes", "freckles": "none", "glasses": "sunglasses"}
    row |= {"hair_colour": "not_visible", "hair_top": "bald"}
    text = labels_csv({"b.jpg": row, "a.jpg": {}}, face_schema)
    assert text == (
        "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human\n"
        "a.jpg,,,,,,1\n"
        "b.jpg,1,0,2,8,0,0\n"
    )
