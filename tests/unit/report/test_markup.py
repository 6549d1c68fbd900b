"""Whatever text comes, it stays text: no element, attribute or direction of writing comes out of it."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.report.conftest import HOSTILE, Page
from workbench.report.markup import Html, element, heading, join, number, table, text
from workbench.text import neutralise


@given(st.text())
def test_text_comes_out_as_it_was_neutralised_and_nothing_else(words: str) -> None:
    page = Page(element("p", words, title=words or "-"))
    assert page.elements == ["p"]
    assert page.words == (neutralise(words) + " " if words else "")
    assert page.attributes == [("p", "title", neutralise(words) or "-")]


def test_hostile_words_are_shown_as_words() -> None:
    made = text(HOSTILE)
    assert "<" not in made
    assert '"' not in made
    assert "\u202e" not in unescape(made)
    assert "\\u202e" in made
    assert "\\e[2J" in made


def test_what_is_markup_already_is_left_alone_and_nothing_is_left_out() -> None:
    assert element("p", element("b", 1), None, ["&", [Html("<i></i>")]]) == "<p><b>1</b>&amp;<i></i></p>"
    assert join("a", "<") == "a&lt;"
    assert element("meta", charset="utf-8", content=None, name="") == '<meta charset="utf-8">'


def test_attributes_are_named_by_keywords_of_the_program() -> None:
    assert (
        element("p", class_="a", aria_label="b", viewBox="c")
        == '<p class="a" aria-label="b" viewBox="c"></p>'
    )
    with pytest.raises(AssertionError):
        element("p", **{'x="1" onload': "boo"})


def test_a_table_has_headings_for_ears_and_numbers_to_the_right() -> None:
    made = table(["class", heading("n")], [["<none>", number("1,000")]], "Each & every")
    assert made.startswith('<div class="scroll"><table><caption>Each &amp; every</caption>')
    assert '<th scope="col">class</th><th scope="col" class="number">n</th>' in made
    assert '<tr><th scope="row">&lt;none&gt;</th><td class="number">1,000</td></tr>' in made


def test_a_cell_of_text_that_looks_like_a_cell_is_text() -> None:
    assert "<td>&lt;td&gt;boo</td>" in table(["a", "b"], [["x", "<td>boo"]])
