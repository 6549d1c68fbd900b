"""Labels from files and into files: first a plan that one can read, then one transaction."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.annotation.formats import FORMATS, detect, format_named
from workbench.annotation.formats.base import Format, ParsedRow, RowProblem, SourceFile
from workbench.annotation.formats.report import AcceptedRow, ImportPlan, RefusedRow
from workbench.annotation.formats.tags import parse_mapping
from workbench.annotation.labels import EXCLUDED, Answer, NewEvent, PictureLabels, Source
from workbench.annotation.matching import PictureNames
from workbench.annotation.store import LabelStore
from workbench.errors import ImportRefused, InputError
from workbench.files import file_error, write_atomically
from workbench.images.catalog import Picture
from workbench.schema import Schema

__all__ = ["apply_import", "export", "parse_mapping", "plan_import"]

_HEADER_BYTES = 4096
_Match = tuple[ParsedRow, Picture]


def plan_import(
    path: Path,
    schema: Schema,
    pictures: Sequence[Picture],
    store: LabelStore,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    mapping: Mapping[str, str] | None = None,
) -> ImportPlan:
    """Read a file of labels and say what taking it over would change; nothing is written.

    Args:
        path: The file.
        schema: The bench's heads.
        pictures: The bench's pictures.
        store: The labels so far.
        format: The format's name; found out where None.
        mapping: tag -> "head.class", for tags that name no class or several.

    Raises:
        ImportRefused: The file as a whole cannot be taken; nothing is half imported.
    """
    source = SourceFile.read(Path(path))
    chosen = format_named(format) if format else detect(source, schema)
    parsed = chosen.read(source, schema, mapping or {})
    store.refresh()
    refused = list(parsed.refused)
    matched = _one_row_a_file(_match(parsed.rows, PictureNames(pictures), refused), refused)
    agreed = _copies_agree(matched, schema, refused)
    accepted, unchanged, overwrites = _changes(agreed, schema, store)
    return ImportPlan(
        chosen.name,
        parsed.count,
        tuple(accepted),
        tuple(sorted(refused, key=lambda one: one.row)),
        overwrites,
        unchanged,
        file=str(path),
        notes=tuple(parsed.notes),
        revision=store.revision,
    )


def apply_import(plan: ImportPlan, store: LabelStore, *, overwrite: bool = False) -> int:
    """Write the accepted rows of a plan, all in one transaction.

    Args:
        plan: What `plan_import` gave.
        store: Where to.
        overwrite: Whether answers that a person gave may be replaced.

    Returns:
        Answers written.

    Raises:
        ImportRefused: It would overwrite, or the labels changed since the plan was made; nothing is written.
        StoreError: Locked, full or not writable; nothing is written.
    """
    if plan.overwrites and not overwrite:
        raise ImportRefused(
            f"{plan.overwrites} answers that a person gave would be replaced",
            where=plan.file,
            cure="allow it with --overwrite, or remove those rows",
        )
    store.refresh()
    if store.revision != plan.revision:
        raise ImportRefused(
            "the labels changed since the file was checked",
            where=plan.file,
            cure="check it again, then apply",
        )
    return store.record_many(
        NewEvent(row.fingerprint, head, answer, row.name, Source.IMPORTED)
        for row in plan.accepted
        for head, answer in row.changes.items()
    )


def export(
    path: Path,
    schema: Schema,
    pictures: Sequence[Picture],
    store: LabelStore,
    *,
    format: str = "csv",  # noqa: A002 - the word of the command line
    class_names: bool = False,
    overwrite: bool = False,
    labels: Mapping[str, PictureLabels] | None = None,
) -> int:
    """Write the labels of all pictures to a file.

    Args:
        path: The file; an earlier export is replaced.
        schema: The bench's heads.
        pictures: One row for each.
        store: The labels.
        format: The format's name.
        class_names: Class names instead of integer codes.
        overwrite: Whether a file that is no export of ours may be replaced.
        labels: By a rule of `merge`; the latest answers where None.

    Returns:
        Rows written.

    Raises:
        InputError: The format cannot be written, or the file is something else.
        WorkbenchError: The place cannot be written; an earlier file is as it was.
    """
    chosen = format_named(format)
    if chosen.write is None:
        valid = ", ".join(one.name for one in FORMATS.values() if one.write)
        raise InputError(f"{chosen.title} is only read", where="--format", cure=f"to be written: {valid}")
    _check_replaceable(Path(path), chosen, schema, overwrite=overwrite)
    write_atomically(
        Path(path),
        chosen.write(pictures, store.all_labels() if labels is None else labels, schema, class_names),
    )
    return len(pictures)


def _check_replaceable(path: Path, chosen: Format, schema: Schema, *, overwrite: bool) -> None:
    """Refuse to write over anything that is not an export, and over a database whatever is asked."""
    try:
        if not path.exists():
            return
        if path.is_dir():
            raise InputError("it is a folder", where=path, cure="name a file in it")
        with path.open("rb") as file:
            start = file.read(_HEADER_BYTES)
    except OSError as error:
        raise file_error(error, path) from error
    if start.startswith(b"SQLite format 3\0"):
        raise InputError("that is a database, not an export", where=path, cure="name another file")
    if start and not overwrite and not (chosen.ours and chosen.ours(start, schema)):
        raise InputError(
            "exists and is no export of ours",
            where=path,
            cure="name another file, or allow it with --overwrite",
        )


def _match(rows: Sequence[ParsedRow], names: PictureNames, refused: list[RefusedRow]) -> list[_Match]:
    """Each row with its picture."""
    found = []
    for row in rows:
        try:
            found.append((row, names.find(row.name)))
        except RowProblem as problem:
            refused.append(RefusedRow(row.row, problem.reason, problem.cure, row.name))
    return found


def _one_row_a_file(rows: Sequence[_Match], refused: list[RefusedRow]) -> list[_Match]:
    """Refuse rows of one file that disagree, and repetitions."""
    groups: dict[str, list[_Match]] = {}
    for match in rows:
        groups.setdefault(match[1].name, []).append(match)
    kept = []
    for group in groups.values():
        first = group[0][0]
        agree = all((one.answers, one.excluded) == (first.answers, first.excluded) for one, _ in group)
        if agree:
            kept.append(group[0])
            reason, cure = f"repeats row {first.row}", "remove one of the two"
        else:
            numbers = ", ".join(str(one.row) for one, _ in group)
            reason, cure = f"rows {numbers} are of one file and differ", "keep the right one"
        refused += [RefusedRow(one.row, reason, cure, one.name) for one, _ in group[agree:]]
    return kept


def _says(row: ParsedRow, schema: Schema) -> dict[str, Answer | None]:
    """A row's answers with its exclusion flag among them."""
    said: dict[str, Answer | None] = dict(row.answers)
    if row.excluded is not None:
        said[schema.exclusion.name] = EXCLUDED if row.excluded else None
    return said


