"""Files of labels as they lie on the disk: read whole, within limits, as text or as JSON."""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.errors import ImportRefused
from workbench.files import file_error

MAX_BYTES = 256 << 20
MAX_VALUES = 20_000_000
"""A file of brackets and commas needs a hundred times its size in memory."""
_SAVE_AS_UTF8 = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')"
_EXPORT_AGAIN = "export it again from where it came"
_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_IN_FOLDERS = re.compile(r"metadata\.(csv|jsonl|parquet)|annotations\.xml|.+\.json")
"""Files in a folder that some format may be looking for."""
_MOST_FILES = 200


@dataclass(frozen=True)
class SourceFile:
    """A file of labels, or a folder of such files.

    Attributes:
        path: Where it lies.
        data: Its bytes; none for a folder.
        parts: The files in a folder that may hold labels, by name; none for a file.
    """

    path: Path
    data: bytes = b""
    parts: Mapping[str, "SourceFile"] | None = None

    @classmethod
    def read(cls, path: Path) -> "SourceFile":
        """Read it whole.

        Raises:
            WorkbenchError: It cannot be read, or is too large for a file of labels.
        """
        try:
            if path.is_dir():
                return cls(path, parts=_parts(path))
            return cls(path, _read(path, MAX_BYTES))
        except FileNotFoundError as error:
            raise ImportRefused("no such file", where=path, cure="check the path") from error
        except OSError as error:
            raise file_error(error, path) from error

    @cached_property
    def text(self) -> str:
        """The text, without a byte order mark.

        Raises:
            ImportRefused: Another encoding than UTF-8; says at which byte.
        """
        for mark, name in _OTHER_ENCODINGS.items():
            if self.data.startswith(mark):
                raise ImportRefused(f"encoded as {name}, expected UTF-8", where=self.path, cure=_SAVE_AS_UTF8)
        if self.data.startswith(b"PK\x03\x04"):
            raise ImportRefused(
                "a zip archive", where=self.path, cure="unpack it, and name the file of labels in it"
            )
        if b"\0" in self.data:
            raise ImportRefused(
                f"not a text file: byte 0 at position {self.data.index(0)}",
                where=self.path,
                cure="name the file of labels",
            )
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # The codec counts without the byte order mark and hands over what it decoded.
            start = error.start + len(self.data) - len(error.object)
            line = self.data.count(b"\n", 0, start) + 1
            raise ImportRefused(
                f"not UTF-8: byte 0x{self.data[start]:02x} at position {start}, line {line}",
                where=self.path,
                cure=_SAVE_AS_UTF8,
            ) from error

    @cached_property
    def looks_like_json(self) -> bool:
        """Whether the text begins as a JSON document does."""
        return self.parts is None and self.text[:1000].lstrip()[:1] in ("{", "[")

    @property
    def document(self) -> Any:
        """The whole text as one JSON document.

        Raises:
            ImportRefused: It is none, is nested without end, holds NaN or one key twice, or too much.
        """
        document, problem = self._parsed
        if problem is not None:
            raise problem
        return document

    @property
    def document_or_none(self) -> Any:
        """The whole text as one JSON document; None where it is none."""
        return self._parsed[0] if self.looks_like_json else None

    @cached_property
    def _parsed(self) -> tuple[Any, ImportRefused | None]:
        """The document, or what is wrong with it; raises where it is too much to look at."""
        if sum(self.data.count(mark) for mark in (b",", b"[", b"{")) > MAX_VALUES:
            reason = f"more than {MAX_VALUES // 1_000_000} million values, so no file of labels"
            raise ImportRefused(reason, where=self.path)
        try:
            return parse_json(self.text), None
        except ValueError as error:
            return None, ImportRefused(f"not JSON: {error}", where=self.path, cure=_EXPORT_AGAIN)


def parse_json(text: str) -> Any:
    """One JSON document, strictly.

    Raises:
        ValueError: It is none, is nested without end, holds NaN or one key twice; in one line.
    """
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_without_twins)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> Any:
    """NaN and the infinities are not JSON, and no answer."""
    raise ValueError(f"{name} is no value")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two values under one key nobody knows which is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _read(path: Path, limit: int) -> bytes:
    """The bytes of a plain file."""
    if path.exists() and not path.is_file():
        raise ImportRefused("not a file", where=path, cure="name the file of labels")
    if path.stat().st_size > limit:
        raise ImportRefused(f"larger than {MAX_BYTES >> 20} MiB, so no file of labels", where=path)
    return path.read_bytes()


def _parts(folder: Path) -> dict[str, SourceFile]:
    """The files in a folder that may hold labels."""
    names = sorted(one.name for one in folder.iterdir() if _IN_FOLDERS.fullmatch(one.name) and one.is_file())
    if len(names) > _MOST_FILES:
        raise ImportRefused(f"{len(names)} files of labels in it", where=folder, cure="name one of them")
    parts, left = {}, MAX_BYTES
    for name in names:
        parts[name] = SourceFile(folder / name, _read(folder / name, left))
        left -= len(parts[name].data)
    return parts
