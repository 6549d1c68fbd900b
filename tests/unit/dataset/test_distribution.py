"""How labels are spread: the figures of imbalance, and what is counted where."""

import json

import pytest

from tests.unit.dataset.conftest import fingerprint
from workbench.annotation.labels import PictureLabels, Special
from workbench.dataset.distribution import distribution, summarise
from workbench.schema import Schema

NONE, YES = {"freckles": "none"}, {"freckles": "yes"}


def test_imbalance_in_figures(face_schema: Schema) -> None:
    labels = {fingerprint(number): PictureLabels(NONE if number < 9 else YES) for number in range(10)}
    head = distribution(face_schema, labels, labels).head("freckles")
    assert (head.majority_class, head.majority_share) == ("none", 0.9)
    assert (head.rarest_class, head.rarest_count) == ("yes", 1)
    # exp(-0.9 ln 0.9 - 0.1 ln 0.1), by hand
    assert head.effective_classes == pytest.approx(1.3841, abs=1e-4)


@pytest.mark.parametrize("classes", [2, 3, 9])
def test_equal_classes_count_in_full(classes: int) -> None:
    even = summarise("h", {str(one): 7 for one in range(classes)})
    assert even.effective_classes == pytest.approx(classes)


def test_one_class_alone_is_one_effective_class() -> None:
    alone = summarise("h", {"a": 5, "b": 0, "c": 0})
    assert alone.effective_classes == 1
    assert (alone.rarest_class, alone.rarest_count) == ("b", 0), "a class without any picture is the rarest"


def test_nothing_labelled_divides_by_nothing(face_schema: Schema) -> None:
    found = distribution(face_schema, {}, ["a", "b"])
    head = found.head("hair_colour")
    assert (head.majority_class, head.majority_share, head.effective_classes) == ("", 0.0, 0.0)
    assert (head.unlabelled, head.labelled, found.complete) == (2, 0, 0)


def test_every_picture_is_counted_in_one_place(face_schema: Schema) -> None:
    labels = {
        "labelled": PictureLabels(YES),
        "cannot tell": PictureLabels({"freckles": Special.CANNOT_TELL}),
        "seen": PictureLabels({}, seen=True),
        "excluded": PictureLabels(YES, excluded=True),
        "lost class": PictureLabels({"freckles": "a class that the schema has lost"}),
    }
    found = distribution(face_schema, labels, [*labels, "never opened", "labelled"])
    head = found.head("freckles")
    assert dict(head.counts) == {"none": 0, "yes": 1}
    assert (head.cannot_tell, head.unlabelled, found.excluded, found.pictures) == (1, 3, 1, 6)


def test_complete_means_no_work_left(face_schema: Schema) -> None:
    every = {head.name: Special.CANNOT_TELL for head in face_schema.heads}
    labels = {
        "done": PictureLabels(every),
        "no face": PictureLabels({}, excluded=True),
        "half": PictureLabels(YES),
    }
    assert distribution(face_schema, labels, labels).complete == 2


def test_labels_of_pictures_that_are_gone_do_not_count(face_schema: Schema) -> None:
    assert distribution(face_schema, {"gone": PictureLabels(YES)}, []).pictures == 0


def test_as_json(face_schema: Schema) -> None:
    document = distribution(face_schema, {"a": PictureLabels(YES)}, ["a"]).to_dict()
    assert json.loads(json.dumps(document)) == document
    assert document["heads"]["freckles"]["counts"] == {"none": 0, "yes": 1}
    assert set(document["heads"]) == set(face_schema.head_names)
