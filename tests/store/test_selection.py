"""Queues: which pictures belong to each, in which order, and how they are kept and named."""

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture, pictures
from workbench.annotation.agreement import disagreeing
from workbench.annotation.labels import PictureLabels, Remark, RemarkKind, Special
from workbench.annotation.selection import (
    Order,
    QueueChoice,
    QueueKind,
    arrange,
    queue_choices,
    queue_sizes,
    select,
)
from workbench.annotation.store import LabelStore
from workbench.schema import Schema


def name(index: int) -> str:
    """The name of a picture."""
    return f"{index:04d}.jpg"


@pytest.fixture
def labelled(store: LabelStore, face_schema: Schema) -> LabelStore:
    """0 complete, 1 with glasses only, 2 not a face, 3 cannot tell, 4 flagged, 5 untouched."""
    for head in face_schema.heads:
        store.record(fingerprint(name(0)), head.name, head.classes[0].name, name=name(0))
    store.record(fingerprint(name(1)), "glasses", "sunglasses", name=name(1))
    store.record(fingerprint(name(2)), "not_human", "yes", name=name(2))
    store.record(fingerprint(name(3)), "freckles", Special.CANNOT_TELL, name=name(3))
    store.remark(fingerprint(name(4)), Remark(RemarkKind.FLAG, "yes"), name=name(4))
    return store


def numbers(store: LabelStore, choice: QueueChoice, differing: tuple[str, ...] = ()) -> list[int]:
    """The pictures of a queue."""
    found = select(pictures(6), store.labels, choice, store.schema, differing)
    return [int(one.name[:4]) for one in arrange(found, choice)]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (QueueChoice(), [0, 1, 2, 3, 4, 5]),
        (QueueChoice(QueueKind.UNLABELLED), [1, 3, 4, 5]),
        (QueueChoice(QueueKind.HEAD_OPEN, "glasses"), [3, 4, 5]),
        (QueueChoice(QueueKind.CANNOT_TELL), [3]),
        (QueueChoice(QueueKind.FLAGGED), [4]),
        (QueueChoice(QueueKind.CLASS, "glasses", "sunglasses"), [1]),
        (QueueChoice(QueueKind.CLASS, "glasses", "none"), [0]),
        (QueueChoice(text="4.JPG"), [4]),
        (QueueChoice(QueueKind.UNLABELLED, text="000"), [1, 3, 4, 5]),
        (QueueChoice(QueueKind.FLAGGED, text="5"), []),
    ],
)
def test_each_queue_holds_what_it_says(
    labelled: LabelStore, choice: QueueChoice, expected: list[int]
) -> None:
    assert numbers(labelled, choice) == expected


def test_pictures_on_which_annotators_differ(open_store: OpenStore) -> None:
    ana, ben = open_store("ana"), open_store("ben")
    for index, (one, other) in enumerate([("none", "none"), ("none", "normal")]):
        ana.record(fingerprint(name(index)), "glasses", one, name=name(index))
        ben.record(fingerprint(name(index)), "glasses", other, name=name(index))
    ana.refresh()
    assert numbers(ana, QueueChoice(QueueKind.DISAGREEING), disagreeing(ana)) == [1]


def test_by_chance_is_the_same_again_and_another_seed_another_order(store: LabelStore) -> None:
    first = numbers(store, QueueChoice(order=Order.CHANCE))
    assert sorted(first) == [0, 1, 2, 3, 4, 5]
    assert first == numbers(store, QueueChoice(order=Order.CHANCE))
    others = [numbers(store, QueueChoice(order=Order.CHANCE, seed=seed)) for seed in range(1, 6)]
    assert any(other != first for other in others)


def test_a_picture_that_joins_moves_no_other() -> None:
    choice = QueueChoice(order=Order.CHANCE, seed=7)
    few = [one.name for one in arrange(pictures(20), choice)]
    more = [one.name for one in arrange([*pictures(20), picture("new.jpg")], choice)]
    more.remove("new.jpg")
    assert more == few


def test_by_likeness_follows_the_walk_and_unknown_pictures_come_last() -> None:
    choice = QueueChoice(order=Order.LIKENESS)
    walk = {fingerprint(name(2)): 0, fingerprint(name(0)): 1, fingerprint(name(3)): 2}
    assert [one.name for one in arrange(pictures(4), choice, walk)] == [name(i) for i in (2, 0, 3, 1)]
    assert arrange(pictures(4), choice) == pictures(4), "by name until the walk is known"


def test_a_queue_is_kept_and_told_apart(face_schema: Schema) -> None:
    choices = [
        QueueChoice(),
        QueueChoice(QueueKind.CLASS, "glasses", "none", order=Order.CHANCE, seed=3),
        QueueChoice(QueueKind.HEAD_OPEN, "glasses", text="über \udce9", order=Order.LIKENESS),
    ]
    for choice in choices:
        assert QueueChoice.from_dict(choice.to_dict(), face_schema) == choice
    assert len({choice.mark for choice in choices}) == len(choices)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "all",
        {"kind": "no such"},
        {"kind": "all", "order": "sideways"},
        {"what": 1},
        {"kind": "head open", "head": "gone"},
        {"kind": "class", "head": "glasses", "answer": "monocle"},
    ],
)
def test_what_is_no_queue_any_more_is_all_pictures(face_schema: Schema, kept: object) -> None:
    assert QueueChoice.from_dict(kept, face_schema) == QueueChoice()


def test_queues_are_named_in_the_words_of_the_schema(face_schema: Schema) -> None:
    def titles(*choices: QueueChoice) -> list[str]:
        return [choice.title(face_schema) for choice in choices]

    assert titles(
        QueueChoice(),
        QueueChoice(QueueKind.HEAD_OPEN, "hair_colour"),
        QueueChoice(QueueKind.CLASS, "hair_top", "not_visible", text="b"),
    ) == ["all", "hair colour open", "hair top: not visible, named “b”"]
    assert QueueChoice(order=Order.CHANCE, seed=3).order_title() == "by chance 3"
    assert QueueChoice(order=Order.CHANCE).order_title() == "by chance"
    assert QueueChoice().order_title() == "by name"


def test_the_sizes_of_all_queues_are_those_of_each(labelled: LabelStore, face_schema: Schema) -> None:
    differing = (fingerprint(name(5)),)
    sizes = queue_sizes(pictures(6), labelled.labels, face_schema, differing)
    assert list(sizes) == list(queue_choices(face_schema))
    for choice, size in sizes.items():
        assert size == len(numbers(labelled, choice, differing)), choice


def test_a_class_that_the_schema_lost_is_counted_in_no_queue(face_schema: Schema) -> None:
    labels = PictureLabels({"glasses": "monocle", "gone": "yes"})
    sizes = queue_sizes(pictures(1), lambda _: labels, face_schema, ())
    assert sizes[QueueChoice()] == 1
    assert sum(size for choice, size in sizes.items() if choice.kind is QueueKind.CLASS) == 0
