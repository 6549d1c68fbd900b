"""Schemas, names and labels of any Unicode: what a format must carry there and back."""

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import assume
from hypothesis import strategies as st

from tests.store.conftest import fingerprint, picture
from workbench.annotation.formats import FORMATS
from workbench.annotation.formats.base import Labelled, ParsedFile, SourceFile
from workbench.annotation.labels import Answer, PictureLabels, Special
from workbench.annotation.matching import PictureNames
from workbench.errors import ConfigError
from workbench.schema import Schema

ODD_TEXTS = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "@SUM(A1)",
    "-1",
    "0",
    "1.0",
    "true",
    "cannot_tell",
    "cannot_tell_",
    "?",
    "none",
    "None of these",
    "'quoted",
    'say "cheese"',
    "a,b;c\td|e",
    "new\nline\r\nhere",
    "\u2028separators\u0085",
    "{}",
    "[bold]x[/bold]",
    "家\u202ergp",
    "é",
    "e\u0301",
    "É",
    "&lt;",
    "../up",
    "a.b",
    "not_human",
    "label",
    "𝔘nicode",
    "nul\0",
]
_TEXT = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """A schema of odd words; a few of its heads share the names of their classes."""
    names = draw(st.lists(_TEXT, min_size=1, max_size=3, unique=True))
    heads = [
        {"name": name, "classes": draw(st.lists(_TEXT.map(str.strip), min_size=2, max_size=4, unique=True))}
        for name in names
    ]
    try:
        return Schema.from_dict({"name": "odd", "heads": heads})
    except ConfigError:
        assume(False)
        raise


@st.composite
def picture_names(draw: st.DrawFn, any_bytes: bool = True) -> list[str]:
    """Names of files as a disk may have them, some in folders."""
    text = _TEXT.map(lambda one: os.fsencode(one.replace("\0", "0")))
    part = st.one_of(text, st.binary(min_size=1, max_size=8)) if any_bytes else text
    ending = st.sampled_from([b".jpg", b".png", b".JPEG"])
    raw = draw(st.lists(st.tuples(part, ending), min_size=1, max_size=4))
    names = [os.fsdecode(stem.replace(b"\0", b"0") + end) for stem, end in raw]
    plain = [posixpath.normpath(name).lstrip("/") for name in names]
    return [name for name in dict.fromkeys(plain) if name != "." and ".." not in name.split("/")] or ["a.jpg"]


@st.composite
def labels_of(draw: st.DrawFn, names: Sequence[str], schema: Schema) -> dict[str, PictureLabels]:
    """Any answers, "cannot tell" and exclusion."""
    found = {}
    for name in names:
        answers: dict[str, Answer] = {}
        for head in schema.heads:
            options = [None, Special.CANNOT_TELL, *(each.name for each in head.classes)]
            if (chosen := draw(st.sampled_from(options))) is not None:
                answers[head.name] = chosen
        found[fingerprint(name)] = PictureLabels(answers, excluded=draw(st.booleans()))
    return found


@dataclass(frozen=True)
class Carried:
    """What came back, by name."""

    parsed: ParsedFile
    answers: dict[str, dict[str, Answer]]
    excluded: dict[str, bool]


def there_and_back(
    form: str, names: Sequence[str], labels: dict[str, PictureLabels], schema: Schema, path: Path
) -> Carried:
    """Write a file in a format, read it, and match its rows with the pictures again."""
    made = [picture(name) for name in names]
    chosen = FORMATS[form]
    assert chosen.write is not None
    written = chosen.write(Labelled(made, labels, schema, path=path, images=Path("/the/pictures")))
    return read_back(
        form, written if isinstance(written, str | bytes) else dict(written), names, schema, path
    )


def read_back(
    form: str, written: str | bytes | dict[str, str], names: Sequence[str], schema: Schema, path: Path
) -> Carried:
    """Read what was written."""
    if isinstance(written, dict):
        parts = {name: SourceFile(path / name, text.encode()) for name, text in written.items()}
        source = SourceFile(path, parts=parts)
    else:
        source = SourceFile(path, written.encode() if isinstance(written, str) else written)
    assert FORMATS[form].matches(source, schema)
    parsed = FORMATS[form].read(source, schema, {})
    known = PictureNames([picture(name) for name in names])
    answers: dict[str, dict[str, Answer]] = {name: {} for name in names}
    excluded = dict.fromkeys(names, False)
    for row in parsed.rows:
        name = known.find(row.name, without_ending=row.without_ending).name
        answers[name] |= row.answers
        excluded[name] |= bool(row.excluded)
    return Carried(parsed, answers, excluded)


def assert_carried(carried: Carried, names: Sequence[str], labels: dict[str, PictureLabels]) -> None:
    """Nothing was lost, changed or refused."""
    assert list(carried.parsed.refused) == []
    assert carried.answers == {name: dict(labels[fingerprint(name)].answers) for name in names}
    assert carried.excluded == {name: labels[fingerprint(name)].excluded for name in names}
