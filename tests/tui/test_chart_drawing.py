"""Charts of any values and titles: joined where they should be, within their place, legends in sight."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.training.curves import Series
from workbench.tui.charts import (
    LEAST_HEIGHT,
    LEAST_WIDTH,
    Looks,
    Plot,
    columns,
    draw,
    nice_step,
    ticks,
    y_range,
)
from workbench.tui.thinning import GrowingPoints, Points, thin
from workbench.tui.widgets.chart_grid import METRICS, SPANS, ChartChoice, horizon, layout
from workbench.tui.widgets.chart_panel import ChartContent, Frame, chart_lines

PLAIN: Looks = {role: Style() for role in ("axis", "train", "validation", "level", "gap")}
WIDE = "髪の色は何色ですか"
VALUES = st.floats(-3, 3) | st.floats() | st.sampled_from([0.0, 5e-324, 1e-310, 1e300, -1e300, 1e308])
BRAILLE = "".join(map(chr, range(0x2801, 0x2900)))
BLOCKS = "▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


def plain(lines: list[Text]) -> list[str]:
    """The lines without styles."""
    return [line.plain for line in lines]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(VALUES, max_size=30),
    level=st.none() | st.floats(0, 1),
    width=st.integers(LEAST_WIDTH, 90),
    height=st.integers(LEAST_HEIGHT, 20),
)
@example(values=[0.0, 5e-324], level=None, width=40, height=10)
@example(values=[1e-310, 2e-310], level=None, width=40, height=10)
@example(values=[1e300, -1e300], level=0.5, width=40, height=10)
def test_any_values_are_drawn_within_the_chart(
    values: list[float], level: float | None, width: int, height: int
) -> None:
    growing = GrowingPoints(1)
    growing.take(Series(tuple(float(x) for x in range(1, len(values) + 1)), tuple(values)))
    right = float(max(1, len(values)))
    plot = Plot((("train", growing.thinned(right, columns(width))),), right, width, height, level)
    lines = draw(plot, PLAIN)
    assert len(lines) == height
    assert all(line.cell_len <= width + 1 for line in lines)
    if any(not math.isfinite(value) for value in values):
        assert "×" in "".join(plain(lines))


@settings(max_examples=60, deadline=None)
@given(span=st.floats(1e-200, 1e200), most=st.integers(1, 9), low=st.floats(-1e6, 1e6))
def test_steps_are_round_and_cover_the_span(span: float, most: int, low: float) -> None:
    step = nice_step(span, most)
    assert step * most >= span * (1 - 1e-6)
    assert step <= span / most * 5.01
    digits = f"{step:.6e}"[0]
    assert digits in "125"
    if span > max(1e-6, abs(low) * 1e-6):
        at, words = ticks(low, low + span, most)
        assert len(at) == len(words) <= most + 1
        assert all(low - step * 0.01 <= one <= low + span + step * 0.01 for one in at)


@pytest.mark.parametrize("epochs", [0, 1, 3, 10, 10_000])
def test_the_right_edge_holds_the_curve_and_never_moves_back(epochs: int) -> None:
    edges = [horizon(reached / 7, epochs, whole=False) for reached in range(200)]
    assert all(edge >= reached / 7 for reached, edge in enumerate(edges))
    assert edges == sorted(edges)
    assert all(edge <= 2.01 * max(reached / 7, 0.5) or edge == 1 for reached, edge in enumerate(edges))
    assert horizon(0.1, epochs, whole=True) == max(1, epochs)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 41), width=st.integers(30, 300), height=st.integers(8, 90))
def test_charts_are_wide_enough_to_be_read_and_have_no_empty_column(
    count: int, width: int, height: int
) -> None:
    across, high = layout(count, width, height)
    rows = -(-count // across)
    assert 1 <= across <= count
    assert width // across >= 38 or across == 1
    assert high >= min(height, 8)
    assert (across - 1) * rows < count, "a column fewer would need more rows"
    assert high == height // rows or high == min(height, 8)


def test_choices_of_a_chart_come_back_after_a_round() -> None:
    choice = ChartChoice()
    seen = []
    for what, count in (("metric", len(METRICS)), ("smoothing", len(SPANS)), ("axis", 2)):
        turned = choice
        for _ in range(count):
            turned = turned.other(what)
            seen.append(turned)
        assert turned == choice, what
    assert len(set(seen)) == len(METRICS) + len(SPANS) + 2 - 2


@pytest.mark.parametrize("height", [6, 9, 10, 14])
@pytest.mark.parametrize("width", [38, 60])
@pytest.mark.parametrize("title", ["nose", WIDE, WIDE * 4, "a\x1b[2J\n\u202e", "[bold]head[/]", "x" * 200])
def test_a_legend_stays_in_sight_beside_any_title(title: str, width: int, height: int) -> None:
    series = Series((1.0, 2.0), (0.5, 0.25))
    content = ChartContent("h", title, "accuracy", "train", series, series, 0.61, 4.0, 1)
    frame = Frame(width, height, Style(), PLAIN)
    points: dict[tuple[str, str, str], GrowingPoints] = {}
    lines = chart_lines(content, frame, lambda key: points.setdefault(key, GrowingPoints(1)))
    assert len(lines) == height
    heading = plain(lines[: frame.heading])
    assert all(cell_len(line) <= width for line in heading), heading
    assert "".join(heading).count("0.250") == 2, "both newest values"
    assert "\x1b" not in "".join(heading)
    if height >= 10:
        assert "0.610" in heading[0], "the majority to beat"
        assert "train" in heading[1]


@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(st.floats(-5, 5), min_size=1, max_size=40),
    cut=st.integers(0, 40),
    span=st.sampled_from(SPANS),
)
def test_a_curve_taken_in_two_parts_is_the_curve_taken_at_once(
    values: list[float], cut: int, span: float
) -> None:
    whole = Series(tuple(float(x) for x in range(1, len(values) + 1)), tuple(values))
    at_once, bit_by_bit = GrowingPoints(span), GrowingPoints(span)
    at_once.take(whole)
    bit_by_bit.take(Series(whole.x[:cut], whole.y[:cut]))
    bit_by_bit.take(whole)
    bit_by_bit.take(whole)
    assert bit_by_bit.thinned(40.0, 20) == at_once.thinned(40.0, 20)
    other = replace(whole, y=(*whole.y[:-1], whole.y[-1] + 1))
    bit_by_bit.take(other)
    fresh = GrowingPoints(span)
    fresh.take(other)
    assert bit_by_bit.thinned(40.0, 20).newest == pytest.approx(fresh.thinned(40.0, 20).newest)


def test_of_nothing_nothing_is_drawn() -> None:
    import numpy as np

    assert thin(np.empty(0), np.empty(0), 1.0, 10) == Points()
    assert Points().reach is None
    assert Points(segments=(([1.0], [3.0]), ([2.0], [-1.0]))).reach == (-1.0, 3.0)


def line_cells(lines: list[Text], marks: str) -> list[tuple[int, int]]:
    """(row, column) of every cell that holds one of some marks, right of the axis."""
    return [
        (row, column)
        for row, line in enumerate(plain(lines))
        for column, mark in enumerate(line)
        if mark in marks and column > 6
    ]


def test_two_points_far_apart_are_joined_by_a_line() -> None:
    ends = Points(segments=(([1.0, 9.0], [0.0, 1.0]),))
    lines = draw(Plot((("train", ends),), 10.0, 60, 12), PLAIN)
    cells = line_cells(lines, BRAILLE)
    assert len({column for _, column in cells}) > 30, "every column between them"
    assert len({row for row, _ in cells}) > 6
    other = draw(Plot((("validation", ends),), 10.0, 60, 12), PLAIN)
    assert len({column for _, column in line_cells(other, BLOCKS)}) > 30


def test_gaps_are_marks_of_their_own_at_the_upper_edge_and_part_the_curve() -> None:
    broken = Points(segments=(([1.0, 2.0], [0.5, 0.5]), ([8.0, 9.0], [0.5, 0.5])), gaps=(4.0, 6.0))
    lines = draw(Plot((("train", broken),), 10.0, 60, 12), PLAIN)
    marks = line_cells(lines, "×")
    assert len(marks) == 2
    assert len({row for row, _ in marks}) == 1
    assert marks[0][0] <= 1
    between = [column for _, column in line_cells(lines, BRAILLE) if marks[0][1] <= column <= marks[1][1]]
    assert between == [], "nothing is drawn across a gap"


def test_the_majority_is_a_line_from_edge_to_edge_under_the_curves() -> None:
    curve = Points(segments=(([0.0, 10.0], [0.6, 0.6]),))
    alone = draw(Plot((), 10.0, 60, 12, 0.6, (0.0, 1.0)), PLAIN)
    dots = line_cells(alone, "·")
    assert len({row for row, _ in dots}) == 1
    assert len(dots) >= columns(60) - 1
    covered = draw(Plot((("train", curve),), 10.0, 60, 12, 0.6, (0.0, 1.0)), PLAIN)
    assert len(line_cells(covered, BRAILLE)) > 40


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(0.0, -0.5, 0.5), (1.0, 0.9, 1.1), (50.0, 45.0, 55.0), (-2.0, -2.2, -1.8), (1e-310, -0.5, 0.5)],
)
def test_a_level_curve_has_room_above_and_below_by_a_tenth(value: float, low: float, high: float) -> None:
    level = Points(segments=(([1.0, 2.0], [value, value]),))
    found = y_range(Plot((("train", level),), 3.0, 40, 10))
    assert found == pytest.approx((low, high), abs=abs(high - low) * 0.26)
    assert found[0] < value < found[1]


def test_the_range_holds_everything_and_stays_in_what_can_be() -> None:
    one = Points(segments=(([1.0], [0.13]), ([2.0], [0.97])))
    assert y_range(Plot((("train", one),), 3.0, 40, 10)) == pytest.approx((0.0, 1.0))
    assert y_range(Plot((("train", one),), 3.0, 40, 10, level=1.7)) == pytest.approx((0.0, 2.0))
    low, high = y_range(Plot((("train", one),), 3.0, 40, 10, None, (0.1, 0.98)))
    assert (low, high) == (0.1, 0.98)
    assert y_range(Plot((), 3.0, 40, 10)) == pytest.approx((0.0, 1.0))
    tight = Points(segments=(([1.0, 2.0], [10.02, 10.11]),))
    low, high = y_range(Plot((("train", tight),), 3.0, 40, 10))
    assert low == pytest.approx(10.0)
    assert 10.11 <= high <= 10.16


def test_the_axis_is_marked_from_the_first_epoch_to_the_last() -> None:
    curve = Points(segments=(([0.0, 40.0], [0.0, 1.0]),))
    lines = plain(draw(Plot((("train", curve),), 40.0, 60, 12), PLAIN))
    marks = lines[-1].split()
    assert (marks[0], marks[-1]) == ("0", "40")
    assert [int(mark) for mark in marks] == sorted({int(mark) for mark in marks})
    left = [line[:6].strip() for line in lines if line[:6].strip()]
    assert [float(mark) for mark in left if mark[0].isdigit()][:1] == [1.0]
