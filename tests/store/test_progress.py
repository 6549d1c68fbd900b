"""The figures of the status line: done and left, seconds and keys a picture, time left."""

import pytest

from tests.conftest import Clock
from tests.store.conftest import OpenStore, fingerprint, pictures
from workbench.annotation.labels import NewEvent, Source
from workbench.annotation.progress import Pace, Tally
from workbench.annotation.session import LabelSession
from workbench.annotation.store import LabelStore
from workbench.schema import Schema


@pytest.fixture
def session(face_schema: Schema, store: LabelStore, clock: Clock) -> LabelSession:
    return LabelSession(face_schema, store, pictures(10), clock)


def label(session: LabelSession, clock: Clock, seconds: float) -> None:
    """All five heads of the picture, in that many seconds."""
    for _ in range(5):
        clock.now += seconds / 5
        session.answer("1")


def test_before_the_first_picture_nothing_is_guessed(session: LabelSession, face_schema: Schema) -> None:
    progress = session.progress
    assert (progress.done, progress.left, progress.total) == (0, 10, 10)
    assert progress.per_head == dict.fromkeys(face_schema.head_names, 0)
    assert progress.seconds_per_picture is progress.keys_per_picture is progress.seconds_left is None


def test_pace_is_the_median_and_tells_the_time_left(session: LabelSession, clock: Clock) -> None:
    for seconds in (2.0, 3.0, 20.0):
        label(session, clock, seconds)
    progress = session.progress
    assert progress.seconds_per_picture == pytest.approx(3.0)
    assert progress.seconds_left == pytest.approx(3.0 * 7)
    assert progress.keys_per_picture == 5
    assert progress.done == 3


def test_pauses_do_not_count(session: LabelSession, clock: Clock, store: LabelStore) -> None:
    session.answer("1")
    clock.now += 3600
    session.answer("1")
    for _ in range(3):
        clock.now += 1
        session.answer("1")
    assert session.progress.seconds_per_picture == pytest.approx(3.0)
    assert [event.seconds for event in store.events_since()][:2] == [0.0, 3600.0], "the log keeps what was"


def test_detours_count_as_keys_and_pictures_only_looked_at_do_not(
    session: LabelSession, clock: Clock
) -> None:
    session.next_picture()
    session.next_picture()
    assert session.progress.keys_per_picture is None
    session.next_head()
    session.previous_head()
    label(session, clock, 5)
    assert session.progress.keys_per_picture == 7


def test_undo_and_exclusion_keep_the_counts_right(session: LabelSession, clock: Clock) -> None:
    assert session.progress.done == 0
    label(session, clock, 5)
    session.exclude()
    assert session.progress.done == 2
    assert session.progress.per_head == dict.fromkeys(session.progress.per_head, 2)
    session.undo()
    session.undo()
    progress = session.progress
    assert progress.done == 0
    assert progress.per_head["hair_top"] == 0
    assert progress.per_head["wrinkles"] == 1
    session.redo()
    assert session.progress.done == 1


def test_another_window_and_an_import_are_counted(
    session: LabelSession, open_store: OpenStore, store: LabelStore, face_schema: Schema
) -> None:
    assert session.progress.done == 0
    open_store("ben").record(fingerprint("0005.jpg"), "not_human", "yes", name="0005.jpg")
    session.answer("1")
    assert (session.progress.done, session.progress.per_head["wrinkles"]) == (1, 2)
    store.record_many(
        NewEvent(fingerprint("0006.jpg"), head.name, head.classes[0].name, source=Source.IMPORTED)
        for head in face_schema.heads
    )
    assert session.progress.done == 2


def test_only_recent_pictures_make_the_pace(clock: Clock) -> None:
    pace = Pace(clock)
    for seconds in [30.0] * 60 + [2.0] * 50:
        clock.now += seconds
        pace.press(answer=True)
        pace.leave()
    assert pace.seconds_per_picture == pytest.approx(2.0)


def test_a_tally_that_is_changed_equals_one_that_is_counted_anew(
    store: LabelStore, face_schema: Schema
) -> None:
    tally = Tally(face_schema)
    marks = [picture.fingerprint for picture in pictures(3)]
    tally.append(store.labels(mark) for mark in marks)
    steps = [(0, "glasses", "none"), (1, "not_human", "yes"), (0, "glasses", None), (1, "not_human", None)]
    steps += [(2, head.name, head.classes[-1].name) for head in face_schema.heads]
    for index, head, answer in steps:
        store.record(marks[index], head, answer, name="")
        tally.update(index, store.labels(marks[index]))
        anew = Tally(face_schema)
        anew.append(store.labels(mark) for mark in marks)
        assert (tally.done, tally.per_head) == (anew.done, anew.per_head)
