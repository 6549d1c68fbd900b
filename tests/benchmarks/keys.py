"""How many keys a picture takes: `python -m tests.benchmarks.keys [--pictures N] [--json]`.

A person who makes no mistake labels pictures whose true classes are drawn at random, with the program's own
session and sheets. Suggestions are right with the probability that is named, else another class at random,
and none is held back; every press counts. Keys: `keys_per_picture` (five heads, no suggestions),
`keys_per_picture_with_suggestions` (right in 90 % of the heads; a letter overrules, ⏎ accepts),
`keys_per_picture_with_arrows` (the same with ↑↓ and digits), `keys_per_picture_in_sheets` (right in 98 %, all
heads, pages as large as 120×40 cells show). `wrong` counts stored answers that are not the truth: 0.
"""

import argparse
import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.annotation.letters import class_letters, free_letters
from workbench.annotation.session import LabelSession
from workbench.annotation.sheet import SheetSession
from workbench.annotation.sheet_page import PageWork
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice, SuggestedRow, Suggestions
from workbench.images.catalog import Picture
from workbench.schema import Schema, load_schema
from workbench.settings import SuggestionSettings
from workbench.tui.screens.label_suggestions import RESERVED_LETTERS
from workbench.tui.screens.sheet import RESERVED
from workbench.tui.tiles import grid_in

Truth = Mapping[str, Mapping[str, str]]
"""Fingerprint → head → class."""
SHEET_BOXES = {"120x40": (120, 31), "80x24": (80, 18)}
"""The place that faces have on a sheet at two sizes of the terminal."""


@dataclass(frozen=True)
class Task:
    """Pictures to label, and what is suggested for them."""

    schema: Schema
    pictures: tuple[Picture, ...]
    truth: Truth
    advice: Advice


def make_task(count: int, right: float | None, seed: int = 0) -> Task:
    """Draw the true classes, and suggestions that are right with this probability; None for none at all."""
    schema, chance = load_schema("face"), random.Random(seed)
    names = [f"{index:05d}.jpg" for index in range(count)]
    pictures = tuple(
        Picture(one, hashlib.blake2b(one.encode(), digest_size=16).hexdigest(), 8, 8) for one in names
    )
    truth = {
        one.fingerprint: {head.name: chance.choice(head.classes).name for head in schema.heads}
        for one in pictures
    }
    rows = []
    for picture in pictures if right is not None else ():
        said = {}
        for head in schema.heads:
            true = truth[picture.fingerprint][head.name]
            others = [one.name for one in head.classes if one.name != true]
            is_right = chance.random() < (right or 0)
            confidence = 1 - 0.5 * chance.betavariate(1, 4 if is_right else 2)
            said[head.name] = (true if is_right else chance.choice(others), confidence)
        rows.append(SuggestedRow(picture.fingerprint, said, "drawn", "now"))
    advice = Advice(Suggestions(schema, rows), SuggestionSettings(hidden_share=0))
    return Task(schema, pictures, truth, advice)


class Keyboard:
    """The Label screen's keys on a session; counts every press.

    Args:
        task: What is labelled.
        store: Where to.
        letters: Whether each class has a letter of its own (F8), which is a press too.
    """

    def __init__(self, task: Task, store: LabelStore, *, letters: bool) -> None:
        self.session = LabelSession(task.schema, store, task.pictures, advice=task.advice)
        self._letters = class_letters(task.schema, RESERVED_LETTERS) if letters else {}
        self.letter_of = {of: letter for letter, of in self._letters.items()}
        self.presses = int(letters)

    def press(self, key: str) -> None:
        """One key, as the screen understands it."""
        self.presses += 1
        steps: Mapping[str, Callable[[], object]] = {
            "enter": self.session.accept,
            "up": self.session.previous_head,
            "down": self.session.next_head,
        }
        if key in steps:
            steps[key]()
        elif key in self._letters:
            self.session.answer_head(*self._letters[key])
        else:
            self.session.answer(key)


def keys_per_picture(folder: Path, task: Task, way: str) -> tuple[float, int]:
    """Label every picture, one after the other.

    Args:
        folder: Where the labels are put.
        task: The pictures.
        way: "digits" head by head; "letters" or "arrows" where the suggestion is wrong, then ⏎.

    Returns:
        Presses a picture; and how many stored answers are wrong.
    """
    with LabelStore(folder / f"{way}.db", task.schema, annotator="ana") as store:
        keyboard = Keyboard(task, store, letters=way == "letters")
        for place, picture in enumerate(task.pictures):
            assert keyboard.session.position == place
            _label(keyboard, task.truth[picture.fingerprint], task.schema, way)
        return keyboard.presses / len(task.pictures), _wrong(store, task)


