"""Tables of results that hold odd names, few splits or no figures: each style stays a table."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evaluation.conftest import evaluation, head, nothing
from workbench.annotation.formats.cells import unprotect
from workbench.errors import InputError, RunError
from workbench.evaluation.report import ClassMetrics, Evaluation, SplitResult
from workbench.evaluation.tables import as_csv, as_markdown, as_text, class_frame, head_frame

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name != "nan")
Style = Callable[..., str]


def one_head(name: str, **changed: Any) -> Evaluation:
    """A head of this name on test."""
    return Evaluation("run", {"test": SplitResult(10, 0.5, {name: head(**changed)})})


def cells_of(line: str) -> list[str]:
    """The cells of a line of Markdown."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@settings(max_examples=40, deadline=None)
@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_any_names_keep_every_style_a_table(names: list[str]) -> None:
    found = Evaluation("run", {"test": SplitResult(9, 1.5, {name: head() for name in names})})
    rows = list(csv.DictReader(io.StringIO(as_csv(found), newline="")))
    assert [unprotect(row["head"]) for row in rows] == [*names, "overall loss"]
    lines = as_markdown(found).splitlines()
    assert len(lines) == 2 + len(names) + 1
    assert len({len(cells_of(line)) for line in lines}) == 1
    text = as_text(found)
    assert len(text.splitlines()) == 2 + 1 + len(names) + 2
    assert all(unicodedata.category(one)[0] != "C" or one in "\n\u200d" for one in text)


@settings(max_examples=25, deadline=None)
@given(name=NAMES, reason=NAMES)
def test_any_class_and_reason_come_back_from_csv(name: str, reason: str) -> None:
    classes = (ClassMetrics(name, 3, 4, 0.5, 0.25, 1 / 3), ClassMetrics("b", 0, 0, None, None, None, reason))
    text = as_csv(one_head("a", classes=classes), classes=True)
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert unprotect(first["class"]) == name
    assert (first["support"], first["predicted"], float(first["f1"])) == ("3", "4", 1 / 3)
    assert unprotect(second["reason"]) == reason
    assert (second["precision"], second["recall"], second["f1"]) == ("", "", "")


def test_the_columns_are_the_contract() -> None:
    assert list(head_frame(evaluation()).columns) == [
        "head", "n", "train", "validation", "test", "low", "high", "majority", "macro_f1",
        "majority_macro_f1", "weakest_class", "weakest_recall",
        "train_loss", "validation_loss", "test_loss",
    ]  # fmt: skip
    assert list(class_frame(evaluation()).columns) == [
        "head", "class", "support", "predicted", "precision", "recall", "f1", "reason",
    ]  # fmt: skip
    assert "train" not in head_frame(evaluation("test")).columns


def test_all_but_the_accuracies_speak_of_the_split_in_focus() -> None:
    splits = {
        "train": SplitResult(70, 0.1, {"a": head(70, accuracy=0.99, macro_f1=0.98, weakest="none")}),
        "validation": SplitResult(15, 0.2, {"a": head(15, accuracy=0.9, macro_f1=0.8, loss=0.3)}),
    }
    [row] = head_frame(Evaluation("r", splits)).to_dict("records")
    assert (row["n"], row["train"], row["validation"], row["macro_f1"]) == (15, 0.99, 0.9, 0.8)
    assert (row["weakest_class"], row["train_loss"], row["validation_loss"]) == ("yes", 0.5, 0.3)
    assert "macro-F1 and weakest class on validation" in as_text(Evaluation("r", splits))


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("head", "a"), ("-head", "c"), ("n", "b"), ("-n", "c"), ("test", "c"), ("-test", "a"),
        ("Majority", "c"), ("-majority", "a"), ("weakest class", "a"), ("test-loss", "b"),
    ],
)  # fmt: skip
def test_every_column_sorts_both_ways(sort: str, first: str) -> None:
    found = {
        "b": head(1, accuracy=0.8, majority=0.5, loss=0.1, weakest="w"),
        "a": head(5, accuracy=0.9, majority=0.7, loss=0.9, weakest="v"),
        "c": head(9, accuracy=0.7, majority=0.3, loss=None, weakest="z"),
    }
    frame = head_frame(Evaluation("r", {"test": SplitResult(9, 1.0, found)}), sort=sort)
    assert frame["head"].iloc[0] == first
    assert frame.index.tolist() == [0, 1, 2]


