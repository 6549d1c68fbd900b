"""The Evaluate screen's tables and sentences, from an evaluation; what does not exist is a dash, never 0."""

from collections.abc import Callable, Sequence

from rich.text import Text

from workbench.evaluation.report import SPLITS, ClassMetrics, Evaluation, HeadMetrics
from workbench.evaluation.words import DASH, LEGEND, figure, interval, mark
from workbench.text import neutralise
from workbench.tui.widgets.table_layout import Column, Row, TableView
from workbench.tui.widgets.table_order import Order
from workbench.tui.widgets.wrapping import counted, wrap

_NOTES = 2
_UNSORTED = "in schema order"
HEAD_COLUMNS = (
    Column("head", "head", left=True),
    Column("n", "n"),
    Column("train", "train"),
    Column("validation", "val", words="validation"),
    Column("test", "test"),
    Column("low", "95 %\ninterval", words="95 % interval (lower end)"),
    Column("majority", "majority"),
    Column("macro_f1", "macro-F1"),
    Column("majority_macro_f1", "majority\nmacro-F1"),
    Column("weakest_recall", "weakest class\n(recall)", left=True, words="weakest class's recall"),
)
CLASS_COLUMNS = (
    Column("class", "class", left=True),
    Column("support", "support"),
    Column("predicted", "predicted"),
    Column("precision", "precision"),
    Column("recall", "recall"),
    Column("f1", "F1"),
    Column("reason", "why –", left=True, words="reason"),
)
Value = str | float | None


def heads_view(evaluation: Evaluation, order: Order) -> TableView:
    """The reference's table: one row a head, the overall loss last; the rest keeps the accuracies honest."""
    rows = [_head_row(evaluation, name) for name in evaluation.head_names]
    losses = {name: figure(split.loss) for name, split in evaluation.splits.items()}
    total = tuple(
        "overall loss"
        if column.key == "head"
        else losses.get(column.key, DASH if column.key in SPLITS else "")
        for column in HEAD_COLUMNS
    )
    return TableView(HEAD_COLUMNS, order.apply(rows), (Row("", total),), order.column, order.falling)


def _head_row(evaluation: Evaluation, name: str) -> tuple[dict[str, Value], Row]:
    """A head's figures, for sorting, and as they are shown."""
    head = evaluation.splits[evaluation.focus].heads[name]
    of = {
        split: result.heads[name].accuracy
        for split, result in evaluation.splits.items()
        if name in result.heads
    }
    values: dict[str, Value] = {
        "head": name,
        "n": head.n,
        **{split: of.get(split) for split in SPLITS},
        "low": head.interval[0] if head.interval else None,
        "majority": head.majority,
        "macro_f1": head.macro_f1,
        "majority_macro_f1": head.majority_macro_f1,
        "weakest_recall": head.weakest_recall,
    }
    sign = mark(head)
    cells = (
        name,
        str(head.n),
        *(figure(of.get(split)) for split in SPLITS),
        interval(head),
        f"{figure(head.majority)} {sign or ' '}",
        figure(head.macro_f1),
        figure(head.majority_macro_f1),
        DASH if head.weakest is None else f"{head.weakest} ({figure(head.weakest_recall)})",
    )
    return values, Row(name, cells, frozenset({"majority"} if sign else ()))


def classes_view(head: HeadMetrics, order: Order) -> TableView:
    """One row a class."""
    rows = [_class_row(one) for one in head.classes]
    return TableView(CLASS_COLUMNS, order.apply(rows), (), order.column, order.falling)


def _class_row(one: ClassMetrics) -> tuple[dict[str, Value], Row]:
    """A class's figures, for sorting, and as they are shown."""
    values: dict[str, Value] = {
        "class": one.name,
        "support": one.support,
        "predicted": one.predicted,
        "precision": one.precision,
        "recall": one.recall,
        "f1": one.f1,
        "reason": one.reason or None,
    }
    figures = (figure(one.precision), figure(one.recall), figure(one.f1))
    return values, Row(one.name, (one.name, str(one.support), str(one.predicted), *figures, one.reason))


def heads_caption(evaluation: Evaluation, order: Order) -> str:
    """What the table is of."""
    pictures = ", ".join(
        f"{split} {counted(result.pictures, 'picture')}" for split, result in evaluation.splits.items()
    )
    return (
        f"{pictures} · train, val and test are accuracies; the columns beside them speak of "
        f"{evaluation.focus} · {order.words(HEAD_COLUMNS, _UNSORTED)}"
    )


def classes_caption(name: str, head: HeadMetrics, split: str, order: Order) -> str:
    """What the table of classes is of."""
    parts = [
        f"head {neutralise(name)} on {split}: n {head.n}",
        f"accuracy {figure(head.accuracy)} ({interval(head)})",
        f"majority {figure(head.majority)} ({neutralise(head.majority_class or DASH)}){mark_words(head)}",
        f"macro-F1 {figure(head.macro_f1)}",
        f"loss {figure(head.loss)}",
        order.words(CLASS_COLUMNS, _UNSORTED),
    ]
    return " · ".join(parts) + (f" · {neutralise(head.reason)}" if head.reason else "")


def mark_words(head: HeadMetrics) -> str:
    """The sign with a blank before it."""
    return f" {mark(head)}" if mark(head) else ""


def remarks(evaluation: Evaluation, split: str, heads: Sequence[str]) -> list[str]:
    """What a reader must know: the signs in use, notes, pictures that could not be read."""
    signs = {mark(evaluation.splits[split].heads[name]) for name in heads}
    lines = [words for sign, words in LEGEND.items() if sign in signs]
    lines += [f"note: {neutralise(note)}" for note in evaluation.notes[:_NOTES]]
    more = len(evaluation.notes) - _NOTES
    aside = len(evaluation.set_aside)
    rest = [counted(more, "more note")] if more > 0 else []
    rest += [f"{counted(aside, 'picture')} set aside"] if aside else []
    return lines + ([f"{' and '.join(rest)}: m lists all"] if rest else [])


def notes_lines(evaluation: Evaluation) -> Callable[[int], list[Text]]:
    """All notes and all pictures set aside, for a width."""

    def lay_out(width: int) -> list[Text]:
        lines = [f"note: {neutralise(note)}" for note in evaluation.notes]
        lines += [
            f"set aside: {neutralise(name)}: {neutralise(why)}" for name, why in evaluation.set_aside.items()
        ]
        wrapped = [line for words in lines for line in wrap(words, width)]
        return [Text(line) for line in wrapped] or [Text("no notes; every picture could be read")]

    return lay_out
