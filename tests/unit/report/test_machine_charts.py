"""Charts of the machine: one a figure, in words and units of people, and none where nothing was measured."""

import math

import numpy as np
import pytest

from tests.unit.report.conftest import Page
from workbench.monitoring.curves import CurveKey
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.track import Track
from workbench.report.machine_charts import SPEED, field_words, machine_charts
from workbench.report.markup import join
from workbench.training.state import RunState

STARTED = 1.7e9


def snapshot_of(keys: list[CurveKey], values: list[list[float]], every: float = 5.0) -> RunSnapshot:
    """A run with figures, one row every so many seconds."""
    track, numbers = Track(), np.arange(1.0, len(values) + 1)
    track.extend(
        np.column_stack([numbers, numbers, STARTED + every * numbers, numbers]), keys, np.array(values)
    )
    return RunSnapshot("run", RunState.FINISHED, curves=track.curves(), started=STARTED)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (SPEED, "pictures a second"),
        (("", "memory_mb", "system"), "memory (MB)"),
        (("", "processor_percent", "system"), "processor (%)"),
        (("gpu 1", "power_watts", "system"), "gpu 1: power (W)"),
        (("", "unheard_of", "system"), "unheard of"),
        (("", "mb", "system"), "mb"),
    ],
)
def test_figures_have_names_and_units_of_people(key: CurveKey, words: str) -> None:
    assert field_words(key) == words


def test_each_figure_has_a_chart_and_its_mean_and_peak_stand_over_it() -> None:
    keys: list[CurveKey] = [SPEED, ("", "memory_mb", "system"), ("gpu 0", "power_watts", "system")]
    drawn = machine_charts(snapshot_of(keys, [[10.0, 900.0, 50.0], [30.0, 1100.0, 70.0]]))
    page = Page(join(*drawn))
    words = " ".join(page.words.split())
    assert page.elements.count("figure") == 3
    assert "memory (MB) mean 1e+03 , at most 1.1e+03" in words
    assert "Least 10.000, mean 20.000, greatest 30.000." in words
    assert "GPU 0: power (W)" in words
    assert "seconds" in words


def test_hours_are_hours() -> None:
    drawn = machine_charts(snapshot_of([("", "memory_mb", "system")], [[1.0]] * 10, every=3600))
    assert ">hours<" in drawn[0]


def test_what_was_never_measured_has_no_chart() -> None:
    assert machine_charts(snapshot_of([("", "memory_mb", "system")], [[math.nan]] * 3)) == []
    assert machine_charts(RunSnapshot("run", RunState.STARTING)) == []
    training: list[CurveKey] = [("", "loss", "train")]
    assert machine_charts(snapshot_of(training, [[1.0]])) == []
