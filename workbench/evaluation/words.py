"""The figures of an evaluation in words, the same on the screen, in a report and on a model card."""

from workbench.evaluation.report import HeadMetrics

DASH = "–"
NOT_BETTER, UNSURE = "✗", "~"
LEGEND = {
    NOT_BETTER: "✗ no better than always answering the majority class",
    UNSURE: "~ the 95 % interval reaches down to the majority: it may be chance",
}


def figure(value: float | None) -> str:
    """Three digits, or a dash for what does not exist."""
    return DASH if value is None else f"{value:.3f}"


def interval(head: HeadMetrics) -> str:
    """Wilson's interval."""
    return DASH if head.interval is None else f"{head.interval[0]:.3f}–{head.interval[1]:.3f}"


def mark(head: HeadMetrics) -> str:
    """A sign where the accuracy does not beat the majority guess, or not for certain."""
    if head.accuracy is None or head.majority is None:
        return ""
    if head.accuracy <= head.majority:
        return NOT_BETTER
    return UNSURE if head.interval and head.interval[0] <= head.majority else ""
