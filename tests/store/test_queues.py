"""Going through a queue: a snapshot with a place of its own, and what is counted on the way."""

from datetime import datetime, timedelta

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture, pictures
from workbench.annotation.counts import Counts
from workbench.annotation.labels import NewEvent, Source
from workbench.annotation.progress import Pace
from workbench.annotation.queue import PictureQueue
from workbench.annotation.selection import Order, QueueChoice, QueueKind
from workbench.annotation.session import LabelSession
from workbench.annotation.store import LabelStore
from workbench.schema import Schema

GLASSES_OPEN = QueueChoice(QueueKind.HEAD_OPEN, "glasses")
SUNGLASSES = QueueChoice(QueueKind.CLASS, "glasses", "sunglasses")


@pytest.fixture
def session(face_schema: Schema, store: LabelStore) -> LabelSession:
    """Six pictures; 1 and 4 have sunglasses."""
    for number in (1, 4):
        store.record(fingerprint(f"{number:04d}.jpg"), "glasses", "sunglasses", name=f"{number:04d}.jpg")
    return LabelSession(face_schema, store, pictures(6))


def names(session: LabelSession) -> list[int]:
    """The pictures of the queue, one after the other."""
    session.go_to(0)
    found = []
    while session.picture is not None:
        found.append(int(session.picture.name[:4]))
        if not session.next_picture().picture_changed:
            break
    return found


def test_a_queue_is_opened_and_named_and_what_is_answered_stays_in_it(session: LabelSession) -> None:
    outcome = session.open_queue(SUNGLASSES)
    assert (outcome.picture_changed, outcome.message) == (True, "glasses: sunglasses, by name: 2 pictures")
    assert (session.total, session.position) == (2, 0)
    session.toggle_pass()
    while session.head.name != "glasses":
        session.next_head()
    assert session.answer("1").picture_changed
    assert session.answer("1").message == "the last picture of this queue"
    assert names(session) == [1, 4], "nothing jumps away under one's hands"
    session.open_queue(SUNGLASSES)
    assert session.total == 0, "opened again, it is what the labels are now"
    assert session.picture is None
    assert session.next_picture().message == "there are no pictures yet"


def test_the_queue_of_one_open_head_is_a_pass_over_it(session: LabelSession) -> None:
    session.open_queue(GLASSES_OPEN)
    assert (session.passing, session.head.name) == ("glasses", "glasses")
    progress = session.queue_progress
    assert (progress.done, progress.left, progress.total) == (0, 4, 4)
    for _ in range(3):
        session.answer("1")
    assert session.queue_progress.left == 1
    assert session.answer("1").message == "nothing is left in this queue"
    assert session.progress.done == 0, "over all heads no picture is complete"


def test_a_queue_that_is_looked_through_counts_by_place(session: LabelSession) -> None:
    session.open_queue(SUNGLASSES)
    assert session.queue_progress.left == 2
    session.next_picture()
    assert (session.queue_progress.done, session.queue_progress.left) == (1, 1)


def test_each_queue_has_its_place_also_after_a_restart(face_schema: Schema, open_store: OpenStore) -> None:
    session = LabelSession(face_schema, open_store(), pictures(6))
    by_chance = QueueChoice(order=Order.CHANCE, seed=2)
    session.go_to(4)
    session.open_queue(by_chance)
    session.go_to(3)
    shown = session.picture
    again = LabelSession(face_schema, open_store(), pictures(6))
    assert again.choice == by_chance
    assert again.picture == shown
    again.open_queue(QueueChoice())
    assert again.position == 4
    again.open_queue(by_chance)
    assert again.position == 3
    assert LabelSession(face_schema, open_store("ben"), pictures(6)).choice == QueueChoice()


def test_the_order_of_likeness_may_come_later_and_the_picture_in_front_stays(session: LabelSession) -> None:
    session.open_queue(QueueChoice(order=Order.LIKENESS))
    session.go_to(2)
    order = [5, 2, 0, 1, 3, 4]
    session.rearrange({fingerprint(f"{number:04d}.jpg"): k for k, number in enumerate(order)})
    assert session.picture is not None
    assert session.picture.name == "0002.jpg"
    assert session.position == 1
    assert names(session) == order


