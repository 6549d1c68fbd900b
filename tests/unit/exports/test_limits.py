"""The card's sentences: each from a fact, and no name from outside turns one into something else."""

from dataclasses import replace

import numpy as np

from tests.unit.evaluation.conftest import evaluation, head
from workbench.dataset.table import Table
from workbench.evaluation.report import Evaluation, SplitResult
from workbench.exports.limits import class_counts, limits
from workbench.exports.markdown import bullets, plain, table
from workbench.schema import Schema

CLASSES = ["none", "yes", "maybe"]


def schema(*names: str) -> Schema:
    """Heads of three classes."""
    return Schema.from_dict(
        {"name": "small", "heads": [{"name": name, "classes": CLASSES} for name in names]}, where="test"
    )


def divided(train: list[int], test: list[int], validation: tuple[int, ...] = (0, 1)) -> Table:
    """Pictures whose labels for `freckles` these are."""
    codes = np.array([*train, *validation, *test], dtype=np.int16)
    splits = ["train"] * len(train) + ["validation"] * len(validation) + ["test"] * len(test)
    names = tuple(map(str, range(len(codes))))
    return Table(names, names, names, {"freckles": codes}, np.array(splits, dtype="<U10"))


def said(pictures: Table, figures: Evaluation) -> str:
    """All limits as one text."""
    return "\n".join(limits(schema("freckles"), pictures, figures))


def good() -> Evaluation:
    """Nothing to complain of: every class found, the guess beaten."""
    every = tuple(replace(one, recall=0.9, support=50) for one in head().classes)
    fine = head(n=150, accuracy=0.9, interval=(0.85, 0.94), majority=0.4, classes=every)
    return Evaluation("0001-a", {"test": SplitResult(150, 0.1, {"freckles": fine})})


def test_a_network_without_weaknesses_still_has_the_standing_limits() -> None:
    found = limits(schema("freckles"), divided([0, 1, 2] * 40, [0, 1, 2] * 20), good())
    assert len(found) == 4
    assert found[0].startswith("Not for identification")


def test_classes_that_were_hardly_or_never_seen_are_named() -> None:
    found = said(divided([0, 1] * 40, [0] * 30 + [1] * 9), good())
    assert "**freckles**: no training picture of maybe; it cannot know what these look like." in found
    assert "**freckles**: no test picture of maybe" in found
    assert "fewer than 10 test pictures of yes (9)" in found
    assert "none (" not in found
    assert class_counts(schema("freckles").heads[0], divided([0, 0, 1], [2]), "train") == [2, 1, 0]


def test_a_head_that_does_not_beat_the_guess_is_said_to_be_no_better() -> None:
    found = said(divided([0, 1, 2] * 40, [0, 1, 2] * 20), replace(evaluation("test"), set_aside={}))
    assert "80.0% right is not shown to be better than always answering none (70.0%" in found
    assert "begins at 49.0%" in found


def test_classes_that_are_seldom_found_are_named_with_their_recall() -> None:
    classes = tuple(replace(one, recall=0.25, support=4) for one in head().classes[:1]) + head().classes[1:]
    weak = head(accuracy=0.95, interval=(0.9, 0.98), classes=classes)
    figures = Evaluation("0001-a", {"test": SplitResult(10, 0.1, {"freckles": weak})})
    assert "finds less than half of none (25% of 4)." in said(divided([0, 1, 2], [0, 1, 2] * 20), figures)


def test_missing_labels_empty_splits_lost_pictures_and_notes_are_told() -> None:
    found = said(divided([0, 1, -1, -1], [], ()), evaluation("train"))
    assert "There is no picture in the validation split." in found
    assert "There is no picture in the test split." in found
    assert "2 of 4 pictures have no label for it" in found
    assert "1 labelled pictures could not be read" in found
    assert "a note" in found


def test_a_head_without_a_label_in_the_split_is_unknown() -> None:
    found = limits(
        schema("glasses"), replace(divided([0], [0]), codes={"glasses": np.array([0, 0, 0, 0])}), evaluation()
    )
    assert "**glasses**: no labelled picture in the test split; nothing is known of it." in found


def test_names_stay_text() -> None:
    hostile = "a|b](http://x) `c` <img src=x> **d**\n# e \x1b[31m"
    cell = plain(hostile)
    assert "\n" not in cell
    assert "\x1b" not in cell
    assert "<" not in cell
    for mark in "|]`*":
        assert all(cell[place - 1] == "\\" for place, one in enumerate(cell) if one == mark)
    lines = table(["name", "n"], [[hostile, 3]]).splitlines()
    assert len(lines) == 3
    assert lines[1] == "| ---|---: |"
    assert table(["name"], []) == ""
    assert bullets(["a", "b"]) == "- a\n- b\n"
