"""Label Studio: tasks, annotations of several people, uploads and local files, JSON_MIN and CSV."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.store.conftest import fingerprint, picture
from workbench.annotation.formats import detect, label_studio
from workbench.annotation.formats.addresses import to_local_file, to_name
from workbench.annotation.formats.base import Labelled, ParsedFile, SourceFile
from workbench.annotation.labels import Event, PictureLabels, Source, Special
from workbench.schema import Schema


def choice(head: str, *choices: str) -> dict[str, Any]:
    return {"from_name": head, "to_name": "image", "type": "choices", "value": {"choices": list(choices)}}


def task(image: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "data": {"image": image}, "annotations": list(annotations)}


def read(document: object, schema: Schema, mapping: dict[str, str] | None = None) -> ParsedFile:
    """Detected and understood."""
    text = document if isinstance(document, str) else json.dumps(document)
    file = SourceFile(Path("project-1.json"), text.encode())
    assert detect(file, schema).name == "label-studio"
    return label_studio.read(file, schema, mapping or {})


def found(parsed: ParsedFile) -> list[tuple[int, str, dict[str, object]]]:
    return [(row.row, row.name, dict(row.answers)) for row in parsed.rows]


def test_one_result_a_head_with_who_and_how_long(face_schema: Schema) -> None:
    annotation = {
        "completed_by": 7,
        "lead_time": 4.5,
        "result": [
            choice("hair_colour", "blond"),
            choice("glasses", "cannot_tell"),
            choice("Wrinkles", "yes"),
        ],
    }
    flagged = {"completed_by": {"email": "ana@example.org"}, "result": [choice("not_human", "yes")]}
    parsed = read([task("a.jpg", annotation), task("b.jpg", flagged), task("c.jpg")], face_schema)
    assert found(parsed) == [
        (1, "a.jpg", {"hair_colour": "blond", "glasses": Special.CANNOT_TELL, "wrinkles": "yes"}),
        (2, "b.jpg", {}),
        (3, "c.jpg", {}),
    ]
    first, second, _ = parsed.rows
    assert (first.annotator, second.annotator) == ("7 (Label Studio)", "ana@example.org (Label Studio)")
    assert first.seconds == {"hair_colour": 1.5, "glasses": 1.5, "wrinkles": 1.5}, "shared by the heads"
    assert (second.excluded, parsed.count, list(parsed.refused)) == (True, 3, [])


def test_skipped_tasks_are_refused_with_who_skipped_them(face_schema: Schema) -> None:
    skipped = {"completed_by": 2, "was_cancelled": True, "result": [choice("glasses", "none")]}
    done = {"completed_by": 1, "result": [choice("glasses", "normal")]}
    parsed = read([task("a.jpg", skipped, done)], face_schema)
    (refused,) = parsed.refused
    assert refused.reason == "skipped in Label Studio by 2 (Label Studio)"
    assert refused.name == "a.jpg"
    assert found(parsed) == [(1, "a.jpg", {"glasses": "normal"})]


@pytest.mark.parametrize("truth", [False, True])
def test_of_several_annotators_the_ground_truth_or_the_latest_comes_last(
    truth: bool, face_schema: Schema
) -> None:
    late = {"completed_by": 2, "created_at": "2026-02-02T10:00:00Z", "result": [choice("glasses", "normal")]}
    early = {
        "completed_by": 1,
        "created_at": "2026-01-01T10:00:00Z",
        "ground_truth": truth,
        "result": [choice("glasses", "none")],
    }
    parsed = read([task("a.jpg", late, early)], face_schema)
    assert [row.answers["glasses"] for row in parsed.rows][-1] == ("none" if truth else "normal")
    assert {row.annotator for row in parsed.rows} == {"1 (Label Studio)", "2 (Label Studio)"}
    assert "1 pictures have annotations that differ" in parsed.notes[0]


def test_a_control_that_is_no_head_holds_tags(face_schema: Schema) -> None:
    document = [task("a.jpg", {"result": [choice("choice", "blond", "specs", "none")]})]
    (refused,) = read(document, face_schema, {"specs": "glasses.normal"}).refused
    assert "'none' may mean" in refused.reason
    mapping = {"specs": "glasses.normal", "choice.none": "wrinkles.none"}
    parsed = read(document, face_schema, mapping)
    assert found(parsed) == [(1, "a.jpg", {"hair_colour": "blond", "glasses": "normal", "wrinkles": "none"})]


def test_a_choice_that_is_no_class_of_its_head_is_refused_or_mapped(face_schema: Schema) -> None:
    document = [task("a.jpg", {"result": [choice("hair_colour", "blondish")]})]
    (refused,) = read(document, face_schema).refused
    assert refused.reason == "hair_colour has no class 'blondish'"
    assert "did you mean 'blond'?" in refused.cure
    for tag in ("blondish", "hair_colour.blondish"):
        assert found(read(document, face_schema, {tag: "hair_colour.blond"}))[0][2] == {
            "hair_colour": "blond"
        }
    assert found(read(document, face_schema, {"blondish": ""}))[0][2] == {}


def test_what_a_model_predicted_is_no_answer(face_schema: Schema) -> None:
    guessed = {**task("a.jpg"), "predictions": [{"score": 0.9, "result": [choice("glasses", "none")]}]}
    parsed = read([guessed], face_schema)
    assert found(parsed) == [(1, "a.jpg", {})]
    assert parsed.notes == ["1 × predictions of a model, which are no answers: left out"]


def test_two_choices_of_one_head_are_refused(face_schema: Schema) -> None:
    (refused,) = read([task("a.jpg", {"result": [choice("glasses", "none", "normal")]})], face_schema).refused
    assert refused.reason == "'none' and 'normal' are both glasses"


def test_what_is_no_choice_is_counted_and_left_out(face_schema: Schema) -> None:
    text = {"from_name": "why", "type": "textarea", "value": {"text": ["dark"]}}
    box = {"from_name": "box", "type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["blond"]}}
    rating = {"from_name": "stars", "type": "rating", "value": {"rating": 3}}
    parsed = read([task("a.jpg", {"result": [text, box, rating]})], face_schema)
    assert found(parsed) == [(1, "a.jpg", {"hair_colour": "blond"})], "labels of a shape are tags"
    assert parsed.notes == [
        "1 × result of the type 'rating': left out",
        "1 × result of the type 'textarea': left out",
    ]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (7, "no task of Label Studio"),
        ({"data": {"text": "hello"}}, "no picture"),
        ({"data": {"image": "a.jpg"}, "annotations": {"a": 1}}, "annotations that are no list"),
        ({"data": {"image": "a.jpg"}, "annotations": [3]}, "an annotation without a result"),
        (
            {"data": {"image": "a.jpg"}, "annotations": [{"result": [{"value": 3}]}]},
            "a result without a value",
        ),
    ],
)
def test_a_broken_task_is_refused_alone(broken: object, reason: str, face_schema: Schema) -> None:
    good = task("b.jpg", {"result": [choice("glasses", "none")]})
    parsed = read([good, broken], face_schema)
    assert found(parsed) == [(1, "b.jpg", {"glasses": "none"})]
    assert [(one.row, one.reason) for one in parsed.refused] == [(2, reason)]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("a.jpg", "a.jpg"),
        ("sub/100%.jpg", "sub/100%.jpg"),
        ("/data/upload/3/1a2b3c4d-my%20face.jpg", "my face.jpg"),
        ("/data/upload/1a2b3c4d-a-b.jpg", "a-b.jpg"),
        ("https://host/data/upload/3/1a2b3c4d-a.jpg", "a.jpg"),
        ("/data/local-files/?d=faces/ana/0001.jpg", "faces/ana/0001.jpg"),
        ("https://host/data/local-files/?x=1&d=ana%2F%C3%A9.jpg", "ana/é.jpg"),
        ("s3://bucket/ana/0001.jpg", "ana/0001.jpg"),
        ("http://[broken/a.jpg", "http://[broken/a.jpg"),
    ],
)
def test_addresses_become_names(address: str, name: str) -> None:
    assert to_name(address) == name


@pytest.mark.parametrize(
    "name", ["a&b=c#d?.jpg", "100%25.jpg", "caf\udce9.jpg", "家/ +.jpg", "1a2b3c4d-x.jpg"]
)
def test_a_local_file_comes_back(name: str) -> None:
    assert to_name(to_local_file(name)) == name


def test_json_min(face_schema: Schema) -> None:
    rows = [
        {
            "image": "/data/upload/1a2b3c4d-a.jpg",
            "id": 1,
            "glasses": "none",
            "hair_top": {"choices": ["few"]},
            "note": "dark",
            "annotator": 3,
            "annotation_id": 9,
            "lead_time": 3,
        },
        {"image": "b.jpg", "choice": ["blond"], "annotator": None, "annotation_id": None, "lead_time": None},
        {"annotator": 3, "annotation_id": 9, "lead_time": 3},
    ]
    parsed = read(rows, face_schema)
    assert found(parsed) == [
        (1, "a.jpg", {"glasses": "none", "hair_top": "few"}),
        (2, "b.jpg", {"hair_colour": "blond"}),
    ]
    assert parsed.rows[0].seconds == {"glasses": 1.5, "hair_top": 1.5}
    assert parsed.rows[0].annotator == "3 (Label Studio)"
    assert [one.reason for one in parsed.refused] == ["no picture"]
    assert "'note' is no head: left out" in parsed.notes


def test_csv(face_schema: Schema) -> None:
    text = (
        '"annotation_id","annotator","created_at","glasses","hair_colour","id","image","lead_time","updated_at"\r\n'
        '9,"1","2026-01-01","none","{""choices"": [""blond"", ""red""]}",1,"a.jpg",2.5,"x"\r\n'
        '10,"1","2026-01-01","normal","",2,"b.jpg",2.5,"x"\r\n'
    )
    parsed = read(text, face_schema)
    assert found(parsed) == [(3, "b.jpg", {"glasses": "normal"})]
    assert [(one.row, one.reason) for one in parsed.refused] == [
        (2, "'blond' and 'red' are both hair_colour")
    ]


def test_an_export_says_the_rule_the_time_and_where_the_pictures_are(face_schema: Schema) -> None:
    from datetime import UTC, datetime

    mark = fingerprint("a.jpg")
    event = Event(1, datetime.now(UTC), "ana", mark, "glasses", "none", "a.jpg", Source.HUMAN, seconds=1.25)
    what = Labelled(
        [picture("b.jpg"), picture("a.jpg")],
        {mark: PictureLabels({"glasses": "none"})},
        face_schema,
        images=Path("/faces"),
        given={(mark, "glasses"): event},
        merge="majority",
    )
    first, second = json.loads(label_studio.write(what))
    assert first["data"] == {"image": "/data/local-files/?d=a.jpg", "merge": "majority"}
    assert first["annotations"][0]["lead_time"] == 1.25
    assert second["annotations"] == [], "unanswered tasks are there, to be answered"
    assert "DOCUMENT_ROOT is /faces" in label_studio.notes(what)[0]
