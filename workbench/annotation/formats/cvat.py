"""CVAT's "CVAT for images" XML, read: tags and shapes of an image, with attributes or names of classes.

`<image name="a.jpg"><tag label="face"><attribute name="glasses">none</attribute></tag></image>`

Read as a stream, without a tree, and never with a document type: there are no entities that could grow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from workbench.annotation.formats.base import Format, ParsedFile, ParsedRow, RowProblem, SourceFile
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.tags import UNMAPPED, Vocabulary
from workbench.errors import ImportRefused
from workbench.schema import Schema

_CURE = "export it from CVAT as 'CVAT for images 1.1'"
_MARKS = frozenset({"tag", "box", "polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton"})
_MAX_DEPTH = 50
_MAX_TEXT = 10_000
_EMPTY = frozenset({"", "__undefined__"})


@dataclass
class _Mark:
    """A tag or a shape: its label, its attributes."""

    label: str
    attributes: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class _Image:
    """An image as far as it was read."""

    name: str
    marks: list[_Mark] = field(default_factory=list)


class _Images:
    """Handlers of the parser; gathers images."""

    def __init__(self) -> None:
        self.images: list[_Image] = []
        self.path: list[str] = []
        self._image: _Image | None = None
        self._attribute = ""
        self._text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.path.append(name)
        if len(self.path) > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        if len(self.path) == 1 and name != "annotations":
            raise ValueError(f"the root is <{name[:40]}>, expected <annotations>")
        if self.path[1:] == ["track"]:
            raise ValueError("annotations of a video")
        if self.path[1:] == ["image"]:
            self._image = _Image(attributes.get("name", ""))
            self.images.append(self._image)
        elif self._image is not None and name in _MARKS and len(self.path) == 3:
            self._image.marks.append(_Mark(attributes.get("label", "")))
        elif self._image is not None and name == "attribute" and len(self.path) == 4:
            self._attribute, self._text = attributes.get("name", ""), []

    def text(self, data: str) -> None:
        """Characters, in pieces."""
        if self.path[-1] == "attribute" and len(self.path) == 4 and len(self._text) < _MAX_TEXT:
            self._text.append(data)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._image is not None and name == "attribute" and len(self.path) == 4 and self._image.marks:
            self._image.marks[-1].attributes.append((self._attribute, "".join(self._text).strip()))
        self.path.pop()
        if len(self.path) == 1:
            self._image = None


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether it begins like XML and has CVAT's root."""
    if source.parts is not None:
        return "annotations.xml" in source.parts
    start = source.text[:100_000].lstrip()
    return start.startswith("<") and ("<annotations" in start or "<!DOCTYPE" in start or "<?xml" in start)


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every image.

    Raises:
        ImportRefused: No XML, not CVAT's, or with a document type.
    """
    if source.parts is not None:
        source = source.parts["annotations.xml"]
    vocabulary = Vocabulary(schema, mapping)
    rows: list[ParsedRow] = []
    refused: list[RefusedRow] = []
    left_out: dict[str, None] = {}
    images = _images(source)
    for number, image in enumerate(images, 1):
        try:
            rows.append(_row(number, image, vocabulary, left_out))
        except RowProblem as problem:
            refused.append(problem.refused(number, image.name))
    notes = [f"the attribute {name!r} is no head: left out" for name in left_out]
    return ParsedFile(len(images), rows, refused, notes)


def _images(source: SourceFile) -> list[_Image]:
    """Every image of the file."""
    found = _Images()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    parser.CharacterDataHandler = found.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(source.text.encode(), True)
    except expat.ExpatError as error:
        raise ImportRefused(f"not XML: {error}", where=source.path, cure=_CURE) from error
    except ValueError as error:
        raise ImportRefused(str(error), where=source.path, cure=_CURE) from error
    return found.images


def _no_doctype(*_: object) -> None:
    """CVAT writes none; others hide bombs and foreign files in it."""
    raise ValueError("a document type, which CVAT never writes")


def _row(number: int, image: _Image, vocabulary: Vocabulary, left_out: dict[str, None]) -> ParsedRow:
    """What the marks of an image say."""
    if not image.name:
        raise RowProblem("no file name", "the image needs a name")
    said: list[tuple[str, str]] = []
    for mark in image.marks:
        known = 0
        for name, value in mark.attributes:
            if vocabulary.question(name):
                known += 1
                said += [(name, value)] if value not in _EMPTY else []
            elif vocabulary.mapped(name, value) != UNMAPPED:
                known += 1
                said.append(("", f"{name}.{value}" if vocabulary.mapped("", value) == UNMAPPED else value))
            else:
                left_out[name] = None
        if not known:
            said.append(("", mark.label))
    answers, excluded = vocabulary.collect(said)
    return ParsedRow(number, image.name, answers, excluded)


FORMAT = Format("cvat", "CVAT for images", matches, read, folder=True)
