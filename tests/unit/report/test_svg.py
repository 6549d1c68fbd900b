"""A chart's drawing: well-formed, named for ears, everything at its place and within its frame."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from workbench.report import svg
from workbench.report.scale import Scale
from workbench.report.svg import HEIGHT, SIGNS, WIDTH, Chart, Sign, Stroke, draw, sample
from workbench.report.thin import Line

X, Y = Scale(0.0, 10.0, (0.0, 5.0, 10.0)), Scale(0.0, 1.0, (0.0, 0.5, 1.0))


def line(*points: tuple[float, float], gaps: tuple[float, ...] = ()) -> Line:
    """One unbroken line."""
    return Line((np.array(points),), gaps)


def drawn(*strokes: Stroke, **more: object) -> ElementTree.Element:
    """A chart, read as XML."""
    fields = {"title": "a <b>", "description": "what & why", "x": X, "y": Y, "strokes": strokes} | more
    return ElementTree.fromstring(draw(Chart(**fields), "one"))  # type: ignore[arg-type]


def paths(chart: ElementTree.Element, look: str) -> list[str]:
    """What is drawn in a look."""
    return [one.attrib["d"] for one in chart.iter("path") if one.get("class") == look]


def texts(chart: ElementTree.Element) -> list[str]:
    """The words in a chart."""
    return [one.text or "" for one in chart.iter("text")]


def test_ears_hear_its_title_and_what_is_to_be_seen() -> None:
    chart = drawn()
    assert chart.get("role") == "img"
    named = {one.get("id"): one.text for one in chart if one.tag in ("title", "desc")}
    assert [named[name] for name in chart.attrib["aria-labelledby"].split()] == ["a <b>", "what & why"]


def test_the_least_and_the_greatest_values_lie_on_the_frame() -> None:
    chart = drawn(Stroke("train", line((0.0, 0.0), (10.0, 1.0))))
    start_x, start_y, over, up = map(float, re.findall(r"-?[\d.]+", paths(chart, "train")[0]))
    frame = paths(chart, "axis")[0]
    left, top, high, wide = map(float, re.findall(r"-?[\d.]+", frame))
    assert (start_x, start_y) == (left, top + high)
    assert (over, up) == (wide, -high)


@pytest.mark.parametrize("value", [-1e9, 1e9])
def test_what_lies_outside_an_axis_is_drawn_at_its_edge(value: float) -> None:
    chart = drawn(Stroke("train", line((5.0, value))))
    x, y = map(float, re.findall(r"-?[\d.]+", paths(chart, "train")[0].partition("h")[0]))
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT
    assert paths(chart, "train")[0].endswith("h0")  # a point alone is still to be seen


def test_round_steps_do_not_add_up_to_a_shift() -> None:
    points = [(number / 1000 * 10, 0.5 + 0.4 * np.sin(number / 7)) for number in range(1001)]
    found = paths(drawn(Stroke("train", line(*points))), "train")[0]
    numbers = [float(one) for one in re.findall(r"-?[\d.]+", found)]
    last_x = numbers[0] + sum(numbers[2::2])
    last_y = numbers[1] + sum(numbers[3::2])
    alone = paths(drawn(Stroke("train", line(points[-1]))), "train")[0].partition("h")[0]
    assert [last_x, last_y] == pytest.approx([float(one) for one in re.findall(r"-?[\d.]+", alone)], abs=0.01)


def test_dots_say_their_value_and_are_left_out_where_there_are_many() -> None:
    few = drawn(Stroke("validation", line((1.0, 0.25), (2.0, 0.75)), "epoch"))
    assert [one.text for one in few.iter("title")][1:] == ["epoch 1: 0.25", "epoch 2: 0.75"]
    many = line(*[(number / 10, 0.5) for number in range(1, 100)])
    assert list(drawn(Stroke("validation", many, "epoch")).iter("circle")) == []
    assert list(drawn(Stroke("train", line((1.0, 0.5)))).iter("circle")) == []


def test_marks_stand_at_their_place_and_say_what_they_are() -> None:
    chart = drawn(signs=[Sign("best", 10.0, "epoch 10 is the best one"), Sign("rate", 5.0, "<slower>")])
    assert [one.text for one in chart.iter("title")][1:] == ["epoch 10 is the best one", "<slower>"]
    best, rate = (paths(chart, f"at {kind}")[0] for kind in ("best", "rate"))
    assert float(best[1:].split()[0]) == WIDTH - 14
    assert float(best[1:].split()[0]) > float(rate[1:].split()[0])


def test_a_gap_is_a_cross_and_a_level_has_its_value() -> None:
    chart = drawn(Stroke("train", Line((), (2.0, 3.0))), level=0.62)
    assert len(paths(chart, "sign gap")) == 2
    assert "0.620" in texts(chart)
    assert len(paths(chart, "level")) == 1
    assert paths(drawn(), "level") == []


def test_axes_have_their_numbers_and_a_logarithmic_one_says_so() -> None:
    assert texts(drawn()) == ["0", "0.5", "1", "0", "5", "10", "epoch"]
    decades = Scale(0.01, 1.0, (0.01, 0.1, 1.0), logarithmic=True)
    assert "log scale" in texts(drawn(y=decades))
    assert paths(drawn(grid=[1.0, 2.0]), "fine")[0].count("M") == 2


@pytest.mark.parametrize("look", ["train", "validation", "level", *SIGNS])
def test_the_legend_shows_the_line_or_mark_itself(look: str) -> None:
    found = ElementTree.fromstring(sample(look))
    assert found.get("aria-hidden") == "true"
    shown = next(found.iter("path"))
    assert look in shown.attrib["class"].split()
    assert (shown.attrib["d"] == SIGNS.get(look)) == (look in SIGNS)


def test_lines_are_told_apart_without_colour() -> None:
    style = (svg.__file__.removesuffix("svg.py")) + "style.css"
    with open(style, encoding="utf-8") as file:  # noqa: PTH123
        rules = dict(re.findall(r"^\.(train|validation|level) \{([^}]*)\}", file.read(), re.M))
    dashes = {look: re.findall(r"stroke-dasharray: ([^;]*)", rule) for look, rule in rules.items()}
    assert dashes["train"] == []
    assert dashes["validation"]
    assert dashes["level"]
    assert dashes["validation"] != dashes["level"]
