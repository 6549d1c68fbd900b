"""What holds for every width, table, curve and name: lines fit, nothing is lost, nothing stops it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from workbench.tui.commands import EVERYWHERE, Command
from workbench.tui.widgets.command_footer import MAX_LINES, footer_lines
from workbench.tui.widgets.folding import folded, paragraphs
from workbench.tui.widgets.table_layout import Column, Place, Row, TableLayout, TableView, column_pages
from workbench.tui.widgets.table_layout import Looks as TableLooks
from workbench.tui.widgets.wrapping import counted, wrap

WORDS = st.text(st.sampled_from("ab- 髪é\u0301👍"), max_size=60)


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
