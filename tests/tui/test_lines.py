"""Of a changed line only the cells that differ are painted again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Region

from workbench.tui.widgets.lines import changed_regions, differing

WORDS = st.text(st.sampled_from("ab ⣀日·"), max_size=12)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        (Text("loss 1.234"), Text("loss 1.239"), 9, 10),
        (Text("loss 1.234 · left"), Text("loss 2.234 · left"), 5, 6),
        (Text("日本 1"), Text("日本 2"), 5, 6),
        (Text("ab"), Text("abc"), 2, 3),
        (Text("abc"), Text("ab"), 2, 3),
        (Text("ab日c"), Text("abxyc"), 2, 4),
        (Text.assemble("a", ("b", "bold")), Text("ab"), 1, 2),
        (Text("ab", "bold"), Text("ab"), 0, 40),
        (Text("x" * 50), Text("x" * 49 + "y"), 49, 40),
    ],
)
def test_the_span_that_differs(before: Text, after: Text, left: int, right: int) -> None:
    found = differing(before, after, 3, 40)
    assert (found.x, found.y) == (left, 3)
    assert found.width == max(0, right - left)


def test_equal_lines_are_not_painted() -> None:
    assert not differing(Text.assemble("a", ("b", "red")), Text.assemble("a", ("b", "red")), 0, 40)


def cells(words: str, width: int) -> list[str]:
    """What each cell shows; the second half of a wide character is empty."""
    found = [part for character in words for part in [character, ""][: cell_len(character)]]
    return (found + [" "] * width)[:width]


@given(before=WORDS, after=WORDS)
def test_painting_the_span_gives_the_new_line(before: str, after: str) -> None:
    width = 30
    region: Region = differing(Text(before), Text(after), 0, width)
    shown, new = cells(before, width), cells(after, width)
    shown[region.x : region.right] = new[region.x : region.right]
    assert shown == new


@pytest.mark.parametrize(
    ("before", "after", "spans"),
    [
        (Text(f"a{'-' * 30}1"), Text(f"b{'-' * 30}2"), [(0, 1), (31, 32)]),
        (Text(f"a{'-' * 5}1"), Text(f"b{'-' * 5}2"), [(0, 7)]),
        (Text(f"ab{'-' * 20}1"), Text.assemble("a", ("b", "bold"), f"{'-' * 20}2"), [(1, 2), (22, 23)]),
        (Text(f"a{'-' * 30}日"), Text(f"b{'-' * 30}本"), [(0, 33)]),
        (Text(f"a{'-' * 30}"), Text(f"b{'-' * 30}x"), [(0, 32)]),
        (Text("a" * 40), Text("a" * 40), []),
        (Text("a" * 40), Text("b" * 40, "bold"), [(0, 40)]),
    ],
)
def test_what_lies_between_two_changes_is_not_painted(
    before: Text, after: Text, spans: list[tuple[int, int]]
) -> None:
    found = changed_regions(before, after, 2, 40)
    assert [(one.x, one.right) for one in found] == spans
    assert all((one.y, one.height) == (2, 1) for one in found)


@given(before=WORDS, after=WORDS, gap=st.integers(0, 30), last=WORDS)
def test_painting_all_parts_gives_the_new_line(before: str, after: str, gap: int, last: str) -> None:
    width = 60
    one, other = f"{before}{'.' * gap}{last}", f"{after}{'.' * gap}{before}"
    shown, new = cells(one, width), cells(other, width)
    for region in changed_regions(Text(one), Text(other), 0, width):
        shown[region.x : region.right] = new[region.x : region.right]
    assert shown == new
