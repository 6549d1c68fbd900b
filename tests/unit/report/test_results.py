"""The evaluation's tables: the figures of the Evaluate screen, and confusions to be read without colour."""

from dataclasses import replace

from tests.unit.evaluation.conftest import evaluation, head, nothing
from tests.unit.report.conftest import Page
from workbench.evaluation.report import Evaluation, SplitResult
from workbench.evaluation.words import mark
from workbench.report.results import results

TITLES = {"freckles": "Freckles", "glasses": "Glasses"}


def words_of(found: Evaluation) -> str:
    """All tables as one line of text."""
    return " ".join(Page(results(found, TITLES)).words.split())


def test_each_head_has_a_row_with_its_interval_its_baselines_and_the_other_splits() -> None:
    words = words_of(evaluation())
    assert "The test split: 10 pictures" in words
    row = "Freckles 10 0.800 0.490–0.940 0.800 0.800 0.700 ~ 0.750 0.412 yes (0.667) 0.500"
    assert row in words
    assert "Glasses 0 – – 0.950 0.950 – – – – –" in words
    assert "all heads 10 0.500" in words


def test_signs_notes_and_pictures_set_aside_are_explained_below() -> None:
    words = words_of(evaluation())
    assert "~ the 95 % interval reaches down to the majority: it may be chance" in words
    assert "✗ no better" not in words
    assert "a note set aside: gone.jpg: the file is no longer there" in words
    many = replace(evaluation(), set_aside={f"{number}.jpg": "gone" for number in range(25)})
    assert "set aside: 5 more pictures" in words_of(many)


def test_a_head_that_does_not_beat_the_guess_is_marked() -> None:
    assert mark(head(accuracy=0.7)) == "✗"
    assert mark(head()) == "~"
    assert mark(head(interval=(0.71, 0.9))) == ""
    assert mark(nothing()) == ""


def test_every_class_and_why_a_figure_is_not_there() -> None:
    words = words_of(evaluation("test"))
    assert "none 7 7 0.857 0.857 0.857" in words
    assert "maybe 0 0 – – – no picture of this class in the split" in words
    assert "Glasses no labelled picture in the split" in words


def test_a_confusion_is_told_by_number_share_filling_and_frame() -> None:
    found = Page(results(evaluation("test"), TITLES))
    cells = [value for tag, name, value in found.attributes if (tag, name) == ("td", "class")]
    fillings = [value for tag, name, value in found.attributes if (tag, name) == ("td", "style")]
    looks = [one.removeprefix("number ") for one in cells if one != "number"]
    assert looks[:3] == ["right", "wrong", "wrong none"]
    assert looks[3:6] == ["wrong", "right", "wrong none"]
    assert looks[6:] == ["wrong none", "wrong none", "right none"]
    assert fillings == ["--part:86%", "--part:14%", "--part:33%", "--part:67%"]
    assert "none 6 86% 1 14% 0 yes 1 33% 2 67% 0" in " ".join(found.words.split())


def test_other_splits_are_folded_up_with_all_their_tables() -> None:
    found = Page(results(evaluation(), TITLES))
    assert found.elements.count("details") == 2
    assert "The train split, class by class" in found.words
    assert "details" not in Page(results(evaluation("train"), TITLES)).elements


def test_a_head_of_which_the_page_knows_no_title_has_its_name() -> None:
    one = Evaluation("run", {"test": SplitResult(10, 0.5, {"<b>": head()})})
    assert "<b> 10" in words_of(one)
