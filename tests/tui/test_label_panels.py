"""The Label screen's parts as text: everything is there at every width, marked by signs, not by colour."""

import pytest
from rich.text import Text

from workbench.annotation.labels import PictureLabels, Special
from workbench.annotation.progress import SessionProgress
from workbench.schema import Schema
from workbench.tui.commands import Command
from workbench.tui.widgets.command_footer import footer_lines
from workbench.tui.widgets.head_panel import HeadState, answer_text, filled, head_lines, window
from workbench.tui.widgets.status_bar import Status, duration, progress_line
from workbench.tui.widgets.wrapping import counted, wrap


def lines_of(schema: Schema, state: HeadState, width: int) -> list[str]:
    """The panel as plain lines."""
    return [line.plain for block in head_lines(schema, state, width, lambda _: "") for line in block]


def state(schema: Schema, labels: PictureLabels, active: str = "glasses") -> HeadState:
    """Some counts."""
    return HeadState(labels, active, dict.fromkeys(schema.head_names, 412), 2000)


@pytest.mark.parametrize("width", [30, 36, 44, 54, 72])
def test_no_class_and_no_key_is_lost_at_any_width(face_schema: Schema, width: int) -> None:
    lines = lines_of(face_schema, state(face_schema, PictureLabels()), width)
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    for head in face_schema.heads:
        for one in head.classes:
            assert f"{one.title} {one.key}" in text
    assert "not a face x" in text


def test_signs_mark_the_active_head_and_the_answers(face_schema: Schema) -> None:
    labels = PictureLabels({"wrinkles": "yes", "freckles": Special.CANNOT_TELL})
    text = "\n".join(lines_of(face_schema, state(face_schema, labels), 60))
    assert "▶ glasses" in text
    assert text.count("▶") == 1
    assert "✓ yes" in text
    assert "yes ▸2" in text
    assert "? cannot tell" in text
    assert text.count("· open") == 3
    assert text.count("412/2000") == 5


def test_an_excluded_picture_says_so_and_shows_no_open_heads(face_schema: Schema) -> None:
    text = "\n".join(lines_of(face_schema, state(face_schema, PictureLabels(excluded=True)), 60))
    assert "✓ not a face" in text
    assert "open" not in text
    assert "▶ glasses" not in text


def test_an_answer_of_a_class_that_the_schema_lost_is_shown_harmlessly(face_schema: Schema) -> None:
    assert answer_text(face_schema.heads[0], "\x1b[31mold") == "✓ \\e[31mold"


def test_names_with_markup_and_escapes_are_text() -> None:
    table = {
        "name": "odd",
        "heads": [{"name": "h", "title": "[bold]\x1b[2J", "classes": ["[/red]x", "a\nb"]}],
    }
    schema = Schema.model_validate(table)
    text = "\n".join(lines_of(schema, HeadState(PictureLabels(), "h", {}, 0), 60))
    assert "[bold]\\e[2J" in text
    assert "[/red]x 1" in text
    assert "a\\nb 2" in text


def test_the_active_head_stays_in_view_where_heads_do_not_fit() -> None:
    blocks = [[Text(f"head {i}"), Text(f"  classes {i}")] for i in range(20)]
    for active in range(20):
        shown = [line.plain for line in window(blocks, active, 9)]
        assert len(shown) == 9
        assert f"head {active}" in shown
        assert f"  classes {active}" in shown
    assert "lines more" in window(blocks, 10, 9)[0].plain
    assert "lines more" in window(blocks, 10, 9)[-1].plain


def test_heads_are_spaced_where_there_is_room() -> None:
    blocks = [[Text("a")], [Text("b")]]
    assert [line.plain for line in window(blocks, 0, 3)] == ["a", "", "b"]
    assert [line.plain for line in window(blocks, 0, 2)] == ["a", "b"]


def test_a_bar_is_empty_only_for_nothing_and_full_only_for_everything() -> None:
    assert [filled(done, 1000, 8) for done in (0, 1, 500, 999, 1000)] == [0, 1, 4, 7, 8]
    assert filled(0, 0, 8) == 0


def progress(done: int = 412) -> SessionProgress:
    """A session under way."""
    return SessionProgress(done, 2000, {}, 3.14, 5.2, 4920.0)


@pytest.mark.parametrize("width", [80, 100, 120, 160])
def test_counts_pace_and_saved_are_on_the_progress_line(width: int) -> None:
    line = progress_line(Status(progress=progress(), saved=True), width, "", "").plain
    assert len(line) <= width
    for words in ("412/2000 done", "1588 left", "3.1 s", "5.2 keys", "1 h 22", "saved ✓"):
        assert words in line
    if width >= 120:
        assert "5.2 keys/picture" in line


def test_long_numbers_leave_out_what_can_be_worked_out() -> None:
    many = SessionProgress(12345, 50000, {}, 13.14, 15.2, 492000.0)
    line = progress_line(Status(progress=many, saved=False), 80, "", "").plain
    assert len(line) <= 80
    assert "12345/50000 done" in line
    assert "NOT SAVED ✗" in line


def test_a_refusal_is_never_called_saved() -> None:
    line = progress_line(Status(progress=progress(), saved=False), 120, "", "").plain
    assert "NOT SAVED ✗" in line
    assert "saved ✓" not in line


def test_durations_read_like_a_clock() -> None:
    assert [duration(x) for x in (None, 40, 120, 3599, 4920)] == ["–", "40 s", "2 min", "1 h 00", "1 h 22"]


def test_a_long_rule_breaks_at_blanks_and_ends_in_an_ellipsis() -> None:
    assert wrap("one two three four", 9, 2) == ["one two", "three…"]
    assert wrap("one two three four", 10, 2) == ["one two", "three four"]
    assert wrap("short", 20, 2) == ["short"]
    assert wrap("unbreakable words", 5) == ["unbreakable", "words"]


def test_numbers_agree_with_their_word() -> None:
    assert (counted(1, "picture"), counted(0, "picture")) == ("1 picture", "0 pictures")


def test_the_footer_keeps_help_and_quit_whatever_a_screen_offers() -> None:
    own = [Command(f"c{i}", (f"f{i}",), "t", "h", "Own", f"command number {i}") for i in range(20)]
    everywhere = [
        Command("help", ("f1",), "Help", "", "Everywhere", "help"),
        Command("quit", ("q",), "Quit", "", "Everywhere", "quit"),
    ]
    lines = footer_lines(own + everywhere, 80, "")
    assert len(lines) == 2
    assert all(line.cell_len <= 80 for line in lines)
    assert "F1 help" in lines[-1].plain
    assert "q quit" in lines[-1].plain
    assert "command number 0" in lines[0].plain
