"""Charts as text: what is drawn of a curve, and that neither gaps nor absurd values stop the drawing."""

import math
import random
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from rich.text import Text

from workbench.training.curves import Series
from workbench.tui.charts import LEAST_HEIGHT, LEAST_WIDTH, Looks, Plot, columns, draw, ticks, y_range
from workbench.tui.thinning import GrowingPoints, Points, thin

LOOKS: Looks = {
    "axis": Style(dim=True),
    "train": Style(color="blue"),
    "validation": Style(color="yellow"),
    "level": Style(italic=True),
    "gap": Style(color="red"),
}
WIDTH, HEIGHT = 40, 12


def points(y: list[float], *, end: float = 8.0, span: float = 1) -> Points:
    """Equally spaced values up to `end`, as a chart of 10 epochs takes them."""
    growing = GrowingPoints(span)
    growing.take(Series(tuple(end * (i + 1) / len(y) for i in range(len(y))), tuple(y)))
    return growing.thinned(10.0, columns(WIDTH))


def drawn(train: Points, validation: Points = Points(), **options: object) -> list[Text]:  # noqa: B008
    """A chart of both curves."""
    plot = Plot((("train", train), ("validation", validation)), 10.0, WIDTH, HEIGHT)
    return draw(Plot(**{**vars(plot), **options}), LOOKS)


def plain(lines: list[Text]) -> str:
    """The lines without styles."""
    return "\n".join(line.plain for line in lines)


def braille(lines: list[Text]) -> list[tuple[int, int]]:
    """(row, column) of every cell in which the training curve shows."""
    return [
        (row, column)
        for row, line in enumerate(lines)
        for column, character in enumerate(line.plain)
        if 0x2800 < ord(character) <= 0x28FF
    ]


def roles(lines: list[Text], style: Style) -> str:
    """Everything that is drawn in this style."""
    return "".join(
        line.plain[span.start : span.end] for line in lines for span in line.spans if span.style == style
    )


def test_a_falling_curve_runs_from_the_top_left_to_the_bottom_right() -> None:
    cells = braille(drawn(points([2 - i / 10 for i in range(20)])))
    rows = [row for row, _ in sorted(cells, key=lambda cell: cell[1])]
    assert rows == sorted(rows)
    assert rows[0] <= 2
    assert rows[-1] >= HEIGHT - 4
    assert max(column for _, column in cells) < WIDTH  # 8 of 10 epochs
    assert max(column for _, column in cells) == pytest.approx(7 + 0.8 * columns(WIDTH), abs=2)


def test_train_validation_and_majority_differ_in_form_not_only_in_colour() -> None:
    lines = drawn(points([0.2, 0.4, 0.6]), points([0.8, 0.7, 0.6]), level=0.6, bounds=(0.0, 1.0))
    assert set(roles(lines, LOOKS["train"])) <= {chr(code) for code in range(0x2800, 0x2900)}
    assert set(roles(lines, LOOKS["validation"])) <= set("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
    assert set(roles(lines, LOOKS["level"])) == {"·"}
    level_row = next(line for line in lines if "·" in line.plain)
    assert "0.6" in level_row.plain


def test_every_line_fits_and_labels_stand_under_each_other() -> None:
    for low, high in ((0, 1), (0.001, 0.002), (1e-9, 2e-9), (-5, 12_345), (0, 1e6), (1e299, 1e300)):
        lines = drawn(points([low, high, low]))
        assert len(lines) == HEIGHT
        assert {line.cell_len for line in lines} <= {WIDTH, WIDTH - 1, WIDTH + 1}, plain(lines)
        axis = {line.plain.find("┤") for line in lines if "┤" in line.plain}
        assert len(axis) == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e308, -1e308])
def test_what_is_no_number_parts_the_curve_and_is_marked(bad: float) -> None:
    found = points([1.0, 1.0, 1.0, bad, 2.0, 2.0, 2.0])
    assert [len(x) for x, _ in found.segments] == [3, 3]
    assert len(found.gaps) == 1
    lines = drawn(found)
    assert roles(lines, LOOKS["gap"]) == "×"
    gap = lines[0].plain.index("×")
    beside = {column for _, column in braille(lines)}
    assert gap not in beside, plain(lines)
    assert min(beside) < gap < max(beside)


def test_a_newest_value_that_is_no_number_is_told() -> None:
    assert math.isnan(points([1.0, math.nan]).newest or 0)
    assert points([1.0, 2.0]).newest == 2.0
    assert Points().newest is None


def test_only_gaps_still_show_that_something_came() -> None:
    lines = drawn(points([math.nan] * 5))
    assert "×" in lines[0].plain
    assert braille(lines) == []


def test_without_points_there_are_axes() -> None:
    lines = drawn(Points(), Points())
    assert "┤" in plain(lines)
    assert "└" in plain(lines)
    assert braille(lines) == []


def test_one_point_is_seen() -> None:
    assert len(braille(drawn(points([0.5])))) == 1


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e-300, 1e299])
def test_a_constant_curve_is_a_level_line(value: float) -> None:
    lines = drawn(points([value] * 9))
    assert len({row for row, _ in braille(lines)}) == 1, plain(lines)


def test_an_accuracy_of_one_stays_within_its_bounds() -> None:
    plot = Plot((("train", points([1.0, 1.0])),), 10.0, WIDTH, HEIGHT, bounds=(0.0, 1.0))
    low, high = y_range(plot)
    assert low < 1.0
    assert high == 1.0
    assert braille(draw(plot, LOOKS))