def test_pictures_found_later_join_the_queues_that_they_belong_to(
    session: LabelSession, store: LabelStore
) -> None:
    session.open_queue(QueueChoice(text="new"))
    assert session.total == 0
    store.record(fingerprint("new b.jpg"), "glasses", "none", name="")
    found = [picture("new a.jpg"), picture("new b.jpg"), picture("other.jpg")]
    assert session.extend([*pictures(6), *found]) == 2
    assert session.picture is not None
    assert session.picture.name == "new a.jpg"
    assert session.progress.total == 9
    session.open_queue(GLASSES_OPEN)
    session.extend([picture("new c.jpg"), picture("0000 renamed.jpg", "0000.jpg")])
    assert session.total == 7
    session.go_to(0)
    assert session.picture.name == "0000 renamed.jpg"


def test_a_filter_that_no_picture_fits_still_finds_the_others_by_name(session: LabelSession) -> None:
    session.open_queue(SUNGLASSES)
    assert (
        session.find("0003").message == "no picture here is named or numbered “0003”; 1 in the queue of all"
    )


def test_the_counts_of_a_queue_follow_undo_an_import_and_another_window(
    session: LabelSession, store: LabelStore, open_store: OpenStore
) -> None:
    session.open_queue(GLASSES_OPEN)
    session.answer("1")
    assert session.queue_progress.done == 1
    session.undo()
    assert session.queue_progress.done == 0
    open_store("ben").record(fingerprint("0002.jpg"), "glasses", "none", name="")
    session.redo()
    assert session.queue_progress.done == 2
    store.record_many([NewEvent(fingerprint("0005.jpg"), "glasses", "none", source=Source.IMPORTED)])
    assert session.queue_progress.done == 3
    assert session.progress.per_head["glasses"] == 5


def test_undo_of_a_picture_that_is_not_in_the_queue_says_so(session: LabelSession) -> None:
    session.answer("2")
    session.open_queue(SUNGLASSES)
    assert session.undo().message == "undone: wrinkles, now open (0000.jpg, not in this list)"


class Day:
    """A clock on the wall."""

    def __init__(self) -> None:
        self.now = datetime.now().astimezone().replace(hour=12)

    def __call__(self) -> datetime:
        return self.now


def test_todays_answers_are_counted_from_midnight(face_schema: Schema, store: LabelStore) -> None:
    day = Day()
    queue = PictureQueue(pictures(3))
    store.record(fingerprint("0000.jpg"), "glasses", "none", name="")
    counts = Counts(face_schema, store, queue, Pace(lambda: 0.0), day)
    assert counts.progress.today == 1
    day.now += timedelta(days=1)
    assert counts.progress.today == 0, "another day"
    day.now -= timedelta(days=1)
    assert counts.progress.today == 1


def test_todays_answers_go_on_after_a_restart_and_undo_takes_them_away(
    face_schema: Schema, open_store: OpenStore
) -> None:
    session = LabelSession(face_schema, open_store(), pictures(3))
    for _ in range(3):
        session.answer("1")
    session.undo()
    session.toggle_flag()
    session.undo()
    assert session.progress.today == 2
    session.redo()
    again = LabelSession(face_schema, open_store(), pictures(3))
    assert again.progress.today == session.progress.today == 2
    assert LabelSession(face_schema, open_store("ben"), pictures(3)).progress.today == 0


def test_answers_that_came_another_way_count_today_too(
    face_schema: Schema, store: LabelStore, open_store: OpenStore
) -> None:
    session = LabelSession(face_schema, store, pictures(3))
    session.answer("1")
    assert session.progress.today == 1
    store.record_many([NewEvent(fingerprint("0002.jpg"), "glasses", "none", source=Source.ACCEPTED)])
    assert session.progress.today == 2
    open_store("ben").record(fingerprint("0001.jpg"), "glasses", "none", name="")
    session.answer("1")
    assert session.progress.today == 3, "what another person answered is theirs"


def test_the_pace_begins_anew_with_a_pass(face_schema: Schema, store: LabelStore) -> None:
    now = [0.0]
    session = LabelSession(face_schema, store, pictures(20), lambda: now[0])
    for _ in range(10):
        now[0] += 2
        session.answer("1")
    assert session.progress.seconds_per_picture == pytest.approx(10)
    session.toggle_pass()
    assert session.queue_progress.seconds_left is None
    now[0] += 1
    session.answer("1")
    assert session.progress.seconds_per_picture == pytest.approx(1)
    assert session.queue_progress.seconds_left == pytest.approx(17)
