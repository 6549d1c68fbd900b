"""Our own JSON Lines: everything there and back, who and when among it; a bad line is refused alone."""

import json
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture
from workbench.annotation.exporting import export
from workbench.annotation.formats import detect, jsonl
from workbench.annotation.formats.base import ParsedFile, SourceFile
from workbench.annotation.labels import Remark, RemarkKind, Source, Special
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, plan_import
from workbench.errors import ImportRefused
from workbench.schema import Schema

HEADER = '{"workbench": "labels", "version": 1, "schema": "face"}'


def read(schema: Schema, *lines: str, **mapping: str) -> ParsedFile:
    """Detected and understood."""
    file = SourceFile(Path("labels.jsonl"), "\n".join(lines).encode())
    assert detect(file, schema).name == "jsonl"
    return jsonl.read(file, schema, mapping)


def test_everything_that_is_known_comes_back_in_another_bench(
    open_store: OpenStore, tmp_path: Path, face_schema: Schema
) -> None:
    made = [picture("a.jpg"), picture("caf\udce9\u2028.jpg"), picture("c.jpg")]
    ana, ben = open_store("ana"), open_store("ben")
    first, second, third = (one.fingerprint for one in made)
    ana.record(first, "glasses", "none", name="a.jpg", seconds=2.5)
    ana.record(second, "not_human", "yes", name="b")
    ana.remark(first, Remark(RemarkKind.NOTE, "half in\nthe dark \u2028"), name="a.jpg")
    ana.remark(second, Remark(RemarkKind.FLAG, "yes"), name="b")
    ben.refresh()
    ben.record(first, "hair_top", Special.CANNOT_TELL, name="a.jpg")
    ana.refresh()
    out = tmp_path / "labels.jsonl"
    export(out, face_schema, made, ana, merge="majority")
    out.read_bytes().decode("utf-8")
    with LabelStore(tmp_path / "other.db", face_schema, annotator="cleo") as other:
        plan = plan_import(out, face_schema, made, other)
        assert (plan.refused, plan.pictures) == ((), 2)
        assert "merged by the rule majority" in plan.as_text()
        apply_import(plan, other)
        for mark in (first, second, third):
            was, now = ana.labels(mark), other.labels(mark)
            assert (now.answers, now.excluded, now.flagged, now.note) == (
                was.answers,
                was.excluded,
                was.flagged,
                was.note,
            )
        given = {event.head: event for event in other.events_since() if event.head}
        assert (given["glasses"].annotator, given["glasses"].seconds) == ("ana", 2.5)
        assert given["hair_top"].annotator == "ben"
        assert {event.source for event in given.values()} == {Source.IMPORTED}
        again = plan_import(out, face_schema, made, other)
        assert (again.accepted, again.overwrites) == ((), 0), "what is known is not written again"


def test_lines_say_how_an_answer_came_about(store: LabelStore, tmp_path: Path, face_schema: Schema) -> None:
    mark = fingerprint("a.jpg")
    store.record(mark, "glasses", "none", name="a.jpg")
    store.record(mark, "glasses", "normal", name="a.jpg", source=Source.ACCEPTED)
    store.record(mark, "glasses", "sunglasses", name="a.jpg")
    store.undo()
    out = tmp_path / "labels.jsonl"
    export(out, face_schema, [picture("a.jpg")], store)
    _, line = out.read_text().splitlines()
    entry = json.loads(line)
    assert entry["answers"] == {"glasses": "normal"}
    assert entry["given"]["glasses"]["how"] == "suggestion accepted"
    assert entry["given"]["glasses"]["annotator"] == "ana"


def test_bad_lines_are_refused_alone(face_schema: Schema) -> None:
    lines = {
        '{"file_name": "b", "answers": {"glasses": "nne"}}': "glasses has no class 'nne'",
        '{"file_name": "b", "answers": {"glases": "none"}}': "no head is named 'glases'",
        '{"file_name": "b", "answers": {"glasses": 1}}': "glasses is 1",
        '{"file_name": "b", "answers": ["glasses"]}': "no answers",
        '{"file_name": "b", "cannot_tell": ["glasses"], "answers": {"glasses": "none"}}': "has a class and",
        '{"file_name": "b", "answers": {}, "excluded": "no"}': "excluded is 'no'",
        '{"answers": {"glasses": "none"}}': "no file name",
        '{"file_name": "b", "answers": {"glasses": "none", "glasses": "normal"}}': "stands twice",
        '{"file_name": "b", "answers": {"glasses": NaN}}': "NaN is no value",
        "[1]": "no JSON object",
        '{"file_name"': "not JSON",
        '{"a":' * 100_000: "nested too deeply",
    }
    parsed = read(face_schema, HEADER, '{"file_name": "a", "answers": {"glasses": "none"}}', *lines)
    assert [(row.row, row.name) for row in parsed.rows] == [(2, "a")]
    assert [one.row for one in parsed.refused] == list(range(3, 3 + len(lines)))
    for refused, reason in zip(parsed.refused, lines.values(), strict=True):
        assert reason in refused.reason
    assert parsed.count == len(lines) + 1


def test_classes_of_other_names_can_be_mapped(face_schema: Schema) -> None:
    line = '{"file_name": "a", "answers": {"glasses": "specs", "hair_top": "gone"}}'
    parsed = read(face_schema, HEADER, line, specs="glasses.normal", gone="")
    assert [dict(row.answers) for row in parsed.rows] == [{"glasses": "normal"}]


def test_a_newer_version_is_refused_and_another_schema_noted(face_schema: Schema) -> None:
    with pytest.raises(ImportRefused, match="JSON Lines of version 2, expected 1; update the program"):
        read(face_schema, HEADER.replace("1", "2"))
    assert list(read(face_schema, HEADER.replace('"face"', '"dogs"')).notes) == [
        "labels of the schema 'dogs'; this bench has 'face'"
    ]
