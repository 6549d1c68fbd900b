"""What holds for every width, table, curve and name: lines fit, nothing is lost, nothing stops it."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from workbench.training.curves import Series
from workbench.tui.charts import LEAST_HEIGHT, LEAST_WIDTH, Looks, Plot, columns, draw, nice_step, ticks
from workbench.tui.commands import EVERYWHERE, Command
from workbench.tui.thinning import GrowingPoints, Points, thin
from workbench.tui.widgets.chart_grid import METRICS, SPANS, ChartChoice, horizon, layout
from workbench.tui.widgets.chart_panel import ChartContent, Frame, chart_lines
from workbench.tui.widgets.command_footer import MAX_LINES, footer_lines
from workbench.tui.widgets.folding import folded, paragraphs
from workbench.tui.widgets.table_layout import Column, Place, Row, TableLayout, TableView, column_pages
from workbench.tui.widgets.table_layout import Looks as TableLooks
from workbench.tui.widgets.wrapping import counted, wrap

PLAIN: Looks = {role: Style() for role in ("axis", "train", "validation", "level", "gap")}
WORDS = st.text(st.sampled_from("ab- 髪é\u0301👍"), max_size=60)
WIDE = "髪の色は何色ですか"
VALUES = st.floats(-3, 3) | st.floats() | st.sampled_from([0.0, 5e-324, 1e-310, 1e300, -1e300, 1e308])


def plain(lines: list[Text]) -> list[str]:
    """The lines without styles."""
    return [line.plain for line in lines]


@settings(max_examples=60, deadline=None)
@given(words=WORDS, width=st.integers(2, 30))
def test_wrapped_lines_fit_and_hold_every_word_in_order(words: str, width: int) -> None:
    lines = wrap(words, width)
    assert " ".join(lines).split() == words.split()
    assert all(cell_len(line) <= width or " " not in line for line in lines)


@settings(max_examples=60, deadline=None)
@given(words=WORDS, width=st.integers(4, 30), limit=st.integers(1, 3))
def test_what_is_left_over_ends_in_one_ellipsis(words: str, width: int, limit: int) -> None:
    lines, whole = wrap(words, width, limit), wrap(words, width)
    assert len(lines) <= limit
    if len(whole) <= limit:
        assert lines == whole
    else:
        assert lines[-1].endswith("…")
        assert lines[-1].count("…") == 1
        assert cell_len(lines[-1]) <= width
        assert whole[limit - 1].startswith(lines[-1].rstrip("… "))


@settings(max_examples=60, deadline=None)
@given(words=st.lists(WORDS, max_size=3), width=st.integers(-2, 20))
def test_folded_lines_fit_every_width_and_lose_no_letter(words: list[str], width: int) -> None:
    lines = plain(folded(words, width))
    assert "".join(lines).replace(" ", "") == "".join(words).replace(" ", "")
    assert all(cell_len(line) <= max(2, width) for line in lines)
    assert plain(paragraphs(words, width)) == [f" {line}" for line in plain(folded(words, width - 2))]


def test_numbers_of_things_are_said_as_people_do() -> None:
    assert [counted(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


@settings(max_examples=60, deadline=None)
@given(widths=st.lists(st.integers(1, 30), min_size=1, max_size=9), width=st.integers(10, 120))
def test_every_column_stands_on_one_page_beside_the_first(widths: list[int], width: int) -> None:
    pages = column_pages(widths, width)
    assert all(page[0] == 0 for page in pages)
    assert [number for page in pages for number in page[1:]] == list(range(1, len(widths)))
    for page in pages:
        used = 3 + sum(widths[number] for number in page) + 2 * (len(page) - 1)
        assert used <= width or len(page) <= 2, "only what cannot be parted may be too wide"


@st.composite
def tables(choose: st.DrawFn) -> TableView:
    """Any table with names of any letters."""
    count = choose(st.integers(1, 5))
    names = [f"c{number}" for number in range(count)]
    titles = choose(st.lists(st.sampled_from(["n", "macro-F1", "weakest\nclass", "髪"]), min_size=count))
    made = tuple(
        Column(name, title, number == 0)
        for number, (name, title) in enumerate(zip(names, titles, strict=False))
    )
    row = st.tuples(*[st.text(max_size=40)] * count)
    rows = [Row(f"r{place}", cells) for place, cells in enumerate(choose(st.lists(row, max_size=12)))]
    total = [Row("total", cells) for cells in choose(st.lists(row, max_size=1))]
    return TableView(
        made, tuple(rows), tuple(total), choose(st.sampled_from(["", *names])), choose(st.booleans())
    )


@settings(max_examples=60, deadline=None)
@given(view=tables(), width=st.integers(20, 130), height=st.integers(6, 30), data=st.data())
def test_any_table_fits_its_place_and_says_what_it_does_not_show(
    view: TableView, width: int, height: int, data: st.DataObject
) -> None:
    made = TableLayout(view, width)
    shown = made.rows(height)
    cursor = data.draw(st.integers(0, max(0, len(view.rows) - 1)))
    top = max(0, min(cursor, len(view.rows) - shown))
    lines = made.lines(height, Place(cursor, top, data.draw(st.integers(0, 6))), TableLooks())
    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
    assert all(line.plain.isprintable() or "\u200d" in line.plain for line in lines)
    marked = [line for line in lines if line.plain.startswith(" ▶ ")]
    assert len(marked) == bool(view.rows)
    if shown < len(view.rows):
        assert f"rows {top + 1}–{min(top + shown, len(view.rows))} of {len(view.rows)}" in lines[-1].plain
    if view.sorted_by == view.columns[0].key:
        assert ("▼" if view.falling else "▲") in "".join(plain(lines)[:2])


@settings(max_examples=40, deadline=None)
@given(
    own=st.lists(st.text("abc ", min_size=1, max_size=14), max_size=25),
    everywhere=st.integers(0, 4),
    width=st.integers(30, 160),
)
def test_the_footer_has_two_lines_at_most_and_keeps_what_works_everywhere(
    own: list[str], everywhere: int, width: int
) -> None:
    commands = [
        Command(f"c{n}", (f"f{n}",), "t", "h", "Here", f"{label}<{n}>") for n, label in enumerate(own)
    ]
    commands += [Command(f"e{n}", ("f1",), "t", "h", EVERYWHERE, f"every{n}") for n in range(everywhere)]
    lines = footer_lines(commands, width, "")
    assert len(lines) <= MAX_LINES
    assert all(line.cell_len <= width for line in lines)
    text = " ".join(plain(lines))
    assert all(f"every{n}" in text for n in range(everywhere))
    kept = [n for n in range(len(own)) if f"<{n}>" in text]
    assert kept == list(range(len(kept))), "what does not fit is left out from the end"


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
