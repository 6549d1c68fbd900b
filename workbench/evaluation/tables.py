"""The evaluation as tables: text for people, CSV for programs, Markdown for reports; sorted by any column.

Figures that do not exist are a dash in text and Markdown and an empty cell in CSV, never 0.
"""

import unicodedata
from collections.abc import Callable

import pandas as pd  # noqa: TID251 - evaluation/ only

from workbench.annotation.formats.cells import line, normalise, protect
from workbench.errors import InputError
from workbench.evaluation.report import SPLITS, ClassMetrics, Evaluation
from workbench.text import neutralise
from workbench.toml import suggestion

DASH = "–"
OVERALL = "overall loss"
_COUNTS = ("n", "pictures", "support", "predicted")
_TITLES = {
    "low": "95 % low",
    "high": "95 % high",
    "majority_macro_f1": "majority macro-F1",
    "macro_f1": "macro-F1",
}


def head_frame(evaluation: Evaluation, *, sort: str | None = None) -> pd.DataFrame:
    """One row a head: accuracy on each split, and what the split that says most (test) says about it.

    Args:
        evaluation: The results.
        sort: A column's name; a minus before it turns the order. Missing figures come last.

    Returns:
        Columns head, n, train, validation, test (accuracies of the splits evaluated), low and high (Wilson's
        95 % interval), majority, macro_f1, majority_macro_f1, weakest_class, weakest_recall, and the loss
        on each split. All but the first few speak of `evaluation.focus`.

    Raises:
        InputError: There is no such column.
    """
    focus = evaluation.splits[evaluation.focus].heads if evaluation.focus else {}
    rows = []
    for name, head in focus.items():
        of = {split: result.heads[name] for split, result in evaluation.splits.items()}
        low, high = head.interval or (None, None)
        rows.append(
            {
                "head": name,
                "n": head.n,
                **{split: one.accuracy for split, one in of.items()},
                "low": low,
                "high": high,
                "majority": head.majority,
                "macro_f1": head.macro_f1,
                "majority_macro_f1": head.majority_macro_f1,
                "weakest_class": head.weakest,
                "weakest_recall": head.weakest_recall,
                **{f"{split}_loss": one.loss for split, one in of.items()},
            }
        )
    return _sorted(pd.DataFrame(rows), sort)


def class_frame(evaluation: Evaluation, *, split: str = "", sort: str | None = None) -> pd.DataFrame:
    """One row a class of every head on one split: support, predicted, precision, recall, f1, reason.

    Args:
        evaluation: The results.
        split: By default the one that says most.
        sort: As in `head_frame`.
    """
    result = evaluation.only([split or evaluation.focus]).splits[split or evaluation.focus]
    rows = [_class_row(name, one) for name, head in result.heads.items() for one in head.classes]
    return _sorted(pd.DataFrame(rows), sort)


def _class_row(head: str, one: ClassMetrics) -> dict[str, object]:
    """One class as a row."""
    return {
        "head": head,
        "class": one.name,
        "support": one.support,
        "predicted": one.predicted,
        "precision": one.precision,
        "recall": one.recall,
        "f1": one.f1,
        "reason": one.reason,
    }


def _sorted(frame: pd.DataFrame, sort: str | None) -> pd.DataFrame:
    """The rows in the order of a column."""
    if not sort:
        return frame
    column = normalise(sort.removeprefix("-"))
    if column not in frame.columns:
        cure = suggestion(column, tuple(map(str, frame.columns)))
        raise InputError(f"no column is named {column!r}", where="--sort", cure=cure)
    return frame.sort_values(
        column, ascending=not sort.startswith("-"), kind="stable", na_position="last", ignore_index=True
    )


def as_text(
    evaluation: Evaluation, *, sort: str | None = None, classes: bool = False, split: str = ""
) -> str:
    """The table for a terminal, columns aligned; ends with a newline.

    Args:
        evaluation: The results.
        sort: A column's name; a minus before it turns the order.
        classes: One row a class instead of one a head.
        split: The classes' split; by default the one that says most.
    """
    frame = class_frame(evaluation, split=split, sort=sort) if classes else head_frame(evaluation, sort=sort)
    where = split or evaluation.focus
    title = f"run {neutralise(evaluation.run)}, " + (
        f"classes on {where}" if classes else _explanation(where)
    )
    cells = _shown(frame, drop_losses=not classes)
    lines = [title, "", *_aligned(cells)]
    if not classes:
        lines += ["", *_overall_lines(evaluation)]
    lines += [f"note: {neutralise(note)}" for note in evaluation.notes]
    lines += [
        f"set aside: {neutralise(name)}: {neutralise(why)}" for name, why in evaluation.set_aside.items()
    ]
    return "\n".join(lines) + "\n"


