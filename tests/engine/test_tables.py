"""The table as text, CSV and Markdown: what stands in it, in which order, and dashes for what is unknown."""

import csv
import io

import pandas as pd
import pytest

from tests.unit.evaluation.conftest import evaluation, head
from workbench.errors import InputError
from workbench.evaluation.report import ClassMetrics, Evaluation, SplitResult
from workbench.evaluation.tables import as_csv, as_markdown, as_text, class_frame, head_frame


def line(text: str, start: str) -> str:
    """The line that starts so."""
    return next(one for one in text.splitlines() if one.startswith(start))


def test_text_shows_the_references_table_and_what_keeps_it_honest() -> None:
    text = as_text(evaluation())
    assert "run 0007-sgd" in text
    header = line(text, "head ")
    for title in ("n", "train", "validation", "test", "majority", "macro-F1", "weakest class"):
        assert title in header
    assert line(text, "freckles").split()[:5] == ["freckles", "10", "0.800", "0.800", "0.800"]
    assert (
        "overall loss (sum over heads): train 0.750 (10 pictures), validation 0.750 (10 pictures), test 0.500"
        in text
    )


def test_a_figure_that_does_not_exist_is_a_dash_and_never_a_zero() -> None:
    cells = line(as_text(evaluation()), "glasses").split()
    assert cells[:5] == ["glasses", "0", "0.950", "0.950", "–"]
    assert set(cells[4:]) == {"–"}
    assert "nan" not in as_text(evaluation(), classes=True).lower().replace("none", "")


def test_columns_are_aligned_whatever_the_names() -> None:
    wide = SplitResult(10, 0.5, {"髪の色": head(), "e\u0301tat": head(), "plain": head()})
    text = as_text(Evaluation("r", {"test": wide}))
    rows = [one for one in text.splitlines() if "0.800" in one]
    import unicodedata

    def cells(text: str) -> int:
        return sum(
            0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
            for c in text
        )

    assert len({cells(one[: one.index("0.800")]) for one in rows}) == 1


def test_notes_and_pictures_set_aside_are_said() -> None:
    text = as_text(evaluation())
    assert "note: a note" in text
    assert "set aside: gone.jpg: the file is no longer there" in text


@pytest.mark.parametrize("style", [as_text, as_csv, as_markdown])
def test_sorted_by_any_column(style) -> None:  # type: ignore[no-untyped-def]
    up, down = style(evaluation(), sort="train"), style(evaluation(), sort="-train")
    assert up.index("freckles") < up.index("glasses")
    assert down.index("glasses") < down.index("freckles")


def test_missing_figures_come_last_in_either_order() -> None:
    for sort in ("macro_f1", "-macro_f1", "macro-F1", "-Macro F1"):
        assert head_frame(evaluation(), sort=sort)["head"].tolist() == ["freckles", "glasses"]


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"--sort: no column is named 'acuracy'"):
        as_text(evaluation(), sort="acuracy")
    with pytest.raises(InputError, match="did you mean 'majority'"):
        as_text(evaluation(), sort="majorty")


def test_csv_holds_the_figures_in_full() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(evaluation()))))
    assert [row["head"] for row in rows] == ["freckles", "glasses", "overall loss"]
    assert float(rows[0]["weakest_recall"]) == pytest.approx(2 / 3, abs=1e-12)
    assert rows[1]["test"] == ""
    assert rows[0]["n"] == "10"
    assert float(rows[2]["test_loss"]) == 0.5
    assert pd.read_csv(io.StringIO(as_csv(evaluation())))["train"].iloc[0] == 0.8


def test_no_csv_cell_is_a_formula() -> None:
    bad = '=HYPERLINK("http://x")'
    classes = (ClassMetrics(bad, 1, 1, 1.0, 1.0, 1.0), ClassMetrics("b", 0, 0, None, None, None))
    result = SplitResult(1, 0.5, {bad: head(weakest=bad, classes=classes)})
    for text in (
        as_csv(Evaluation("r", {"test": result})),
        as_csv(Evaluation("r", {"test": result}), classes=True),
    ):
        for row in csv.reader(io.StringIO(text)):
            assert not any(cell.startswith("=") for cell in row)
        assert f"'{bad}" in [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def test_markdown_is_one_table_with_the_overall_loss_last() -> None:
    lines = as_markdown(evaluation()).splitlines()
    assert all(one.startswith("| ") and one.endswith(" |") for one in lines)
    assert len({one.count(" | ") for one in lines}) == 1
    assert lines[1].startswith("| --- | ---: |")
    assert lines[-1].startswith("| overall loss |  | 0.750 | 0.750 | 0.500 |")


def test_names_cannot_break_out_of_any_table() -> None:
    nasty = "a|b\x1b[31m\n`<img>"
    result = SplitResult(1, 0.5, {nasty: head()})
    markdown = as_markdown(Evaluation("r", {"test": result}))
    assert "\x1b" not in markdown
    assert "a\\|b" in markdown
    assert "<img" not in markdown
    assert "\x1b" not in as_text(Evaluation(nasty, {"test": result}))


def test_one_row_a_class() -> None:
    frame = class_frame(evaluation(), split="train", sort="-recall")
    assert len(frame) == 6
    assert frame["class"].iloc[0] == "none"
    text = as_text(evaluation(), classes=True, split="train")
    assert "classes on train" in text
    assert "no picture of this class in the split" in text
    assert as_markdown(evaluation(), classes=True).count("\n") == 2 + 6
    assert len(list(csv.DictReader(io.StringIO(as_csv(evaluation(), classes=True))))) == 6


@pytest.mark.parametrize("style", [as_text, as_csv, as_markdown])
def test_one_split_alone_is_a_table_too(style) -> None:  # type: ignore[no-untyped-def]
    assert "freckles" in style(evaluation("validation"))
    assert "test" not in style(evaluation("validation")).splitlines()[2 if style is as_text else 0]
