"""An evaluation made by hand, small enough to check every figure in one's head."""

from collections.abc import Callable
from typing import Any

import pytest

from workbench.evaluation.report import ClassMetrics, Evaluation, HeadMetrics, SplitResult

MakeHead = Callable[..., HeadMetrics]


def head(n: int = 10, **changed: Any) -> HeadMetrics:
    """A head of two classes: 8 of 10 right, of which the majority guess gets 7."""
    figures: dict[str, Any] = {
        "n": n,
        "accuracy": 0.8,
        "interval": (0.49, 0.94),
        "macro_f1": 0.75,
        "majority": 0.7,
        "majority_macro_f1": 0.412,
        "majority_class": "none",
        "loss": 0.5,
        "weakest": "yes",
        "weakest_recall": 2 / 3,
        "classes": (
            ClassMetrics("none", 7, 7, 6 / 7, 6 / 7, 6 / 7),
            ClassMetrics("yes", 3, 3, 2 / 3, 2 / 3, 2 / 3),
            ClassMetrics("maybe", 0, 0, None, None, None, "no picture of this class in the split"),
        ),
        "confusion": ((6, 1, 0), (1, 2, 0), (0, 0, 0)),
    }
    return HeadMetrics(**{**figures, **changed})


def nothing() -> HeadMetrics:
    """A head without a labelled picture in the split."""
    names = (
        "accuracy",
        "interval",
        "macro_f1",
        "majority",
        "majority_macro_f1",
        "loss",
        "weakest",
        "weakest_recall",
    )
    return head(0, **dict.fromkeys(names), reason="no labelled picture in the split")


def evaluation(*splits: str) -> Evaluation:
    """Two heads on each split; the second is empty on test."""
    found = {}
    for split in splits or ("train", "validation", "test"):
        second = nothing() if split == "test" else head(accuracy=0.95, loss=0.25)
        found[split] = SplitResult(
            10, 0.5 if split == "test" else 0.75, {"freckles": head(), "glasses": second}
        )
    return Evaluation("0007-sgd", found, "00ff", {"gone.jpg": "the file is no longer there"}, ("a note",))


@pytest.fixture
def evaluated() -> Evaluation:
    """All three splits."""
    return evaluation()
