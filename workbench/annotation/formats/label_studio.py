"""Label Studio: the full JSON, read and written. JSON_MIN and CSV are in `label_studio_flat`.

`[{"data": {"image": …}, "annotations": [{"completed_by": 1, "result": [{"from_name": "glasses", …}]}]}]`

A picture is a task; each annotation in it is one person's; one result is one head.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.annotation.formats import label_studio_flat as flat
from workbench.annotation.formats.addresses import to_local_file
from workbench.annotation.formats.answers import to_word
from workbench.annotation.formats.base import (
    Format,
    Labelled,
    ParsedFile,
    ParsedRow,
    RowProblem,
    SourceFile,
)
from workbench.annotation.formats.label_studio_flat import annotator_of, image_of, split_seconds
from workbench.annotation.formats.report import RefusedRow
from workbench.annotation.formats.tags import UNMAPPED, Vocabulary
from workbench.annotation.labels import PictureLabels
from workbench.errors import ImportRefused
from workbench.schema import Schema

_TO_NAME = "image"
_START = '[\n{"id": 1, "data": {"image": "/data/local-files/?d='


def write(what: Labelled) -> str:
    """One task a line; tasks without an answer have no annotation, so that they are there to be done."""
    tasks = []
    for number, (picture, known) in enumerate(what.rows(), 1):
        data = {"image": to_local_file(picture.name)} | ({"merge": what.merge} if what.merge else {})
        result = list(_results(number, known, what.schema))
        heads = (*known.answers, what.schema.exclusion.name)
        events = [event for head in heads if (event := what.given.get((picture.fingerprint, head)))]
        lead_time = math.fsum(event.seconds or 0 for event in events)
        annotation = {
            "result": result,
            "was_cancelled": False,
            "ground_truth": False,
            "lead_time": round(lead_time, 3),
        }
        task = {"id": number, "data": data, "annotations": [annotation] if result else [], "predictions": []}
        tasks.append(json.dumps(task, ensure_ascii=False))
    return "[\n" + ",\n".join(tasks) + "\n]\n"


def _results(number: int, known: PictureLabels, schema: Schema) -> Iterator[dict[str, Any]]:
    """One result a head."""
    said = [
        (head.name, to_word(head, known.answers[head.name]))
        for head in schema.heads
        if head.name in known.answers
    ]
    said += [(schema.exclusion.name, "yes")] if known.excluded else []
    for place, (name, word) in enumerate(said, 1):
        yield {
            "id": f"{number}-{place}",
            "from_name": name,
            "to_name": _TO_NAME,
            "type": "choices",
            "value": {"choices": [word]},
        }


def matches(source: SourceFile, _: Schema) -> bool:
    """Whether it is a list of tasks, or one of the two flat shapes."""
    document = source.document_or_none
    if isinstance(document, dict) and isinstance(document.get("data"), dict):
        return True
    if isinstance(document, list):
        first = next((one for one in document if isinstance(one, dict)), {})
        return isinstance(first.get("data"), dict) or flat.matches_json(first)
    return flat.matches_csv(source)


def read(source: SourceFile, schema: Schema, mapping: Mapping[str, str]) -> ParsedFile:
    """Understand every annotation of every task.

    Raises:
        ImportRefused: It is none of Label Studio's files, or a target of the mapping is unknown.
    """
    vocabulary = Vocabulary(schema, mapping)
    if not source.looks_like_json:
        return flat.read_csv(source, vocabulary)
    document = source.document
    tasks = document if isinstance(document, list) else [document]
    first = next((one for one in tasks if isinstance(one, dict)), None)
    if first is None:
        raise ImportRefused(
            "no task of Label Studio in it", where=source.path, cure="export the annotations as JSON"
        )
    if not isinstance(first.get("data"), dict) and flat.matches_json(first):
        return flat.read_json(tasks, vocabulary)
    return _Reader(vocabulary).read(tasks)


class _Reader:
    """Reads tasks one by one, and remembers what is to be said about all of them.

    Args:
        vocabulary: What names and tags mean.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._rows: list[ParsedRow] = []
        self._refused: list[RefusedRow] = []
        self._left_out: dict[str, int] = {}
        self._differing = 0

    def read(self, tasks: Sequence[object]) -> ParsedFile:
        """All tasks of a file."""
        count = 0
        for number, task in enumerate(tasks, 1):
            name = ""
            try:
                data, annotations = _parts(task)
                if isinstance(task, dict) and task.get("predictions"):
                    self._leave_out("predictions of a model, which are no answers")
                count += max(1, len(annotations))
                name = image_of(data)
                self._task(number, name, annotations)
            except RowProblem as problem:
                self._refused.append(problem.refused(number, name))
        notes = [f"{times} × {what}: left out" for what, times in sorted(self._left_out.items())]
        if self._differing:
            notes.append(
                f"{self._differing} pictures have annotations that differ: all are recorded, each under its "
                "annotator; the ground truth holds, else the latest"
            )
        return ParsedFile(count, self._rows, self._refused, notes)

    def _task(self, number: int, name: str, annotations: Sequence[Any]) -> None:
        """Every annotation of a task, the one that is to hold last."""
        found = []
        for one in sorted(annotations, key=_holds_last):
            try:
                found.append(self._annotation(number, name, one))
            except RowProblem as problem:
                self._refused.append(problem.refused(number, name))
        answers = [(dict(row.answers), row.excluded) for row in found]
        self._differing += any(one != answers[0] for one in answers)
        self._rows += found if annotations else [ParsedRow(number, name, {})]

    def _annotation(self, number: int, name: str, annotation: Any) -> ParsedRow:
        """What one person said of a picture."""
        if not isinstance(annotation, dict) or not isinstance(annotation.get("result") or [], list):
            raise RowProblem("an annotation without a result", "export the annotations as JSON")
        who = annotator_of(annotation.get("completed_by"))
        if annotation.get("was_cancelled") or annotation.get("skipped"):
            by = f" by {who}" if who else ""
            raise RowProblem(f"skipped in Label Studio{by}", "answer it there, or here")
        said = [pair for one in annotation.get("result") or [] for pair in self._said(one)]
        answers, excluded = self._vocabulary.collect(said)
        seconds = split_seconds(annotation.get("lead_time"), [*answers, *([""] if excluded else [])])
        if "" in seconds:
            seconds[self._vocabulary.schema.exclusion.name] = seconds.pop("")
        return ParsedRow(number, name, answers, excluded, who, seconds)

    def _said(self, result: Any) -> list[tuple[str, str]]:
        """The tags of one result, each with the head that it is about, or with "" for any."""
        if not isinstance(result, dict) or not isinstance(result.get("value"), dict):
            raise RowProblem("a result without a value", "export the annotations as JSON")
        kind, control = result.get("type"), result.get("from_name")
        tags = result["value"].get(kind) if isinstance(kind, str) else None
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            self._leave_out(f"result of the type {kind!r}")
            return []
        control = control if isinstance(control, str) else ""
        if self._vocabulary.question(control):
            return [(control, tag) for tag in tags]
        return [("", self._qualified(control, tag)) for tag in tags]

    def _qualified(self, control: str, tag: str) -> str:
        """A tag of a control that is no head; with the control's name where the mapping has it so."""
        known = self._vocabulary.mapped(control, tag) != UNMAPPED
        return f"{control}.{tag}" if known and self._vocabulary.mapped("", tag) == UNMAPPED else tag

    def _leave_out(self, what: str) -> None:
        """Count something that is not taken."""
        self._left_out[what] = self._left_out.get(what, 0) + 1


