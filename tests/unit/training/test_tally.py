"""Means over labelled pictures."""

import json
import math

import pytest

from workbench.training.tally import Tally


def test_batches_count_by_their_labelled_pictures() -> None:
    tally = Tally(["glasses", "hair"])
    tally.add("glasses", 3, 1.0, 1.0)
    tally.add("glasses", 1, 5.0, 0.0)
    tally.add("hair", 0, 0.0, 0.0)
    found = tally.figures()
    assert found.heads["glasses"].loss == pytest.approx(2.0)
    assert found.heads["glasses"].accuracy == pytest.approx(0.75)
    assert math.isnan(found.heads["hair"].loss)
    assert found.loss == pytest.approx(2.0)


def test_a_cleared_tally_begins_anew() -> None:
    tally = Tally(["a"])
    tally.add("a", 2, 1.0, 0.5)
    tally.clear()
    assert math.isnan(tally.figures().heads["a"].accuracy)


def test_a_tally_survives_a_checkpoint_in_the_middle_of_an_epoch() -> None:
    tally = Tally(["a", "b"])
    tally.add("a", 2, 1.0, 0.5)
    tally.add("b", 2, math.nan, 0.5)
    restored = Tally(["a", "b"])
    restored.restore(json.loads(json.dumps(tally.state(), allow_nan=False)))
    restored.add("a", 2, 3.0, 1.0)
    assert restored.figures().heads["a"].loss == pytest.approx(2.0)
    assert restored.figures().heads["a"].accuracy == pytest.approx(0.75)
    assert math.isnan(restored.figures().heads["b"].loss)
