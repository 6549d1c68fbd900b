"""A comparison in words and tables, from findings made by hand: each difference in the names of the runs."""

from dataclasses import replace

import pytest

from workbench.monitoring.compare import Comparison
from workbench.monitoring.compare_data import DataDifference, HeadDifference
from workbench.monitoring.compare_figures import Figure
from workbench.monitoring.compare_settings import Difference
from workbench.monitoring.summary import RunSummary
from workbench.training.state import RunState
from workbench.tui.compare_lines import page, table_lines
from workbench.tui.compare_text import Table, data_lines, tables


def summary(name: str, **more: object) -> RunSummary:
    """A run that has finished."""
    made = RunSummary(
        name=name, state=RunState.FINISHED, preset="fast", parent="", architecture="trunk", epochs_done=6,
        epochs=9, metric="val_loss", best=0.5, best_epoch=4, started=0.0, seconds=3700.0, failure="",
        images_per_second=14.25,
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


NOTHING = Comparison(
    (summary("0001-a"), summary("0002-b")), (), 87, (), 1, (), (DataDifference("0002-b", same=True),)
)


def about(**found: object) -> tuple[str, ...]:
    """What is said of the second run's data."""
    difference = DataDifference("0002-b", **found)  # type: ignore[arg-type]
    return data_lines(replace(NOTHING, data=(difference,)))


def table(title: str, found: Comparison) -> Table:
    """One of the tables."""
    return next(one for one in tables(found) if one.title == title)


# -- tables --------------------------------------------------------------------------------------------


def test_how_each_run_went_stands_first() -> None:
    found = replace(
        NOTHING, runs=(summary("0001-a"), summary("0002-b", images_per_second=None, best_epoch=0))
    )
    assert table("runs", found).rows == (
        ("state", "finished", "finished"),
        ("epochs", "6/9", "6/9"),
        ("best epoch", "4", ""),
        ("chosen by", "val_loss", "val_loss"),
        ("duration", "1 h 02", "1 h 02"),
        ("pictures/s", "14.2", ""),
    )


def test_what_is_the_same_is_only_counted() -> None:
    assert table("settings", NOTHING).note == "87 settings are the same"
    assert table("circumstances", NOTHING).note == "1 thing is the same"
    assert table("settings", NOTHING).rows == ()
    found = replace(NOTHING, settings=(Difference("a", (1, 2)),), equal_settings=1)
    assert table("settings", found).note == "1 other setting is the same"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (1, "1"), (0.001, "0.001"), (True, "true"), ("adam", "adam"), ([1, 2], "[1, 2]"), ("", "")],
)
def test_a_value_stands_as_it_would_be_typed(value: object, cell: str) -> None:
    found = replace(NOTHING, settings=(Difference("training.x", (value, "other")),))
    assert table("settings", found).rows == (("training.x", cell, "other"),)


def test_figures_name_head_split_and_how_each_run_compares() -> None:
    figures = (
        Figure("", "loss", "validation", (0.5, 0.4)),
        Figure("hair_colour", "macro_f1", "test", (0.75, 0.5)),
    )
    assert table("figures", replace(NOTHING, figures=figures)).rows == (
        ("all heads", "val loss", "0.5000", "0.4000 ★ -0.1000"),
        ("hair_colour", "test macro-F1", "0.7500 ★", "0.5000 ! -0.2500"),
    )


# -- data ----------------------------------------------------------------------------------------------


def test_the_same_data_are_one_line() -> None:
    assert about(same=True) == ("0002-b: the same pictures, answers and splits as 0001-a",)


def test_pictures_of_one_run_only_are_counted_and_some_named() -> None:
    lines = about(
        common=1, only_first=4, only_here=2, examples_first=("a", "b", "c", "d"), examples_here=("x", "y")
    )
    assert lines == (
        "0002-b, compared with 0001-a:",
        "  1 picture in both",
        "  4 pictures only in 0001-a: a, b, c …",
        "  2 pictures only in 0002-b: x, y",
    )


def test_splits_that_changed_are_counted_by_the_way_they_went() -> None:
    lines = about(common=9, moved={"train → test": 2, "test → train": 1})
    assert lines[-1] == "  3 pictures in another split (train → test: 2, test → train: 1)"


def test_heads_and_classes_are_told_in_the_names_of_the_runs() -> None:
    head = HeadDifference(
        "hair", renamed="hairs", added=("grey",), removed=("red", "white"), recoded=("brown",),
        renamed_classes={"blond": "blonde"},
    )  # fmt: skip
    lines = about(common=2, heads_added=("beard",), heads_removed=("age",), heads=(head,))
    assert lines[1:] == (
        "  head beard: only in 0002-b",
        "  head age: only in 0001-a",
        "  2 pictures in both",
        "  head hair: is called hairs in 0002-b",
        "  head hair: classes new: grey",
        "  head hair: classes gone: red, white",
        "  head hair: classes with another code: brown",
        "  head hair: class blond is called blonde in 0002-b",
    )


def test_answers_that_differ_are_counted_with_examples() -> None:
    examples = (("1.jpg", "red", "blond"), ("2.jpg", "", "red"), ("3.jpg", "red", ""), ("4.jpg", "a", "b"))
    head = HeadDifference("hair", changed=2, answered=1, unanswered=1, examples=examples)
    assert about(common=9, heads=(head,))[-1] == (
        "  head hair: 2 with another class, 1 answered only in 0002-b, 1 answered only in 0001-a "
        "(1.jpg: red → blond; 2.jpg: nothing → red; 3.jpg: red → nothing …)"
    )


def test_pictures_that_cannot_be_compared_say_why() -> None:
    assert about(problem="0002-b/data.csv is damaged")[1:] == (
        "  the pictures cannot be compared: 0002-b/data.csv is damaged",
    )


# -- lines ---------------------------------------------------------------------------------------------


def test_runs_that_do_not_fit_stand_below_with_the_names_of_the_rows() -> None:
    wide = Table("settings", ("setting", *"ABC"), (("a.key", "x" * 20, "y" * 20, "z" * 20),))
    lines = [line.plain.rstrip() for line in table_lines(wide, 58)]
    assert lines == [
        f" setting  {'A':20}  B",
        f" a.key    {'x' * 20}  {'y' * 20}",
        "",
        " setting  C",
        f" a.key    {'z' * 20}",
    ]


def test_a_cell_that_is_too_long_is_cut_and_wide_letters_keep_the_columns() -> None:
    wide = Table("settings", ("s", "A", "B"), (("k", "x" * 90, "1"), ("k", "面" * 90, "2"), ("k", "", "3")))
    lines = [line.plain for line in table_lines(wide, 100)]
    assert all("…" in line for line in lines[1:3])
    assert "–" in lines[3]
    assert len({line.cell_len for line in table_lines(wide, 100)[1:]}) == 1


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_page_has_every_section_and_nothing_wider_than_the_place(width: int) -> None:
    long = ", ".join(f"picture-{number}.jpg" for number in range(40))
    found = replace(NOTHING, data=(DataDifference("0002-b", problem=long),))
    lines = page(found, width)
    assert [line.plain for line in lines if line.style == "bold"] == [
        "Runs", "Settings", "Circumstances", "Figures", "Data",
    ]  # fmt: skip
    assert all(line.cell_len <= width for line in lines)