def test_equal_figures_keep_the_schemas_order() -> None:
    found = Evaluation("r", {"test": SplitResult(9, 1.0, {name: head() for name in "zcamk"})})
    for sort in ("n", "-n", "test", "-macro_f1"):
        assert head_frame(found, sort=sort)["head"].tolist() == list("zcamk")


@pytest.mark.parametrize(("sort", "nearest"), [("f2", "f1"), ("suport", "support"), ("clas", "class")])
def test_a_misspelt_column_of_classes_names_the_nearest(sort: str, nearest: str) -> None:
    with pytest.raises(InputError, match=f"--sort: no column is named '{sort}'; did you mean '{nearest}'"):
        as_text(evaluation(), classes=True, sort=sort)


@pytest.mark.parametrize("style", [as_text, as_csv, as_markdown])
def test_classes_of_a_split_that_was_not_evaluated_are_refused(style: Style) -> None:
    with pytest.raises(RunError, match="the validation split was not evaluated"):
        style(evaluation("train"), classes=True, split="validation")


@pytest.mark.parametrize("style", [as_text, as_csv, as_markdown])
def test_a_split_without_any_label_has_no_figure_and_no_zero(style: Style) -> None:
    found = Evaluation("r", {"test": SplitResult(0, None, {"a": nothing(), "b": nothing()})})
    text = style(found)
    assert "nan" not in text.lower()
    assert "None" not in text
    assert "0.000" not in text
    row = next(line for line in text.splitlines() if line.lstrip("| ").startswith("a"))
    assert re.findall(r"\d+\.?\d*", row) == ["0"], "only n"
    shown = style(found, classes=True)
    assert "nan" not in re.sub("none|no picture", "", shown.lower())


def test_a_table_of_nothing_is_still_said() -> None:
    text = as_text(Evaluation("r", {}))
    assert "no split was evaluated" in text
    assert text.endswith("\n")


def test_figures_have_three_digits_and_counts_none() -> None:
    found = one_head("a", n=1234567, accuracy=2 / 3, macro_f1=0.0005, majority=1.0)
    cells = next(line for line in as_text(found).splitlines() if line.startswith("a ")).split()
    assert cells[:3] == ["a", "1234567", "0.667"]
    assert "1.000" in cells
    assert {"0.001", "0.000"} & set(cells)


def test_the_overall_loss_stands_below_each_splits_accuracies() -> None:
    *_, header, last = (cells_of(as_markdown(evaluation())
                                 .splitlines()[place]) for place in (0, -1))  # fmt: skip
    assert last[0] == "overall loss"
    assert {title: cell for title, cell in zip(header, last, strict=True) if cell} == {
        "head": "overall loss",
        "train": "0.750",
        "validation": "0.750",
        "test": "0.500",
    }
    lossless = Evaluation("r", {"test": SplitResult(0, None, {"a": nothing()})})
    assert cells_of(as_markdown(lossless).splitlines()[-1])[2] == "–"
    assert "overall loss (sum over heads): test – (0 pictures)" in as_text(lossless)


def test_what_is_said_beside_the_table_is_harmless_too() -> None:
    nasty = "x\x1b[2J\n\u202ey"
    found = Evaluation(nasty, evaluation("test").splits, "", {nasty: nasty}, (nasty,))
    text = as_text(found)
    assert "\x1b" not in text
    assert "\u202e" not in text
    shown = "x\\e[2J\\n\\u202ey"
    assert text.splitlines()[0].startswith(f"run {shown}, ")
    assert f"note: {shown}" in text.splitlines()
    assert f"set aside: {shown}: {shown}" in text.splitlines()


def test_csv_of_heads_reads_as_figures_not_as_text() -> None:
    header, *rows = csv.reader(io.StringIO(as_csv(evaluation())))
    counted = header.index("n")
    assert [row[counted] for row in rows] == ["10", "0", ""]
    assert len({len(row) for row in rows} | {len(header)}) == 1
    assert as_csv(evaluation()).count("\r") == 0