def _copies_agree(rows: Sequence[_Match], schema: Schema, refused: list[RefusedRow]) -> list[_Match]:
    """Refuse rows of files with the same content that contradict each other."""
    groups: dict[str, list[_Match]] = {}
    for match in rows:
        groups.setdefault(match[1].fingerprint, []).append(match)
    kept = []
    for group in groups.values():
        said: dict[str, Answer | None] = {}
        clash = ""
        for row, _ in group if len(group) > 1 else ():
            for head, answer in _says(row, schema).items():
                if said.setdefault(head, answer) != answer:
                    clash = head
        if not clash:
            kept += group
            continue
        numbers = ", ".join(str(row.row) for row, _ in group)
        reason = f"rows {numbers} are of one picture under several names and differ in {clash}"
        refused += [RefusedRow(row.row, reason, "make them agree", row.name) for row, _ in group]
    return kept


def _changes(rows: Sequence[_Match], schema: Schema, store: LabelStore) -> tuple[list[AcceptedRow], int, int]:
    """What each row changes; how many change nothing; how many answers of a person would be replaced."""
    accepted: list[AcceptedRow] = []
    unchanged = overwrites = 0
    imported: set[tuple[str, str]] | None = None
    pending: dict[tuple[str, str], Answer | None] = {}
    for row, picture in sorted(rows, key=lambda match: match[0].row):
        known = store.labels(picture.fingerprint)
        changes: dict[str, Answer | None] = {}
        for head, answer in _says(row, schema).items():
            is_flag = head == schema.exclusion.name
            before = (EXCLUDED if known.excluded else None) if is_flag else known.answers.get(head)
            key = (picture.fingerprint, head)
            if pending.get(key, before) == answer:
                continue
            changes[head] = pending[key] = answer
            if before is not None:
                imported = store.imported() if imported is None else imported
                overwrites += key not in imported
        if changes:
            accepted.append(AcceptedRow(row.row, picture.name, picture.fingerprint, changes))
        else:
            unchanged += 1
    return accepted, unchanged, overwrites
