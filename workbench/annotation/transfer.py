"""Labels from files: first a plan that one can read, then one transaction. Into files: see `exporting`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from workbench.annotation.changes import Changes
from workbench.annotation.exporting import Exported, export
from workbench.annotation.formats import detect, format_named
from workbench.annotation.formats.base import ParsedRow, RowProblem, SourceFile
from workbench.annotation.formats.report import AcceptedRow, ImportPlan, RefusedRow
from workbench.annotation.formats.tags import parse_mapping
from workbench.annotation.labels import Answer, NewEvent, Source
from workbench.annotation.matching import PictureNames
from workbench.annotation.store import LabelStore
from workbench.errors import ImportRefused
from workbench.images.catalog import Picture
from workbench.schema import Schema

__all__ = ["Exported", "apply_import", "export", "parse_mapping", "plan_import"]

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
    found = Changes(_copies_agree(matched, schema, refused), store)
    return ImportPlan(
        chosen.name,
        parsed.count,
        tuple(found.accepted),
        tuple(sorted(refused, key=lambda one: one.row)),
        tuple(found.replaced),
        found.unchanged,
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
    return store.record_many(event for row in plan.accepted for event in _events(row))


def _events(row: AcceptedRow) -> Iterator[NewEvent]:
    """Everything that a row changes."""
    for head, answer in row.changes.items():
        seconds = row.seconds.get(head)
        yield NewEvent(
            row.fingerprint,
            head,
            answer,
            row.name,
            Source.IMPORTED,
            seconds=seconds,
            annotator=row.annotator,
        )
    for remark in row.remarks:
        yield NewEvent(row.fingerprint, "", None, row.name, Source.IMPORTED, remark=remark)


def _match(rows: Sequence[ParsedRow], names: PictureNames, refused: list[RefusedRow]) -> list[_Match]:
    """Each row with its picture."""
    found = []
    for row in rows:
        try:
            found.append((row, names.find(row.name, without_ending=row.without_ending)))
        except RowProblem as problem:
            refused.append(problem.refused(row.row, row.name))
    return found


def _one_row_a_file(rows: Sequence[_Match], refused: list[RefusedRow]) -> list[_Match]:
    """Refuse rows of one file and one person that disagree, and repetitions."""
    groups: dict[tuple[str, str], list[_Match]] = {}
    for match in rows:
        groups.setdefault((match[1].name, match[0].annotator), []).append(match)
    kept = []
    for group in groups.values():
        if len({one.row for one, _ in group}) == 1:  # one row, whose last word holds
            kept += group
            continue
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


def _copies_agree(rows: Sequence[_Match], schema: Schema, refused: list[RefusedRow]) -> list[_Match]:
    """Refuse rows of files with the same content that contradict each other."""
    groups: dict[tuple[str, str], list[_Match]] = {}
    for match in rows:
        groups.setdefault((match[1].fingerprint, match[0].annotator), []).append(match)
    kept = []
    for group in groups.values():
        clash = _clash([row for row, _ in group], schema) if len({one.name for _, one in group}) > 1 else ""
        if not clash:
            kept += group
            continue
        numbers = ", ".join(str(row.row) for row, _ in group)
        reason = f"rows {numbers} are of one picture under several names and differ in {clash}"
        refused += [RefusedRow(row.row, reason, "make them agree", row.name) for row, _ in group]
    return kept


def _clash(rows: Iterable[ParsedRow], schema: Schema) -> str:
    """A head of which rows say different things; "" where they agree."""
    said: dict[str, Answer | None] = {}
    clash = ""
    for row in rows:
        for head, answer in row.says(schema).items():
            if said.setdefault(head, answer) != answer:
                clash = head
    return clash