def _parts(task: object) -> tuple[Mapping[str, Any], Sequence[Any]]:
    """The data and the annotations of a task."""
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(task, dict) or not isinstance(data, dict):
        raise RowProblem("no task of Label Studio", 'expected {"data": {"image": …}, "annotations": […]}')
    annotations = task.get("annotations", task.get("completions"))
    if not isinstance(annotations or [], list):
        raise RowProblem("annotations that are no list", "export the annotations as JSON")
    return data, annotations or []


def _holds_last(annotation: Any) -> tuple[bool, str]:
    """For sorting: by time, a ground truth after all others."""
    if not isinstance(annotation, dict):
        return False, ""
    return bool(annotation.get("ground_truth")), str(annotation.get("created_at") or "")


def ours(data: bytes, _: Schema) -> bool:
    """Whether a file begins as `write` begins it."""
    return data.startswith((_START.encode(), b"[\n\n]\n"))


def notes(what: Labelled) -> Sequence[str]:
    """What Label Studio needs beside the file."""
    root = what.images or "the folder of the pictures"
    return (f"Label Studio shows the pictures if its LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT is {root}",)


FORMAT = Format(
    "label-studio",
    "Label Studio (JSON, JSON_MIN, CSV)",
    matches,
    read,
    write,
    ours,
    notes=notes,
    origins=True,
)