def test_too_little_room_draws_nothing() -> None:
    found = points([1.0, 2.0])
    assert drawn(found, width=LEAST_WIDTH - 1) == []
    assert drawn(found, height=LEAST_HEIGHT - 1) == []
    assert len(drawn(found, width=LEAST_WIDTH, height=LEAST_HEIGHT)) == LEAST_HEIGHT


def test_a_long_curve_keeps_every_spike_and_the_newest_point() -> None:
    chance = random.Random(1)
    y = [1 + chance.random() / 100 for _ in range(100_000)]
    y[33_333], y[77_777], y[-1] = 9.0, -9.0, 1.005
    found = points(y)
    kept = [value for _, values in found.segments for value in values]
    assert len(kept) <= 2 * columns(WIDTH) + 1
    assert 9.0 in kept
    assert -9.0 in kept
    assert kept[-1] == 1.005
    assert found.newest == 1.005


def test_smoothing_comes_before_thinning() -> None:
    chance = random.Random(2)
    noisy = [chance.random() for _ in range(20_000)]
    [(x, y)] = points(noisy, span=200).segments
    settled = [value for at, value in zip(x, y, strict=True) if at > 1]
    # Thinned first, only extremes near 0 and 1 would be left to be averaged.
    assert 0.3 < min(settled) < max(settled) < 0.7


@given(
    y=st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=300),
    wide=st.integers(1, 40),
    right=st.sampled_from([1.0, 1.25, 10.0]),
)
def test_thinning_keeps_the_extremes_and_the_gaps_of_any_curve(
    y: list[float], wide: int, right: float
) -> None:
    values = np.array([value if math.isfinite(value) else math.nan for value in y])
    x = np.linspace(0, right, len(y), endpoint=False)
    found = thin(x, values, right, wide)
    kept = [(a, b) for xs, ys in found.segments for a, b in zip(xs, ys, strict=True)]
    finite = values[np.isfinite(values)]
    assert len(kept) <= 2 * wide + 1
    assert kept == sorted(kept)
    assert set(kept) <= set(zip(x.tolist(), values.tolist(), strict=True))
    if finite.size:
        assert found.reach == (finite.min(), finite.max())
        assert kept[-1][1] == finite[-1]
    gone = x[~np.isfinite(values)]
    assert bool(found.gaps) == bool(gone.size)
    assert set(found.gaps) <= set(gone.tolist())
    for (before, _), (after, _) in zip(found.segments[:-1], found.segments[1:], strict=True):
        assert any(before[-1] < one < after[0] for one in gone)
    for xs, _ in found.segments:
        assert not any(xs[0] < one < xs[-1] for one in gone)


def test_points_taken_bit_by_bit_are_those_taken_at_once() -> None:
    chance = random.Random(3)
    y = [math.nan if chance.random() < 0.05 else chance.random() for _ in range(500)]
    x = [float(i) for i in range(500)]
    bits, whole = GrowingPoints(10), GrowingPoints(10)
    for end in (0, 1, 7, 7, 250, 251, 500):
        bits.take(Series(tuple(x[:end]), tuple(y[:end])))
    whole.take(Series(tuple(x), tuple(y)))
    assert bits.thinned(500, 1000) == whole.thinned(500, 1000)
    smooth = [value for value in Series(tuple(x), tuple(y)).smoothed(10).y if math.isfinite(value)]
    assert [one for _, ys in whole.thinned(500, 1000).segments for one in ys] == smooth


def test_a_curve_that_was_cut_and_done_again_is_taken_anew() -> None:
    growing = GrowingPoints(1)
    growing.take(Series((1.0, 2.0, 3.0, 4.0), (1.0, 1.0, 1.0, 1.0)))
    growing.take(Series((1.0, 2.0), (1.0, 1.0)))
    assert growing.thinned(10, 40).segments == (([1.0, 2.0], [1.0, 1.0]),)
    growing.take(Series((1.0, 2.0, 3.0), (1.0, 5.0, 6.0)))
    assert growing.thinned(10, 40).segments == (([1.0, 2.0, 3.0], [1.0, 5.0, 6.0]),)


@pytest.mark.parametrize(
    ("low", "high", "most", "words"),
    [
        (0, 1, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 10, 5, ["0", "2", "4", "6", "8", "10"]),
        (0.45, 0.55, 5, ["0.46", "0.48", "0.50", "0.52", "0.54"]),
        (0, 1.25, 4, ["0.0", "0.5", "1.0"]),
        (0, 2_000_000, 2, ["0", "1e+06", "2e+06"]),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, words: list[str]) -> None:
    found, said = ticks(low, high, most)
    assert said == words
    assert [float(word) for word in said] == pytest.approx(found)


def test_threads_that_draw_at_once_do_not_mix_their_charts() -> None:
    rising, falling = points([1.0, 2.0, 3.0]), points([3.0, 2.0, 1.0])
    alone = {name: plain(drawn(found)) for name, found in (("rising", rising), ("falling", falling))}
    seen: dict[str, set[str]] = {"rising": set(), "falling": set()}

    def work(name: str, found: Points) -> None:
        for _ in range(20):
            seen[name].add(plain(drawn(found)))

    threads = [threading.Thread(target=work, args=one) for one in (("rising", rising), ("falling", falling))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {name: {text} for name, text in alone.items()}
