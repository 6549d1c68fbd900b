"""The evaluation of a run as tables: its heads, every class, and which class is taken for which."""

from collections.abc import Sequence

from workbench.evaluation.report import SPLITS, Evaluation, HeadMetrics
from workbench.evaluation.words import DASH, LEGEND, figure, interval, mark
from workbench.report.markup import Html, element, heading, join, number, table


def results(evaluation: Evaluation, titles: dict[str, str]) -> Html:
    """All tables of an evaluation.

    Args:
        evaluation: The figures.
        titles: What each head is called.
    """
    focus = evaluation.focus
    first = evaluation.splits[focus]
    others = [split for split in evaluation.splits if split != focus]
    return join(
        _heads(evaluation, focus, titles),
        _remarks(evaluation),
        [_head(titles.get(name, name), focus, one) for name, one in first.heads.items()],
        [_other(evaluation, split, titles) for split in others],
    )


def _heads(evaluation: Evaluation, split: str, titles: dict[str, str]) -> Html:
    """One row a head, as on the Evaluate screen."""
    others = [one for one in SPLITS if one in evaluation.splits and one != split]
    names = [
        "n",
        f"accuracy ({split})",
        "95 % interval",
        *others,
        "majority",
        "macro-F1",
        "majority macro-F1",
    ]
    header = ["head", *map(heading, names), "weakest class (recall)", heading("loss")]
    result = evaluation.splits[split]
    rows = []
    for name, one in result.heads.items():
        elsewhere = [evaluation.splits[other].heads.get(name) for other in others]
        cells = [
            f"{one.n:,}",
            element("b", figure(one.accuracy)),
            interval(one),
            *(DASH if other is None else figure(other.accuracy) for other in elsewhere),
            f"{figure(one.majority)} {mark(one)}".strip(),
            figure(one.macro_f1),
            figure(one.majority_macro_f1),
        ]
        weakest = DASH if one.weakest is None else f"{one.weakest} ({figure(one.weakest_recall)})"
        rows.append([titles.get(name, name), *map(number, cells), weakest, number(figure(one.loss))])
    between = [number(None) for _ in names[1:]]
    total = [number(f"{result.pictures:,}"), *between, element("td"), number(figure(result.loss))]
    rows.append(["all heads", *total])
    return table(header, rows, f"The {split} split: {result.pictures:,} pictures")


def _remarks(evaluation: Evaluation) -> Html | None:
    """What a reader must know: the signs in use, notes, pictures that could not be read."""
    signs = {mark(one) for one in evaluation.splits[evaluation.focus].heads.values()}
    lines = [words for sign, words in LEGEND.items() if sign in signs]
    lines += evaluation.notes
    aside = list(evaluation.set_aside.items())
    lines += [f"set aside: {name}: {why}" for name, why in aside[:_NAMED]]
    lines += [f"set aside: {len(aside) - _NAMED:,} more pictures"] if len(aside) > _NAMED else []
    return element("ul", *[element("li", line) for line in lines], class_="remarks") if lines else None


_NAMED = 20


def _other(evaluation: Evaluation, split: str, titles: dict[str, str]) -> Html:
    """Another split, folded up."""
    heads = evaluation.splits[split].heads.items()
    return element(
        "details",
        element("summary", f"The {split} split, class by class"),
        _heads(evaluation, split, titles),
        [_head(titles.get(name, name), split, one) for name, one in heads],
    )


def _head(title: str, split: str, one: HeadMetrics) -> Html:
    """One head's classes and its confusions, side by side where there is room."""
    if not one.n:
        words = one.reason or f"no labelled picture in the {split} split"
        return element("section", element("h3", title), element("p", words, class_="empty"))
    both = element("div", _classes(one), _confusion(one), class_="pair")
    return element("section", element("h3", title), both)


def _classes(one: HeadMetrics) -> Html:
    """One row a class."""
    reasons = any(each.reason for each in one.classes)
    names = ["support", "predicted", "precision", "recall", "F1"]
    header = ["class", *map(heading, names), *(["why –"] if reasons else [])]
    rows = [
        [
            each.name,
            *map(number, [f"{each.support:,}", f"{each.predicted:,}"]),
            *map(number, [figure(each.precision), figure(each.recall), figure(each.f1)]),
            *([each.reason] if reasons else []),
        ]
        for each in one.classes
    ]
    return table(header, rows, "Each class")


def _confusion(one: HeadMetrics) -> Html:
    """Rows are what pictures are, columns what they are taken for; a cell is filled up to its share."""
    names = [each.name for each in one.classes]
    rows = [
        [name, *(_cell(row, column, column == at) for column in range(len(names)))]
        for at, (name, row) in enumerate(zip(names, one.confusion, strict=True))
    ]
    header = ["is ↓  taken for →", *map(heading, names)]
    return table(header, rows, "Which is taken for which", class_="confusion")


def _cell(row: Sequence[int], column: int, right: bool) -> Html:
    """A count, and which share of its row it is: in percent, as a filling, and framed where it is right."""
    count, total = row[column], sum(row)
    part = count / total if total else 0.0
    return element(
        "td",
        f"{count:,}",
        element("small", f"{part:.0%}") if count else None,
        class_=" ".join(["number", "right" if right else "wrong", "" if count else "none"]).strip(),
        style=f"--part:{part:.0%}" if count else None,
    )
