"""Charts as text: what is drawn of a run's curves, over any axis, at every zoom, whatever the values are."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from workbench.monitoring.curves import AXES, Curve
from workbench.monitoring.marks import Mark
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.track import Track
from workbench.training.state import RunState
from workbench.tui.chart_content import contents_of, extent_of
from workbench.tui.chart_lines import Frame, chart_lines, number
from workbench.tui.chart_view import METRICS, SPANS, ChartView, Extent, edges, panned, with_cursor, zoomed
from workbench.tui.charts import MARKS, columns
from workbench.tui.thinning import gap_cells, spans, trace_of
from workbench.tui.widgets.chart_board import layout
from workbench.tui.widgets.chart_panel import LOOKS

TRAIN, VALIDATION = ("hair", "loss", "train"), ("hair", "loss", "validation")
PLAIN = dict.fromkeys(LOOKS, Style())
MILLION = 1_000_000
SPIKE, GAP = 654_321, 123_456


def curve(values: "list[float] | np.ndarray", per_epoch: float = 4.0, key: Any = TRAIN) -> Curve:
    """A curve of so many points an epoch, one second apart."""
    track, found = Track(), np.asarray(values, float)
    for at in range(0, len(found), 8192):
        steps = np.arange(at + 1.0, at + 1.0 + len(found[at : at + 8192]))
        axes = np.stack([steps, steps / per_epoch, 1e9 + steps, steps * 400], axis=1)
        track.extend(axes, [key], found[at : at + 8192, None])
    return track.curves()[key]


def snapshot(values: list[float], validation: list[float] | None = None, **more: Any) -> RunSnapshot:
    """A run of four epochs of four batches whose head has these curves."""
    curves = {TRAIN: curve(values)}
    if validation:
        curves[VALIDATION] = curve(validation, 1.0, VALIDATION)
    about = {"epochs": 4, "batches": 4, "started": 1e9, "majority": {"hair": 0.4}, "curves": curves}
    return RunSnapshot("0001-fast", RunState.RUNNING, **{**about, **more})


def lines(run: RunSnapshot, view: ChartView, width: int = 60, height: int = 14) -> list[str]:
    """The chart of the head as text."""
    content = contents_of({"hair": "hair colour"}, run, view)["hair"]
    frame = Frame(width, height, Style(), PLAIN)
    return [one.plain for one in chart_lines(content, frame, lambda _, of, span: of.smoothed(span))]


LOSS = ChartView("loss", 1)
FALLING = [2.0 - step / 8 for step in range(12)]


def test_training_and_validation_are_a_pair_that_differs_in_form() -> None:
    shown = lines(snapshot(FALLING, [1.5, 1.1, 0.9]), LOSS)
    heading = " ".join(shown[:2])
    assert f"{MARKS['train']} train 0.625" in heading
    assert f"{MARKS['validation']} validation 0.900" in heading
    drawing = "\n".join(shown[2:])
    assert any(0x2800 < ord(one) < 0x2900 for one in drawing)
    assert set("▀▄▘▝▖▗▌▐█▚▞▙▛▜▟") & set(drawing)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.floats() | st.just(math.nan), min_size=1, max_size=20),
    st.integers(38, 120),
    st.integers(4, 30),
    st.sampled_from(AXES),
    st.booleans(),
    st.sampled_from(SPANS),
)
def test_any_values_stay_within_the_place_of_the_chart(
    values: list[float], width: int, height: int, axis: Any, log: bool, span: int
) -> None:
    shown = lines(snapshot(values), ChartView("loss", span, axis, log), width, height)
    assert len(shown) <= height
    assert all(len(line) <= width for line in shown)
    assert all(line.isprintable() for line in shown)


@pytest.fixture(scope="module")
def long_curve() -> Curve:
    """A million steps with one spike, and one value that is no number."""
    values = np.sin(np.arange(MILLION) / 1e4)
    values[SPIKE - 1], values[GAP - 1] = 99.0, math.nan
    return curve(values, 1000.0)


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("width", [24, 60, 153])
def test_a_spike_of_one_step_in_a_million_is_drawn_at_every_zoom(
    long_curve: Curve, axis: Any, width: int
) -> None:
    x, cells = long_curve.x(axis, 1e9), columns(width)
    at = float(x[int(np.flatnonzero(long_curve.high == 99.0)[0])])
    gap = float(x[int(np.flatnonzero(long_curve.gaps)[0])])
    whole = float(x[-1] - x[0])
    for zoom in range(13):
        wide = whole / 2**zoom
        for middle, share in ((at, 0.5), (at, 0.1), (at, 0.93)):
            left = middle - share * wide
            covered = spans(trace_of(long_curve, x), left, left + wide, cells)
            assert covered.reach is not None
            assert covered.reach[1] == 99.0, f"lost at zoom {zoom}"
        assert gap_cells(trace_of(long_curve, x), gap - wide / 2, gap + wide / 2, cells)


def test_behind_a_smoothed_curve_the_range_of_its_values_is_drawn() -> None:
    values = [1.0] * 400
    values[200] = 9.0
    run = snapshot(values, epochs=100)
    assert "10" in lines(run, ChartView("loss", 200))[2], "the spike is within the scale"
    shown = [lines(run, ChartView("loss", span)) for span in (200, 1)]
    for drawing in shown:
        assert any(0x2800 < ord(one) < 0x2900 for one in drawing[3]), "and is drawn up to it"


def test_on_a_logarithmic_axis_what_is_not_above_0_is_a_gap_and_said() -> None:
    shown = lines(snapshot([1000.0, 10.0, 0.0, 0.1, 0.001]), ChartView("loss", 1, log=True))
    assert MARKS["gap"] in "".join(shown[2:4])
    assert "log" in shown[0]


def test_what_happened_is_marked_at_its_place() -> None:
    marks = (Mark("rate", 1.0, 4, 1e9 + 4, "rate"), Mark("restart", 2.0, 8, 1e9 + 8, "restart"))
    run = snapshot(FALLING, [1.5, 1.1, 1.3], marks=marks, best_epoch=2)
    for axis in AXES:
        shown = "\n".join(lines(run, ChartView("loss", 1, axis), 100, 20))
        assert "★" in shown.partition("\n")[2].partition("\n")[2]
        assert shown.index("◆") < shown.index("↻")


def test_at_the_cursor_every_line_is_read_off() -> None:
    run = snapshot(FALLING, [1.5, 1.1, 0.9])
    there = extent_of(run, "epoch")
    view = with_cursor(with_cursor(LOSS, there, 50, 0), there, 50, -math.inf)
    assert view.cursor == 0
    newest = with_cursor(view, there, 50, math.inf)
    assert newest.cursor == pytest.approx(3.0, abs=there.right / 49)
    shown = lines(run, newest)
    assert "0.625" in " ".join(shown[:2])
    assert sum("│" in line[7:] for line in shown[2:]) > 5


def test_zoom_and_pan_hold_the_window_and_follow_lets_it_go_on() -> None:
    there = Extent(0.0, 100.0, 128.0, 128.0, 0.5)
    closer = zoomed(LOSS, there, 0.5)
    assert (closer.state, LOSS.state) == ("HELD", "FOLLOW")
    assert edges(closer, there)[1] - edges(closer, there)[0] == 64
    moved = panned(closer, there, -0.25)
    assert edges(moved, there)[0] == edges(closer, there)[0] - 16
    later = Extent(0.0, 200.0, 256.0, 256.0, 0.5)
    assert edges(moved, later) == edges(moved, there), "what a person looks at stays"
    following = moved.follow()
    left, right = edges(following, later)
    assert following.state == "FOLLOW"
    assert left < 200 <= right
    assert right - left == 64
    assert edges(zoomed(zoomed(closer, there, 2), there, 2), there) == (0.0, 128.0)
    assert panned(LOSS, there, 1.0) == LOSS


@given(st.lists(st.sampled_from(["in", "out", "left", "right", "follow"]), max_size=12))
def test_whatever_is_pressed_the_window_stays_on_the_run(keys: list[str]) -> None:
    view, there = LOSS, Extent(0.0, 100.0, 128.0, 128.0, 0.5)
    for key in keys:
        if key in ("in", "out"):
            view = zoomed(view, there, 0.5 if key == "in" else 2.0)
        elif key == "follow":
            view = view.follow()
        else:
            view = panned(view, there, -0.5 if key == "left" else 0.5)
        left, right = edges(view, there)
        assert -1e-9 <= left < right <= 144
        assert right - left >= 0.5


def test_a_point_more_changes_few_cells() -> None:
    before, after = (lines(snapshot(FALLING[:count]), LOSS) for count in (10, 11))
    changed = sum(
        one != other
        for line, later in zip(before, after, strict=True)
        for one, other in zip(line.ljust(60), later.ljust(60), strict=True)
    )
    assert 0 < changed < 40


def test_choices_go_round() -> None:
    view = ChartView()
    for what, count in (("metric", len(METRICS)), ("smoothing", len(SPANS)), ("axis", len(AXES)), ("log", 2)):
        seen = view
        for _ in range(count):
            seen = seen.other(what)
        assert seen == view


@pytest.mark.parametrize("size", [(80, 20), (120, 30), (160, 38), (400, 100)])
@pytest.mark.parametrize("count", [1, 2, 6, 13])
def test_charts_have_no_empty_column_and_room_to_be_read(count: int, size: tuple[int, int]) -> None:
    across, high = layout(count, *size)
    assert across * -(-count // across) - count < across
    assert size[0] // across >= 38
    assert high >= 8


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (math.nan, "no number"), (0.12345, "0.123"), (99.5, "99.5"), (12345.6, "1.23e4")],
)
def test_values_in_the_legend(value: float | None, words: str) -> None:
    assert number(value) == words
