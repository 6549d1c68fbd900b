"""The Data screen's charts and figures, from the counted labels."""

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from workbench.dataset.distribution import Distribution, HeadDistribution
from workbench.schema import Head, Schema
from workbench.text import neutralise
from workbench.tui.widgets.bars import Bar, Chart, chart_lines, column_width, columns
from workbench.tui.widgets.wrapping import wrap

_LEAST_COLUMN = 36
_NAME = 14
_EFFECTIVE = "effective: so many equally frequent classes would be as diverse (exp of the entropy)"


def charts(found: Distribution, schema: Schema) -> list[Chart]:
    """One chart a head, one of the exclusion, and last one of all heads together."""
    return [
        *(_head_chart(head, found.head(head.name)) for head in schema.heads),
        _exclusion(found, schema),
        _together(found, schema),
    ]


def _head_chart(head: Head, of: HeadDistribution) -> Chart:
    """Every class with its count and share of the answered pictures."""
    return Chart(
        f"{head.title}   {of.labelled} answered",
        tuple(_bars(head, of)),
        (f"open {of.unlabelled}   cannot tell {of.cannot_tell}", *_imbalance(head, of)),
    )


def _bars(head: Head, of: HeadDistribution) -> list[Bar]:
    """A head's classes."""
    total = of.labelled
    return [
        Bar(_title(head, name), count, count / total if total else None) for name, count in of.counts.items()
    ]


def _title(head: Head, name: str) -> str:
    """How a class is called on the screen."""
    one = head.by_name(name)
    return neutralise(one.title or one.name if one else name)


def _imbalance(head: Head, of: HeadDistribution) -> tuple[str, ...]:
    """Whether a majority guess would already look good."""
    if not of.labelled:
        return ("no answers yet: F2 labels",)
    missing = [_title(head, name) for name, count in of.counts.items() if not count]
    return (f"without any picture: {', '.join(missing)}",) if missing else ()


def _together(found: Distribution, schema: Schema) -> Chart:
    """All classes of all heads on one scale."""
    bars = [
        Bar(f"{head.title}: {one.label}", one.count, one.share)
        for head in schema.heads
        for one in _bars(head, found.head(head.name))
    ]
    return Chart("all heads together, one scale", tuple(bars))


def _exclusion(found: Distribution, schema: Schema) -> Chart:
    """How many pictures show nothing to label."""
    title = schema.exclusion.title
    total, kept = found.pictures, found.pictures - found.excluded
    bars = tuple(
        Bar(label, count, count / total if total else None)
        for label, count in ((title, found.excluded), ("to label", kept))
    )
    return Chart(f"{title}   of {total} pictures", bars)


def figures_table(found: Distribution, schema: Schema, width: int, muted: Style | str) -> list[Text]:
    """The imbalance of every head in figures, aligned."""
    wide = width >= 100
    names = {head.name: neutralise(head.title, _NAME) for head in schema.heads}
    first = max([4, *(cell_len(name) for name in names.values())])
    extra = f" {'open':>6} {'unclear':>8}" if wide else ""
    start = f" {'head':<{first}} {'n':>6}{extra}"
    majority, rarest = f"{'majority':<{_NAME}} {'share':>7}", f"{'rarest':<{_NAME}} {'n':>5}"
    lines = [Text(f"{start}  {majority}  {rarest}  effective", muted)]
    for head in schema.heads:
        of = found.head(head.name)
        line = Text(f" {set_cell_size(names[head.name], first)} {of.labelled:>6}")
        if wide:
            line.append(f" {of.unlabelled:>6} {of.cannot_tell:>8}")
        if of.labelled:
            line.append(f"  {_cell(_title(head, of.majority_class))} {100 * of.majority_share:>5.1f} %")
            line.append(f"  {_cell(_title(head, of.rarest_class))} {of.rarest_count:>5}")
            line.append(f"  {of.effective_classes:.2f} of {len(head.classes)}")
        else:
            line.append("  no answers yet", muted)
        lines.append(line)
    return lines


def _cell(words: str) -> str:
    """A word in its column."""
    return set_cell_size(neutralise(words, _NAME), _NAME)


def distribution_lines(
    found: Distribution, schema: Schema, width: int, bar_style: Style | str, muted: Style | str
) -> list[Text]:
    """Everything: counts, figures, charts."""
    intro = (
        f" {found.pictures} pictures   {found.complete} done   {found.pictures - found.complete} left   "
        f"{found.excluded} {neutralise(schema.exclusion.title)}"
    )
    lines = [Text(intro, "bold"), Text("")]
    lines += figures_table(found, schema, width, muted)
    lines += [Text(f" {line}", muted) for line in wrap(_EFFECTIVE, width - 2)] + [Text("")]
    each = column_width(width - 1, _LEAST_COLUMN)
    *single, together = charts(found, schema)
    blocks = [chart_lines(chart, each, bar_style, muted) for chart in single]
    drawn = [*columns(blocks, width - 1, _LEAST_COLUMN), Text("")]
    # The whole width: its labels name head and class, and its bars are the ones to compare.
    drawn += chart_lines(together, width - 1, bar_style, muted)
    return lines + [Text(" ").append_text(line) for line in drawn]
