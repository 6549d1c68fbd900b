"""What a network must not be trusted with, in sentences made of its data and figures."""

from collections.abc import Iterator

import numpy as np

from workbench.dataset.table import MASKED, SPLITS, Table
from workbench.evaluation.report import Evaluation, HeadMetrics
from workbench.exports.markdown import plain
from workbench.schema import Head, Schema

FEW = 10
"""Test pictures of a class below which its recall is hardly more than an anecdote: Wilson's 95 % interval of
ten right out of ten still begins at 0.72."""
_SELDOM = 0.5
_STANDING = (
    "Not for identification: it says how a face looks, not whose it is, and must not decide about a person.",
    "It always answers. Shown no face, several faces or a class that is not in its list, it still names one "
    "of its classes, and often surely.",
    "Its figures are of pictures from the same source as those it learnt from. Other cameras, light, ages or "
    "origins were not tested.",
    "Pictures are brought to a square and lose their proportions, as in training; crop to the face first.",
)


def limits(schema: Schema, table: Table, evaluation: Evaluation) -> list[str]:
    """Sentences of Markdown, those that hold for this network first.

    Args:
        schema: The run's heads.
        table: Its pictures, divided.
        evaluation: Its figures.
    """
    found = [*_pictures(table, evaluation)]
    for head in schema.heads:
        found += _classes(head, table)
        result = evaluation.splits.get(evaluation.focus)
        if result is not None and head.name in result.heads:
            found += _figures(head, result.heads[head.name], evaluation.focus)
    return [*found, *(plain(note) for note in evaluation.notes), *_STANDING]


def _pictures(table: Table, evaluation: Evaluation) -> Iterator[str]:
    """About the splits as a whole."""
    for split in SPLITS:
        if not len(table.rows(split)):
            yield f"There is no picture in the {split} split."
    if evaluation.set_aside:
        yield f"{len(evaluation.set_aside)} labelled pictures could not be read and are not in the figures."


def _classes(head: Head, table: Table) -> Iterator[str]:
    """Classes that were hardly or never seen, or never tested."""
    counts = {split: class_counts(head, table, split) for split in SPLITS}
    names = [one.name for one in head.classes]
    unseen = [name for name, count in zip(names, counts["train"], strict=True) if not count]
    untested = [name for name, count in zip(names, counts["test"], strict=True) if not count]
    few = [
        f"{name} ({count})"
        for name, count in zip(names, counts["test"], strict=True)
        if 0 < count < FEW and name not in unseen
    ]
    title = f"**{plain(head.name)}**"
    if unseen:
        yield f"{title}: no training picture of {_listed(unseen)}; it cannot know what these look like."
    if untested:
        yield f"{title}: no test picture of {_listed(untested)}; how well these are found is not known."
    if few:
        yield f"{title}: fewer than {FEW} test pictures of {_listed(few)}; their figures are mostly chance."
    missing = int((table.codes[head.name] == MASKED).sum())
    if missing * 4 > len(table):
        yield f"{title}: {missing} of {len(table)} pictures have no label for it."


def _figures(head: Head, one: HeadMetrics, split: str) -> Iterator[str]:
    """Heads that are no better than a guess, classes that are seldom found."""
    title = f"**{plain(head.name)}**"
    if one.accuracy is None or one.majority is None:
        yield f"{title}: no labelled picture in the {split} split; nothing is known of it."
        return
    low = one.interval[0] if one.interval else one.accuracy
    if low <= one.majority:
        yield (
            f"{title}: {one.accuracy:.1%} right is not shown to be better than always answering "
            f"{plain(one.majority_class)} ({one.majority:.1%}; the 95 % interval begins at {low:.1%})."
        )
    seldom = [
        f"{each.name} ({each.recall:.0%} of {each.support})"
        for each in one.classes
        if each.recall is not None and each.recall < _SELDOM
    ]
    if seldom:
        yield f"{title}: finds less than half of {_listed(seldom)}."


def class_counts(head: Head, table: Table, split: str) -> list[int]:
    """Pictures of each class in a split, in the schema's order."""
    codes = table.codes[head.name][table.rows(split)]
    return [int(count) for count in np.bincount(codes[codes != MASKED], minlength=len(head.classes))]


def _listed(names: list[str]) -> str:
    """Names in a sentence."""
    return ", ".join(plain(name) for name in names)
