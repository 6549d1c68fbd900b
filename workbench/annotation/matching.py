"""Names in a file of labels as pictures of the bench."""

import difflib
import posixpath
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from workbench.annotation.formats.base import RowProblem
from workbench.images.catalog import Picture

_NEIGHBOURS = 100
_MOST_SEARCHES = 50


class PictureNames:
    """Finds a picture by its relative name, else by the end of a path that only one picture has.

    Args:
        pictures: The bench's.
    """

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._by_name = {picture.name: picture for picture in pictures}
        self._by_base: dict[str, list[Picture]] = {}
        for picture in pictures:
            self._by_base.setdefault(_base(picture.name), []).append(picture)
        self._searches = 0

    def find(self, name: str, *, without_ending: bool = False) -> Picture:
        """The picture that a row speaks of.

        Args:
            name: As the file has it.
            without_ending: Whether the ending of the picture's file is missing in the name.

        Raises:
            RowProblem: None, or several of that base name; with the nearest names.
        """
        tidy = name.replace("\\", "/").removeprefix("./")
        if picture := self._by_name.get(name) or self._by_name.get(tidy):
            return picture
        base = _base(tidy)
        if without_ending:
            return self._one_of(tidy, self._without_endings.get(base, []), without_ending)
        found = self._by_base.get(base) or self._by_composed.get(unicodedata.normalize("NFC", base), [])
        return self._one_of(tidy, found)

    def _one_of(self, name: str, found: Sequence[Picture], without_ending: bool = False) -> Picture:
        """The one picture of those that share a base name."""
        if len(found) > 1:
            ends = [_without_ending(one.name) if without_ending else one.name for one in found]
            possible = [one for one, end in zip(found, ends, strict=True) if f"/{name}".endswith(f"/{end}")]
            # A picture without a folder is the end of every path: that says nothing.
            found = possible if [one for one in possible if "/" in one.name] else found
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(picture.name for picture in found[:3])
            raise RowProblem(f"{len(found)} pictures are named so", f"write the folder too: {names}")
        raise RowProblem("no such picture", self._nearest(_base(name)))

    @cached_property
    def _by_composed(self) -> dict[str, list[Picture]]:
        """By base name with accents composed: some file systems take them apart."""
        found: dict[str, list[Picture]] = {}
        for base, pictures in self._by_base.items():
            found.setdefault(unicodedata.normalize("NFC", base), []).extend(pictures)
        return found

    @cached_property
    def _without_endings(self) -> dict[str, list[Picture]]:
        """By base name without its ending."""
        found: dict[str, list[Picture]] = {}
        for base, pictures in self._by_base.items():
            found.setdefault(_without_ending(base), []).extend(pictures)
        return found

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        """Base names by what is before the ending, case aside."""
        return {_stem(base): base for base in self._by_base}

    @cached_property
    def _sorted(self) -> list[str]:
        """Base names in order, so that only neighbours need be compared."""
        return sorted(self._by_base)

    def _nearest(self, base: str) -> str:
        """What the name may have meant; the search is given up after some rows, for it costs milliseconds."""
        near = self._by_stem.get(_stem(base))
        if near is None and self._searches < _MOST_SEARCHES:
            self._searches += 1
            middle = bisect_left(self._sorted, base)
            around = self._sorted[max(0, middle - _NEIGHBOURS) : middle + _NEIGHBOURS]
            near = next(iter(difflib.get_close_matches(base, around, 1, 0.75)), None)
        return f"did you mean {near!r}?" if near else "correct the name, or add the picture to the bench"


def _base(name: str) -> str:
    """The name without its folders."""
    return name.rpartition("/")[2]


def _without_ending(name: str) -> str:
    """The name without its ending."""
    return posixpath.splitext(name)[0]


def _stem(base: str) -> str:
    """The name without its ending, in lower case."""
    return (base.rpartition(".")[0] or base).casefold()