def _label(keyboard: Keyboard, truth: Mapping[str, str], schema: Schema, way: str) -> None:
    """One picture."""
    session = keyboard.session
    wanted = [head for head in schema.head_names if _wants_key(session, head, truth[head])]
    here = session.picture
    for head in wanted:
        if way == "letters":
            keyboard.press(keyboard.letter_of[head, truth[head]])
            continue
        _move(keyboard, schema.head_names, head)
        chosen = schema.head(head).by_name(truth[head])
        assert chosen is not None
        keyboard.press(chosen.key)
    if session.picture is here and not session.labels.complete(schema):
        keyboard.press("enter")


def _wants_key(session: LabelSession, head: str, true: str) -> bool:
    """Whether a head is not suggested rightly."""
    said = session.suggestions.get(head)
    return said is None or said.answer != true


def _move(keyboard: Keyboard, heads: tuple[str, ...], head: str) -> None:
    """The arrows to a head, the shorter way round."""
    down = (heads.index(head) - heads.index(keyboard.session.head.name)) % len(heads)
    up = len(heads) - down
    for _ in range(min(down, up)):
        keyboard.press("down" if down <= up else "up")


def keys_in_sheets(folder: Path, task: Task, box: tuple[int, int]) -> tuple[float, int]:
    """Answer every head of every picture on sheets.

    Args:
        folder: Where the labels are put.
        task: The pictures.
        box: Columns and rows of the place that the faces have.

    Returns:
        Presses a picture, for all heads together; and how many stored answers are wrong.
    """
    size, presses = grid_in(box, len(free_letters(task.schema, RESERVED))).count, 1  # one opens the sheet
    with LabelStore(folder / f"sheets-{box[0]}.db", task.schema, annotator="ana") as store:
        sheet = SheetSession(task.schema, store, task.pictures, task.advice)
        for head in task.schema.heads:
            while (page := sheet.page(size)).faces:
                work = PageWork(page)
                for place, face in enumerate(page.faces):
                    true = task.truth[face.picture.fingerprint][head.name]
                    presses += _change(work, place, true)
                sheet.accept(page, work.changes)
                presses += 1
            sheet.next_head()
            presses += 1
        return presses / len(task.pictures), _wrong(store, task)


def _change(work: PageWork, place: int, true: str) -> int:
    """Put a face right; returns the presses that it took."""
    if true == work.page.answer:
        return 0
    work.choose(place)
    if work.changes.get(place) == true:
        return 1
    chosen = work.page.head.by_name(true)
    assert chosen is not None
    assert work.answer(chosen.key) == ""
    return 2


def _wrong(store: LabelStore, task: Task) -> int:
    """Answers that are missing or not the truth."""
    return sum(
        store.labels(fingerprint).answers.get(head) != true
        for fingerprint, truth in task.truth.items()
        for head, true in truth.items()
    )


def measure_keys(folder: Path, count: int, seed: int = 0) -> dict[str, float]:
    """All ways, on the same pictures.

    Args:
        folder: Where the labels are put.
        count: Pictures.
        seed: Another one draws other classes and suggestions.
    """
    plain, good, easy = (make_task(count, right, seed) for right in (None, 0.90, 0.98))
    found = {
        "keys_per_picture": keys_per_picture(folder, plain, "digits"),
        "keys_per_picture_with_suggestions": keys_per_picture(folder, good, "letters"),
        "keys_per_picture_with_arrows": keys_per_picture(folder, good, "arrows"),
        "keys_per_picture_in_sheets": keys_in_sheets(folder, easy, SHEET_BOXES["120x40"]),
        "keys_per_picture_in_sheets_80x24": keys_in_sheets(folder, easy, SHEET_BOXES["80x24"]),
    }
    keys: dict[str, float] = {name: round(one, 3) for name, (one, _) in found.items()}
    return {**keys, "pictures": count, "wrong": sum(wrong for _, wrong in found.values())}


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-keys-") as folder:
        print(json.dumps(measure_keys(Path(folder), options.pictures, options.seed), indent=1))


if __name__ == "__main__":
    main()
