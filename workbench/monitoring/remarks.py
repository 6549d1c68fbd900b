"""What people say of a run: a note and tags, in `remarks.json` in its folder; nothing else is changed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError, RunRefused, WorkbenchError
from workbench.files import read_json, write_atomically
from workbench.text import neutralise
from workbench.training.run import RunFolder

VERSION = 1
MOST_NOTE, MOST_TAG, MOST_TAGS = 2000, 40, 32
"""Characters of a note, characters of a tag, tags of a run."""
_MOST_BYTES = 1 << 20
_FORBIDDEN = frozenset(",\"'")


@dataclass(frozen=True)
class Remarks:
    """What people say of a run.

    Attributes:
        note: One line.
        tags: Single words, in the order in which they were given.
    """

    note: str = ""
    tags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"note": self.note, "tags": list(self.tags)}


def remarks_file(run: RunFolder) -> Path:
    """Where they are kept."""
    return run.root / "remarks.json"


def read_remarks(run: RunFolder) -> Remarks:
    """What is kept of a run; what is missing or damaged reads as nothing."""
    path = remarks_file(run)
    try:
        if path.stat().st_size > _MOST_BYTES:
            return Remarks()
        found = read_json(path)
    except (OSError, WorkbenchError):
        return Remarks()
    note, tags = found.get("note"), found.get("tags")
    words = [one for one in tags if isinstance(one, str)] if isinstance(tags, list) else []
    return Remarks(
        _one_line(note) if isinstance(note, str) else "", tuple(dict.fromkeys(filter(_fits, words)))
    )


def write_note(run: RunFolder, note: str) -> Remarks:
    """Keep a note, on one line; an empty one removes it.

    Raises:
        InputError: It is too long.
        RunRefused: The run's folder cannot be written, or is gone.
    """
    line = _one_line(note)
    if len(line) > MOST_NOTE:
        raise InputError(f"the note has {len(line)} characters", cure=f"at most {MOST_NOTE}")
    return _keep(run, Remarks(line, read_remarks(run).tags))


def change_tags(run: RunFolder, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Remarks:
    """Add tags to those that a run has, and take some away.

    Raises:
        InputError: A word that cannot be a tag, one to remove that the run does not have, or too many.
        RunRefused: The run's folder cannot be written, or is gone.
    """
    before = read_remarks(run)
    gone = list(remove)
    if unknown := [tag for tag in gone if tag not in before.tags]:
        cure = f"its tags: {', '.join(map(neutralise, before.tags))}" if before.tags else "it has no tags"
        raise InputError(f"no tag {neutralise(unknown[0])!r}", where=run.name, cure=cure)
    return set_tags(run, [*(tag for tag in before.tags if tag not in gone), *add])


def set_tags(run: RunFolder, tags: Iterable[str]) -> Remarks:
    """Keep exactly these tags.

    Raises:
        InputError: A word that cannot be a tag, or too many.
        RunRefused: The run's folder cannot be written, or is gone.
    """
    wanted = tuple(dict.fromkeys(tags))
    if bad := [tag for tag in wanted if not _fits(tag)]:
        cure = f"at most {MOST_TAG} characters without blanks, commas and quotes, and no - before them"
        raise InputError(f"{neutralise(bad[0], MOST_TAG + 10)!r} cannot be a tag", cure=cure)
    if len(wanted) > MOST_TAGS:
        raise InputError(f"{len(wanted)} tags for one run", cure=f"at most {MOST_TAGS}")
    return _keep(run, Remarks(read_remarks(run).note, wanted))


def split_tags(typed: str) -> list[str]:
    """The tags in a line that a person typed, parted by blanks or commas."""
    return typed.replace(",", " ").split()


def _fits(tag: str) -> bool:
    """Whether a word can be a tag: one that can be typed in a filter and in a shell."""
    plain = tag.isprintable() and not any(one.isspace() or one in _FORBIDDEN for one in tag)
    return 0 < len(tag) <= MOST_TAG and plain and not tag.startswith("-")


def _one_line(note: str) -> str:
    """Without line breaks, and with single blanks."""
    return " ".join(note.split())


def _keep(run: RunFolder, remarks: Remarks) -> Remarks:
    """Write them."""
    if not run.run_json.is_file():
        raise RunRefused("is not there any more", where=run.name, cure="somebody moved or removed it")
    text = json.dumps({"version": VERSION, **remarks.to_dict()}, indent=1) + "\n"
    try:
        write_atomically(remarks_file(run), text)
    except WorkbenchError as error:
        what = f"notes and tags cannot be kept there: {error.what}"
        cure = "its owner can write them" if "permission" in error.what else error.cure
        raise RunRefused(what, where=run.name, cure=cure) from error
    return remarks
