"""Text from outside is shown harmless, on one line, and readable where it is harmless already."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.text import neutralise


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain.jpg", "plain.jpg"),
        ("Gesicht, größer 日本 👍.jpg", "Gesicht, größer 日本 👍.jpg"),
        ("a\x1b[31mred", "a\\e[31mred"),
        ("two\nlines\r\tand", "two\\nlines\\r\\tand"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("\x9b31m", "\\x9b31m"),
        ("line\u2028separator", "line\\u2028separator"),
        ("no\u00a0break", "no break"),
        ("bad\udcffbyte", "bad\\xffbyte"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("[bold]markup[/]", "[bold]markup[/]"),
        (12, "12"),
    ],
)
def test_shows(given_text: object, shown: str) -> None:
    assert neutralise(given_text) == shown


@given(st.text())
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = neutralise(text)
    assert all(character == "\u200d" or unicodedata.category(character)[0] != "C" for character in shown)
    assert len(shown.splitlines()) <= 1


def test_a_limit_cuts_visibly() -> None:
    assert neutralise("abcdefgh", 5) == "abcd…"
    assert neutralise("abcde", 5) == "abcde"


def test_an_error_is_one_line_of_where_what_and_cure() -> None:
    error = InputError("expected 5 columns; received 4", where="a\n.csv", cure="add one")
    assert str(error) == "a\\n.csv: expected 5 columns; received 4; add one"
    assert error.exit_code == 2
