"""Suggestions on the Label screen: apart from answers, accepted or overruled by a key, never stored alone."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from tests.tui.test_label_screen import stored
from tests.tui.waiting import heads, label_screen, press, settle, status, wait_until
from workbench.annotation.labels import Source
from workbench.annotation.letters import class_letters
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import SuggestedRow, Suggestions
from workbench.bench import Bench
from workbench.images.catalog import fingerprint
from workbench.schema import Schema, load_schema
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.label import LabelScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.picture_line import PictureLine

ALL = {"wrinkles": "yes", "freckles": "none", "glasses": "normal", "hair_colour": "blond", "hair_top": "few"}


def suggest(bench: Bench, names: Mapping[str, Mapping[str, str]], *, hidden: float = 0.0) -> None:
    """Put suggestions into a bench, by file name."""
    rows = [
        SuggestedRow(
            fingerprint(bench.images_root / name),
            {head: (one, 0.91) for head, one in answers.items()},
            "0007-sgd",
            "2026-11-24T22:00:00+00:00",
        )
        for name, answers in names.items()
    ]
    Suggestions(bench.schema, rows).write(bench.suggestions_file)
    with (bench.root / "bench.toml").open("a", encoding="utf-8") as file:
        file.write(f"suggestions.hidden_share = {hidden}\n")


def reopened(bench: Bench) -> Bench:
    """With the settings that were appended."""
    return Bench.open(bench.root)


async def shown(pilot: object, screen: LabelScreen) -> None:
    """Until the suggestions are read."""
    await wait_until(pilot, lambda: screen.desk.view is not None and screen.desk.view.suggested)  # type: ignore[arg-type]


async def test_suggestions_are_seen_and_are_no_answers(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    suggest(bench, {"0000.jpg": ALL})
    async with WorkbenchApp(reopened(bench), "ana").run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        await shown(pilot, screen)
        assert "◇ model: blond 0.91" in heads(screen)
        assert "✓" not in heads(screen)
        assert "▸" not in heads(screen)
        await press(pilot, screen, "right", "left", "down")
        assert stored(bench) == {}
        await press(pilot, screen, "right")
        assert "◇" not in heads(screen), "nothing is suggested for this one"


async def test_enter_accepts_all_heads_and_shows_the_next_picture(make_bench: MakeBench) -> None:
    bench = make_bench(3)
    suggest(bench, {"0000.jpg": ALL, "0001.jpg": ALL})
    async with WorkbenchApp(reopened(bench), "ana").run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        await shown(pilot, screen)
        await press(pilot, screen, "enter")
        assert stored(bench) == {"0000.jpg": ALL}
        assert "0001.jpg" in screen.query_one(PictureLine).text()
        assert "saved ✓" in status(screen)
        await press(pilot, screen, "1")
        assert "✓ none" in heads(screen)
        assert "0001.jpg" in screen.query_one(PictureLine).text(), "four suggestions are left to accept"
        await press(pilot, screen, "enter", "enter")
        assert stored(bench)["0001.jpg"] == {**ALL, "wrinkles": "none"}
        assert "nothing is suggested here" in status(screen)
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        sources = [one.source for one in store.events_since() if one.head]
    assert sources == [Source.ACCEPTED] * 5 + [Source.CHANGED] + [Source.ACCEPTED] * 4


async def test_a_letter_overrules_any_head(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    suggest(bench, {"0000.jpg": ALL})
    letters = {of: letter for letter, of in class_letters(bench.schema, "nqu").items()}
    async with WorkbenchApp(reopened(bench)).run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        await shown(pilot, screen)
        await press(pilot, screen, "f8")
        assert "a letter answers any head, until F8" in status(screen)
        footer = screen.query_one(CommandFooter).text()
        assert "sheet" not in footer, "that key is an answer now"
        assert "u undo" in footer
        assert f"sunglasses {letters['glasses', 'sunglasses']}" in heads(screen)
        await press(pilot, screen, letters["glasses", "sunglasses"], "enter")
        assert stored(bench) == {"0000.jpg": {**ALL, "glasses": "sunglasses"}}
        await press(pilot, screen, "u", "f8")
        assert "sunglasses ▸3" in heads(screen)
        assert "m sheet" in screen.query_one(CommandFooter).text()
        await press(pilot, screen, letters["wrinkles", "none"])
        assert "wrinkles" not in stored(bench).get("0001.jpg", {}), "letters are commands again"


async def test_a_hidden_suggestion_is_not_shown(make_bench: MakeBench) -> None:
    bench = make_bench(2)
    suggest(bench, {"0000.jpg": ALL}, hidden=1.0)
    async with WorkbenchApp(reopened(bench)).run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        await wait_until(pilot, lambda: len(screen.desk.session.advice.suggestions))
        await settle(pilot, screen)
        assert "◇" not in heads(screen)
        await press(pilot, screen, "enter", "2")
        assert stored(bench) == {"0000.jpg": {"wrinkles": "yes"}}
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        answer = next(one for one in store.events_since() if one.head)
    assert (answer.source, answer.suggested) == (Source.HUMAN, "yes")


async def test_suggestions_of_other_heads_are_refused_in_one_line_and_new_ones_are_found(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(2)
    Suggestions(load_schema("cartoon_faces")).write(bench.suggestions_file)
    async with WorkbenchApp(bench).run_test(size=(120, 40)) as pilot:
        screen = await label_screen(pilot)
        await wait_until(pilot, lambda: "no suggestions are shown" in status(screen))
        await press(pilot, screen, "2")
        assert stored(bench) == {"0000.jpg": {"wrinkles": "yes"}}
        suggest(bench, {"0000.jpg": ALL})
        os.utime(bench.suggestions_file, (1, 1))
        await pilot.press("f3")
        await pilot.press("f2")
        await shown(pilot, screen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
async def test_every_layout_shows_every_suggestion(make_bench: MakeBench, size: tuple[int, int]) -> None:
    bench = make_bench(2)
    long = {**ALL, "hair_colour": "not_visible", "hair_top": "not_visible"}
    suggest(bench, {"0000.jpg": long})
    async with WorkbenchApp(reopened(bench)).run_test(size=size) as pilot:
        screen = await label_screen(pilot)
        await shown(pilot, screen)
        await settle(pilot, screen)
        text = heads(screen)
        assert text.count("◇") == 5
        assert text.count("not visible 0.91") == 2
        assert max(len(line) for line in text.splitlines()) <= screen.query_one("HeadPanel").size.width


def test_letters_are_for_whole_heads_and_mean_nothing_else(face_schema: Schema) -> None:
    letters = class_letters(face_schema, "nqu")
    assert list(letters.values()) == [
        (head.name, one.name) for head in face_schema.heads for one in head.classes
    ]
    assert not set("nqux") & set(letters)
    table = {"name": "many", "heads": [{"name": str(i), "classes": list("abcdefghijkl")} for i in range(3)]}
    many = class_letters(Schema.from_dict(table), "nqu")
    assert not set("ab") & set(many), "these are keys of the eleventh and twelfth class"
    assert {head for head, _ in many.values()} == {"0"}, "the second head would not get all of its letters"


def test_the_file_stays_when_the_workbench_only_looks(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(1)
    suggest(bench, {"0000.jpg": ALL})
    before = bench.suggestions_file.read_bytes()
    Suggestions.read(bench.suggestions_file, bench.schema)
    assert bench.suggestions_file.read_bytes() == before
