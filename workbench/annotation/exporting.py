"""Labels into files: whole or not at all, and never over anything that is no export of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.annotation.formats import WRITTEN, format_named, format_to_write
from workbench.annotation.formats.base import Format, Labelled
from workbench.annotation.labels import BY_HAND, EXCLUDED, Answer, Event, PictureLabels, Source
from workbench.annotation.store import LabelStore
from workbench.errors import InputError
from workbench.files import file_error, write_atomically
from workbench.images.catalog import Picture
from workbench.schema import Schema
from workbench.text import neutralise

_HEADER_BYTES = 4096
_ANSWERED = BY_HAND | {Source.IMPORTED}


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        rows: Pictures in it.
        path: The file, or the folder.
        format: The format's name.
        notes: What the person should know, one line each.
    """

    rows: int
    path: Path
    format: str
    notes: tuple[str, ...] = ()


def export(
    path: Path,
    schema: Schema,
    pictures: Sequence[Picture],
    store: LabelStore,
    *,
    format: str = "",  # noqa: A002 - the word of the command line
    class_names: bool = False,
    overwrite: bool = False,
    labels: Mapping[str, PictureLabels] | None = None,
    merge: str = "latest",
    images: Path | None = None,
) -> Exported:
    """Write the labels of all pictures to a file, or to the files of a folder.

    Args:
        path: The file or the folder; an earlier export is replaced.
        schema: The bench's heads.
        pictures: One row for each.
        store: The labels.
        format: The format's name; what the path's name says where "".
        class_names: Class names instead of integer codes, where the format knows both.
        overwrite: Whether a file that is no export of ours may be replaced.
        labels: By a rule of `merge`; the latest answers where None.
        merge: The rule by which the answers of several annotators became one.
        images: The folder of the pictures, for formats that say where they are.

    Raises:
        InputError: The format cannot be written, or the file is something else.
        WorkbenchError: The place cannot be written; an earlier file is as it was.
    """
    chosen = format_named(format) if format else format_to_write(path)
    if chosen.write is None:
        cure = f"to be written: {', '.join(WRITTEN)}"
        raise InputError(f"{chosen.title} is only read", where="--format", cure=cure)
    path = _place(path, chosen)
    labels = store.all_labels() if labels is None else labels
    given = _given(store, labels, schema) if chosen.origins else {}
    what = Labelled(pictures, labels, schema, class_names, path, images, given, merge)
    written = chosen.write(what)
    if isinstance(written, Mapping):
        _write_folder(path, written, chosen, schema, overwrite=overwrite)
    else:
        _check_replaceable(path, chosen, schema, overwrite=overwrite)
        write_atomically(path, written)
    whose = (
        [f"a blind pass: only the answers of {neutralise(store.annotator)} are in it"] if store.blind else []
    )
    return Exported(len(pictures), path, chosen.name, (*whose, *chosen.notes(what)))


def _place(path: Path, chosen: Format) -> Path:
    """The file or the folder to write where a person named this path."""
    try:
        return chosen.place(path) if chosen.place else path
    except OSError as error:
        raise file_error(error, path) from error


def _given(
    store: LabelStore, labels: Mapping[str, PictureLabels], schema: Schema
) -> dict[tuple[str, str], Event]:
    """The last event that gave each answer which stands."""
    flag, nothing = schema.exclusion.name, PictureLabels()
    found: dict[tuple[str, str], Event] = {}
    for event in store.events_since():
        if event.source not in _ANSWERED or event.answer is None:
            continue
        known = labels.get(event.fingerprint, nothing)
        stands: Answer | None = known.answers.get(event.head)
        if event.head == flag:
            stands = EXCLUDED if known.excluded else None
        if event.answer == stands:
            found[event.fingerprint, event.head] = event
    return found


def _write_folder(
    path: Path, files: Mapping[str, str], chosen: Format, schema: Schema, *, overwrite: bool
) -> None:
    """Write every file; refuse a folder with other things in it, of which nothing is ever removed."""
    try:
        path.mkdir(exist_ok=True)
        there = {one.name for one in path.iterdir()}
    except OSError as error:
        raise file_error(error, path) from error
    first = path / next(iter(files))
    is_ours = first.name in there and _is_ours(_start(first), chosen, schema)
    if there and not is_ours and not overwrite:
        raise InputError(
            "the folder has other files in it",
            where=path,
            cure="name a new one, or allow it with --overwrite",
        )
    for name in files:
        if name in there and not is_ours:
            _check_replaceable(path / name, chosen, schema, overwrite=overwrite)
    for name, text in files.items():
        write_atomically(path / name, text)


def _check_replaceable(path: Path, chosen: Format, schema: Schema, *, overwrite: bool) -> None:
    """Refuse to write over anything that is not an export, and over a database whatever is asked."""
    start = _start(path)
    if start.startswith(b"SQLite format 3\0"):
        raise InputError("that is a database, not an export", where=path, cure="name another file")
    if start and not overwrite and not _is_ours(start, chosen, schema):
        raise InputError(
            "exists and is no export of ours",
            where=path,
            cure="name another file, or allow it with --overwrite",
        )


def _is_ours(start: bytes, chosen: Format, schema: Schema) -> bool:
    """Whether a file begins as an export in this format does."""
    return chosen.ours is not None and chosen.ours(start, schema)


def _start(path: Path) -> bytes:
    """How a file begins; nothing where there is none."""
    try:
        if not path.exists():
            return b""
        if path.is_dir():
            raise InputError("it is a folder", where=path, cure="name a file in it")
        with path.open("rb") as file:
            return file.read(_HEADER_BYTES)
    except OSError as error:
        raise file_error(error, path) from error
