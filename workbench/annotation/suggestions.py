"""What a network, or somebody's file, says about pictures before a person has: read, kept small, written.

`suggestions.csv` in the bench: a row a picture; for each head the class and its confidence, then who said so
and when. A suggestion is never an answer: it is shown apart, and only a key makes an answer of it.
"""

import csv
import hashlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workbench.annotation.formats import cells
from workbench.errors import InputError
from workbench.files import file_error, write_atomically
from workbench.schema import Schema
from workbench.settings import SuggestionSettings

_CONFIDENCE = "_confidence"
_FIRST, _LAST = "fingerprint", ("from", "made")
_CURE = "make it anew: workbench suggest BENCH"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is suggested for one head of one picture.

    Attributes:
        answer: The name of a class.
        confidence: How sure its source is, 0 to 1.
        source: The run, or the file, that it comes from.
    """

    answer: str
    confidence: float
    source: str = ""


def certainty(confidence: float) -> str:
    """A confidence with two places; "1.00" for nothing less than certainty."""
    return f"{min(confidence, 0.99) if confidence < 1 else confidence:.2f}"


@dataclass(frozen=True, slots=True)
class SuggestedRow:
    """One picture's suggestions.

    Attributes:
        fingerprint: The picture.
        answers: Class and confidence of each head that has a suggestion.
        source: The run, or the file.
        made: When, in ISO 8601.
    """

    fingerprint: str
    answers: Mapping[str, tuple[str, float]]
    source: str
    made: str


class Suggestions:
    """All suggestions of a bench, a few bytes each.

    Args:
        schema: The heads.
        rows: One for each picture; a later row of a picture replaces an earlier one.
    """

    def __init__(self, schema: Schema, rows: Iterable[SuggestedRow] = ()) -> None:
        self._schema = schema
        self._heads = {name: index for index, name in enumerate(schema.head_names)}
        self._classes = [[one.name for one in head.classes] for head in schema.heads]
        self._places: dict[str, int] = {}
        self._origins: list[tuple[str, str]] = []
        self._origin: Sequence[int] = ()
        self._codes = np.zeros((0, len(self._heads)), dtype=np.int8)
        self._chances = np.zeros((0, len(self._heads)), dtype=np.float32)
        self._take(rows)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, fingerprint: object) -> bool:
        return fingerprint in self._places

    def of(self, fingerprint: str) -> dict[str, Suggestion]:
        """What is suggested for a picture, by head; empty for an unknown one."""
        place = self._places.get(fingerprint)
        if place is None:
            return {}
        found, source = {}, self._origins[self._origin[place]][0]
        for name, index in self._heads.items():
            if (code := int(self._codes[place, index])) >= 0:
                chance = float(self._chances[place, index])
                found[name] = Suggestion(self._classes[index][code], chance, source)
        return found

    def row(self, fingerprint: str) -> SuggestedRow:
        """A picture's suggestions as they stand in the file."""
        answers = {head: (one.answer, one.confidence) for head, one in self.of(fingerprint).items()}
        return SuggestedRow(fingerprint, answers, *self._origins[self._origin[self._places[fingerprint]]])

    def fingerprints(self) -> tuple[str, ...]:
        """The pictures that have suggestions."""
        return tuple(self._places)

    def column(self, head: str, fingerprints: Sequence[str]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
        """A head's suggestions for many pictures at once.

        Returns:
            Class indices, int16, -1 where nothing is suggested; and confidences, float32.
        """
        index = self._heads[head]
        places = np.array([self._places.get(one, -1) for one in fingerprints], dtype=np.int64)
        known = places >= 0
        codes = np.full(len(places), -1, dtype=np.int16)
        chances = np.zeros(len(places), dtype=np.float32)
        codes[known] = self._codes[places[known], index]
        chances[known] = self._chances[places[known], index]
        return codes, chances

    def _take(self, rows: Iterable[SuggestedRow]) -> None:
        """Fill the arrays."""
        columns = _Columns(len(self._heads))
        known = [{name: code for code, name in enumerate(names)} for names in self._classes]
        nothing = ("", 0.0)
        for row in rows:
            said = [row.answers.get(head, nothing) for head in self._heads]
            codes = [known[index].get(name, -1) for index, (name, _) in enumerate(said)]
            columns.add(row.fingerprint, codes, [chance for _, chance in said], (row.source, row.made))
        self._freeze(columns)

    def _freeze(self, columns: "_Columns") -> None:
        """Take over what was collected."""
        self._places, self._origin, self._origins = columns.places, columns.origin, list(columns.origins)
        shape = (-1, len(self._heads))
        self._codes = np.array(columns.codes, dtype=np.int8).reshape(shape)
        self._chances = np.array(columns.chances, dtype=np.float32).reshape(shape)

    @classmethod
    def read(cls, path: Path, schema: Schema) -> Self:
        """Read the bench's file; no suggestions where there is none.

        Raises:
            InputError: It is of other heads or classes, or damaged.
        """
        found = cls(schema)
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                found._freeze(_read(file, schema, path))
        except FileNotFoundError:
            return found
        except OSError as error:
            raise file_error(error, path) from error
        return found

    def write(self, path: Path) -> None:
        """Write the file; an earlier one is replaced at once and whole.

        Raises:
            WorkbenchError: It cannot be written; the earlier file is as it was.
        """
        lines = [cells.line(map(cells.protect, _header(self._schema)))]
        for fingerprint, place in self._places.items():
            row = [fingerprint]
            for index, names in enumerate(self._classes):
                code = int(self._codes[place, index])
                row += (
                    [cells.protect(names[code]), f"{self._chances[place, index]:.4f}"] if code >= 0 else _NONE
                )
            lines.append(cells.line([*row, *map(cells.protect, self._origins[self._origin[place]])]))
        write_atomically(path, "".join(lines))


_NONE = ["", ""]


def _header(schema: Schema) -> list[str]:
    """The first row."""
    columns = [name for head in schema.head_names for name in (head, head + _CONFIDENCE)]
    return [_FIRST, *columns, *_LAST]


class _Columns:
    """Suggestions while they are collected: arrays, for 250,000 small objects would be 30 MB."""

    def __init__(self, width: int) -> None:
        self._width = width
        self.places: dict[str, int] = {}
        self.codes, self.chances, self.origin = array("b"), array("f"), array("i")
        self.origins: dict[tuple[str, str], int] = {}

    def add(
        self, fingerprint: str, codes: Sequence[int], chances: Iterable[float], origin: tuple[str, str]
    ) -> None:
        """One picture; it replaces what was said of it before."""
        number = self.origins.setdefault(origin, len(self.origins))
        place = self.places.setdefault(fingerprint, len(self.origin))
        if place == len(self.origin):
            self.codes.extend(codes)
            self.chances.extend(chances)
            self.origin.append(number)
            return
        here = slice(place * self._width, (place + 1) * self._width)
        self.codes[here], self.chances[here] = array("b", codes), array("f", chances)
        self.origin[place] = number


def _read(file: Iterable[str], schema: Schema, path: Path) -> _Columns:
    """The file's rows, checked."""
    header, columns = _header(schema), _Columns(len(schema.heads))
    valid = [
        {cells.protect(one.name): code for code, one in enumerate(head.classes)} for head in schema.heads
    ]
    for known in valid:
        known[""] = -1
    reader = csv.reader(file, strict=True)
    try:
        if [cells.unprotect(cell) for cell in next(reader, [])] != header:
            raise InputError("these suggestions are of other heads than the bench's", where=path, cure=_CURE)
        for row in reader:
            if len(row) != len(header):
                raise ValueError("a row is cut off")
            codes = [known[name] for known, name in zip(valid, row[1:-2:2], strict=True)]
            chances = [float(cell or 0) for cell in row[2:-2:2]]
            if not all(0 <= chance <= 1 for chance in chances):
                raise ValueError("a confidence beyond 0 to 1")
            columns.add(row[0], codes, chances, (cells.unprotect(row[-2]), row[-1]))
    except KeyError as error:
        what = f"these suggestions are of other classes than the bench's: {error.args[0]!r}"
        raise InputError(what, where=f"{path}, line {reader.line_num}", cure=_CURE) from error
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8", where=path, cure=_CURE) from error
    except (ValueError, csv.Error) as error:
        raise InputError(f"damaged: {error}", where=f"{path}, line {reader.line_num}", cure=_CURE) from error
    return columns


class Advice:
    """What a person gets to see of the suggestions: those of a random, seeded slice are held back.

    The slice is drawn by the picture, so that it is the same in every session and for everybody; answers that
    were given without seeing the suggestion show how much the others were led by it.

    Args:
        suggestions: All of them.
        settings: The slice's size and seed.
    """

    def __init__(self, suggestions: Suggestions, settings: SuggestionSettings | None = None) -> None:
        self.suggestions = suggestions
        self._settings = settings or SuggestionSettings()

    def hidden(self, fingerprint: str) -> bool:
        """Whether the picture belongs to the slice whose suggestions are not shown."""
        return draw(fingerprint, self._settings.seed) < self._settings.hidden_share

    def shown(self, fingerprint: str) -> dict[str, Suggestion]:
        """What may be shown of a picture, by head."""
        known = self.suggestions.of(fingerprint)
        return known if known and not self.hidden(fingerprint) else {}

    def held_back(self, fingerprint: str) -> dict[str, Suggestion]:
        """What is suggested for a picture of the slice, for the record only."""
        known = self.suggestions.of(fingerprint)
        return known if known and self.hidden(fingerprint) else {}


@lru_cache(maxsize=100_000)
def draw(fingerprint: str, seed: int) -> float:
    """A number from 0 to 1 that depends on picture and seed alone."""
    digest = hashlib.blake2b(f"{seed}:{fingerprint}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