def _explanation(focus: str) -> str:
    """What the columns without a split's name speak of."""
    return (
        f"accuracy on each split; n, interval, majority, macro-F1 and weakest class on {focus or 'no split'}"
    )


def _overall_lines(evaluation: Evaluation) -> list[str]:
    """The summed loss of each split, as the reference's table has it."""
    parts = [
        f"{split} {DASH if result.loss is None else f'{result.loss:.3f}'} ({result.pictures} pictures)"
        for split, result in evaluation.splits.items()
    ]
    return [f"{OVERALL} (sum over heads): {', '.join(parts) or 'no split was evaluated'}"]


def as_markdown(
    evaluation: Evaluation, *, sort: str | None = None, classes: bool = False, split: str = ""
) -> str:
    """The same as a Markdown table; the last row of the heads' table is the overall loss."""
    frame = class_frame(evaluation, split=split, sort=sort) if classes else head_frame(evaluation, sort=sort)
    header, *rows = _shown(frame, drop_losses=not classes)
    if not classes:
        rows.append(_overall_row(evaluation, frame, len(header), lambda loss: f"{loss:.3f}"))
    right = [index > 0 and _is_number(column) for index, column in enumerate(frame.columns[: len(header)])]
    lines = [header, ["---:" if one else "---" for one in right], *rows]
    return "".join(f"| {' | '.join(map(_markdown_cell, row))} |\n" for row in lines)


def as_csv(evaluation: Evaluation, *, sort: str | None = None, classes: bool = False, split: str = "") -> str:
    """The same as CSV, figures in full; cells that a spreadsheet would run as a formula are made harmless."""
    frame = class_frame(evaluation, split=split, sort=sort) if classes else head_frame(evaluation, sort=sort)
    if not classes and len(frame):
        row = {**dict.fromkeys(frame.columns), "head": OVERALL}
        row.update({f"{name}_loss": result.loss for name, result in evaluation.splits.items()})
        frame = pd.DataFrame([*frame.to_dict("records"), row], columns=frame.columns)
        frame["n"] = frame["n"].astype("Int64")
    for column in frame.columns:
        if not _is_number(column):
            frame[column] = [protect(cell) if isinstance(cell, str) else cell for cell in frame[column]]
    rows = [["" if pd.isna(cell) else str(cell) for cell in row] for row in frame.itertuples(index=False)]
    return "".join(map(line, [list(map(str, frame.columns)), *rows]))  # pandas leaves a bare "\r" unquoted


def _overall_row(
    evaluation: Evaluation, frame: pd.DataFrame, width: int, show: Callable[[float], str]
) -> list[str]:
    """The overall loss under the accuracies of each split."""
    cells = [OVERALL, *[""] * (width - 1)]
    for split, result in evaluation.splits.items():
        place = list(frame.columns).index(split)
        cells[place] = DASH if result.loss is None else show(result.loss)
    return cells


def _is_number(column: object) -> bool:
    """Whether a column holds figures."""
    return column not in ("head", "class", "weakest_class", "reason")


def _shown(frame: pd.DataFrame, *, drop_losses: bool) -> list[list[str]]:
    """Header and rows as people read them."""
    columns = [column for column in frame.columns if not (drop_losses and str(column).endswith("_loss"))]
    header = [_TITLES.get(str(column), str(column).replace("_", " ")) for column in columns]
    rows = [[_cell(str(column), row[column]) for column in columns] for row in frame.to_dict("records")]
    return [header, *rows]


def _cell(column: str, value: object) -> str:
    """One figure with the digits that it deserves, a name neutralised, a dash for nothing."""
    if value is None or value != value:  # NaN, as pandas keeps a missing figure
        return DASH
    if isinstance(value, str):
        return neutralise(value)
    if column in _COUNTS:
        return f"{value:.0f}"
    return f"{value:.3f}"


def _aligned(lines: list[list[str]]) -> list[str]:
    """Columns of equal width; text to the left, figures to the right."""
    if not lines[0]:
        return []
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    left = {"head", "class", "weakest class", "reason"}
    shown = []
    for row in lines:
        cells = [
            cell + " " * (width - _width(cell)) if title in left else " " * (width - _width(cell)) + cell
            for cell, width, title in zip(row, widths, lines[0], strict=True)
        ]
        shown.append("  ".join(cells).rstrip())
    return shown


def _width(text: str) -> int:
    """Cells of a terminal: wide letters take two, marks that combine none."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _markdown_cell(text: str) -> str:
    """Nothing in it ends the cell or starts markup."""
    return neutralise(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")


__all__ = ["SPLITS", "as_csv", "as_markdown", "as_text", "class_frame", "head_frame"]
