"""FiftyOne image classification, read and written: a folder with one file a head.

`glasses.json`  `{"head": "glasses", "classes": ["none", …], "labels": {"0001": 0, …}}`
`data.json`     `{"0001.jpg": "/the/pictures/0001.jpg"}`, where FiftyOne finds the pictures
`names.json`    the name of each picture in the bench, for ourselves

A picture's key is its name without the ending. FiftyOne reads one head at a time, by `labels_path`.
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.annotation.formats.answers import cannot_tell_word, to_word
from workbench.annotation.formats.base import (
    Format,
    Labelled,
    ParsedFile,
    ParsedRow,
    RowProblem,
    SourceFile,
)
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.tags import Vocabulary
from workbench.errors import ImportRefused, InputError
from workbench.schema import Schema

_NAMES, _DATA = "names.json", "data.json"
_NOT_LABELS = frozenset({_NAMES, _DATA, "metadata.json", "samples.json"})
_START = '{"workbench": "fiftyone"'
_SAFE = re.compile(r"[\w][\w. -]{0,40}")
_EXAMPLE = 'expected {"classes": [names], "labels": {picture: number}}'


def write(what: Labelled) -> dict[str, str]:
    """Every file of the folder; ours first, so that an interrupted export may be written again."""
    keys = _keys([picture.name for picture, _ in what.rows()])
    images = what.images or Path()
    files = {
        _NAMES: _text({"workbench": "fiftyone", "names": {key: name for name, (key, _) in keys.items()}}),
        _DATA: _text({manifest: str(images / name) for name, (_, manifest) in keys.items()}),
    }
    for head in what.schema.heads:
        classes = [*(one.name for one in head.classes), cannot_tell_word(head)]
        found = {
            keys[picture.name][0]: classes.index(to_word(head, known.answers[head.name]))
            for picture, known in what.rows()
            if head.name in known.answers
        }
        files[_file_name(head.name, files)] = _labels(head.name, classes, found)
    flag = what.schema.exclusion.name
    touched = {
        keys[picture.name][0]: int(known.excluded)
        for picture, known in what.rows()
        if known.excluded or known.answers
    }
    files[_file_name(flag, files)] = _labels(flag, ["no", "yes"], touched)
    return files


def _labels(head: str, classes: Sequence[str], labels: Mapping[str, int]) -> str:
    """The file of one head."""
    return _text({"head": head, "classes": classes, "labels": labels})


def _text(document: Mapping[str, Any]) -> str:
    """JSON in valid UTF-8, whatever bytes are in a name."""
    text = json.dumps(document, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(document)
    return f"{text}\n"


def _file_name(head: str, taken: Mapping[str, str]) -> str:
    """A file's name for a head; the head's own where any file system takes it."""
    others = {name.casefold() for name in (*taken, *_NOT_LABELS)}
    name = f"{head}.json"
    if _SAFE.fullmatch(head) and head.isascii() and name.casefold() not in others:
        return name
    return f"head-{len(taken) - 1}.json"


def _keys(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """For each name its key, and the key in data.json, from which FiftyOne takes the ending."""
    found: dict[str, tuple[str, str]] = {}
    used: set[str] = set()
    for name in names:
        key, ending = posixpath.splitext(name)
        while key in used or posixpath.normpath(posixpath.splitext(key + ending)[0]) != key:
            key += "_"
        used.add(key)
        found[name] = (key, key + ending)
    return found


def place(path: Path) -> Path:
    """The folder to write: new, empty, or one of ours.

    Raises:
        InputError: A file of that name.
    """
    if path.exists() and not path.is_dir():
        raise InputError("it is a file", where=path, cure="FiftyOne's format is a folder: name a new one")
    return path


def notes(what: Labelled) -> list[str]:
    """How FiftyOne reads it."""
    head = what.schema.head_names[0]
    return [
        "pictures are not copied; FiftyOne reads one head at a time, for example labels_path="
        f"{_file_name(head, {})!r} with data_path='data.json' and fo.types.FiftyOneImageClassificationDataset"
    ]


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether it has labels by key, or is a folder with such files."""
    if source.parts is not None:
        return any(name.endswith(".json") for name in source.parts)
    document = source.document_or_none
    return isinstance(document, dict) and isinstance(document.get("labels"), dict)


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every label of every head.

    Raises:
        ImportRefused: No file of labels in the folder, a file that is no JSON, or one of no head.
    """
    return _Reader(source, Vocabulary(schema, mapping)).read()


class _Reader:
    """Reads the files of one folder, or one of them.

    Args:
        source: The folder or the file.
        vocabulary: What names and tags mean.
    """

    def __init__(self, source: SourceFile, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        folder = source.path if source.parts is not None else source.path.parent
        parts = source.parts or {}
        self._names = _strings(_beside(_NAMES, folder, parts), "names")
        self._paths = {
            posixpath.splitext(key)[0]: path
            for key, path in _strings(_beside(_DATA, folder, parts), "").items()
        }
        self._files = [source]
        if source.parts is not None:
            self._files = [one for name, one in parts.items() if name.endswith(".json")]
            self._files = [one for one in self._files if one.path.name not in _NOT_LABELS]
            if not self._files:
                raise ImportRefused(
                    "no file of labels in it", where=folder, cure="name the folder of labels.json"
                )
        self._notes: list[str] = []

    def read(self) -> ParsedFile:
        """All files: what they say of one picture becomes one row."""
        said: dict[str, list[tuple[str, str]]] = {}
        problems: dict[str, RowProblem] = {}
        for file in self._files:
            for key, head, tag in self._labels(file, problems):
                said.setdefault(key, []).extend([(head, tag)] if tag is not None else [])
        for key in self._names:
            said.setdefault(key, [])
        rows: list[ParsedRow] = []
        refused: list[RefusedRow] = []
        for number, (key, pairs) in enumerate(said.items(), 1):
            name = self._names.get(key) or self._paths.get(key) or key
            without_ending = key not in self._names and key not in self._paths
            try:
                if key in problems:
                    raise problems[key]
                answers, excluded = self._vocabulary.collect(pairs)
                rows.append(ParsedRow(number, name, answers, excluded, without_ending=without_ending))
            except RowProblem as problem:
                refused.append(problem.refused(number, name))
        return ParsedFile(len(said), rows, refused, self._notes)

    def _labels(
        self, file: SourceFile, problems: dict[str, RowProblem]
    ) -> Iterator[tuple[str, str, str | None]]:
        """Key, head and tag of every label in a file; no tag for a picture without one."""
        document = file.document
        labels = document.get("labels") if isinstance(document, dict) else None
        classes = document.get("classes") if isinstance(document, dict) else None
        if not isinstance(labels, dict) or not isinstance(classes or [], list):
            if len(self._files) == 1:
                raise ImportRefused("no labels of FiftyOne in it", where=file.path, cure=_EXAMPLE)
            self._notes.append(f"{file.path.name} holds no labels of FiftyOne: left out")
            return
        head = self._head(document, file)
        for key, target in labels.items():
            try:
                yield key, head, _tag(target, classes)
            except RowProblem as problem:
                problems[key] = problem
                yield key, head, None

    def _head(self, document: Mapping[str, Any], file: SourceFile) -> str:
        """The head that a file is about; "" where its classes are tags of any head."""
        for name in (document.get("head"), file.path.stem, file.path.parent.name):
            if isinstance(name, str) and self._vocabulary.question(name):
                return name
        if "head" in document:
            raise ImportRefused(
                f"no head is named {document['head']!r}", where=file.path, cure="remove the file"
            )
        return ""


def _tag(target: object, classes: Sequence[object] | None) -> str | None:
    """A target as the name of a class; None for no label."""
    if isinstance(target, dict):
        target = target.get("label")
    if target is None:
        return None
    if isinstance(target, bool) or not isinstance(target, int | str):
        raise RowProblem(f"the label {target!r}", "expected the number of a class, or its name")
    if isinstance(target, str):
        return target
    if classes and 0 <= target < len(classes) and isinstance(classes[target], str):
        return str(classes[target])
    raise RowProblem(f"there is no class number {target}", f"the file has {len(classes or [])} classes")


def _beside(name: str, folder: Path, parts: Mapping[str, SourceFile]) -> Any:
    """Another file of the same folder; None where it is not there or no JSON."""
    try:
        return (
            parts[name].document_or_none if name in parts else SourceFile.read(folder / name).document_or_none
        )
    except ImportRefused:
        return None


def _strings(document: Any, key: str) -> dict[str, str]:
    """An object of strings in a document, or the document itself; empty where it is none."""
    found = document.get(key) if key and isinstance(document, dict) else document
    return (
        {one: value for one, value in found.items() if isinstance(value, str)}
        if isinstance(found, dict)
        else {}
    )


def ours(data: bytes, _: Schema) -> bool:
    """Whether names.json is one that `write` made."""
    return data.startswith(_START.encode())


FORMAT = Format(
    "fiftyone", "FiftyOne image classification", matches, read, write, ours, place, notes, folder=True
)
