"""What we write we read back identically: names and classes of any Unicode, formulas, quotes, newlines."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.store import hostile
from tests.store.conftest import fingerprint, picture
from workbench.annotation.formats import FORMATS, WRITTEN, detect, imagefolder
from workbench.annotation.formats.base import Labelled, SourceFile
from workbench.annotation.labels import PictureLabels, Special
from workbench.errors import InputError
from workbench.schema import Schema

PATHS = {
    "csv": Path("labels.csv"),
    "jsonl": Path("labels.jsonl"),
    "label-studio": Path("tasks.json"),
    "imagefolder": Path("metadata.csv"),
    "fiftyone": Path("labels"),
}
FEW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def test_every_format_that_is_written_is_tried_here() -> None:
    assert set(PATHS) == set(WRITTEN)


@pytest.mark.parametrize("form", ["csv", "jsonl", "label-studio", "fiftyone"])
@FEW
@given(data=st.data())
def test_any_schema_names_and_answers(form: str, data: st.DataObject) -> None:
    schema, names = data.draw(hostile.schemas()), data.draw(hostile.picture_names())
    labels = data.draw(hostile.labels_of(names, schema))
    carried = hostile.there_and_back(form, names, labels, schema, PATHS[form])
    hostile.assert_carried(carried, names, labels)


@pytest.mark.parametrize("kind", ["metadata.csv", "metadata.jsonl"])
@FEW
@given(data=st.data())
def test_imagefolder_carries_whatever_it_does_not_refuse(kind: str, data: st.DataObject) -> None:
    schema = data.draw(hostile.schemas())
    names = data.draw(hostile.picture_names(any_bytes=False))
    names = [one for one in names if imagefolder.nameable(picture(one))]
    labels = data.draw(hostile.labels_of(names, schema))
    try:
        carried = hostile.there_and_back("imagefolder", names, labels, schema, Path(kind))
    except InputError:
        reject()
    hostile.assert_carried(carried, names, labels)


@pytest.mark.parametrize("form", PATHS)
def test_the_usual_schema_in_every_format(form: str, face_schema: Schema) -> None:
    names = ["ana/0001.jpg", "ben/0001.jpg", "ben/0001.png", "c d.jpg", "unanswered.jpg"]
    labels = {
        fingerprint("ana/0001.jpg"): PictureLabels({"glasses": "none", "wrinkles": "none"}),
        fingerprint("ben/0001.jpg"): PictureLabels({"hair_top": Special.CANNOT_TELL}),
        fingerprint("ben/0001.png"): PictureLabels({"hair_colour": "not_visible"}, excluded=True),
        fingerprint("c d.jpg"): PictureLabels({}, excluded=True),
        fingerprint("unanswered.jpg"): PictureLabels(),
    }
    carried = hostile.there_and_back(form, names, labels, face_schema, PATHS[form])
    hostile.assert_carried(carried, names, labels)
    assert carried.parsed.count == len(names), "pictures without an answer are there, to be answered"


@pytest.mark.parametrize("form", ["csv", "jsonl", "label-studio"])
def test_what_was_written_is_recognised(form: str, face_schema: Schema) -> None:
    what = Labelled([picture("a.jpg")], {}, face_schema, path=PATHS[form])
    write, ours = FORMATS[form].write, FORMATS[form].ours
    assert write is not None
    assert ours is not None
    text = write(what)
    assert isinstance(text, str)
    assert detect(SourceFile(Path("some file"), text.encode()), face_schema).name == form
    assert ours(text.encode()[:4096], face_schema)
    assert not any(
        other.ours(text.encode()[:4096], face_schema)
        for name, other in FORMATS.items()
        if other.ours and name not in (form, "imagefolder")
    )
