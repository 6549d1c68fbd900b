"""A stop is asked, taken, done, each seen by the one who asked; nobody obeys what was asked of another."""

import errno
import json
import os
import time

import pytest

from tests.unit.training.conftest import rewrite, worker_on, write
from workbench.errors import InputError, RunRefused, WorkbenchError
from workbench.training.control import Action, ControlReader, ask, ending_asked, requests, requests_now
from workbench.training.run import RunFolder


def stages(run: RunFolder) -> list[str]:
    return [request.stage for request in requests(run)]


def test_asked_taken_done(run: RunFolder) -> None:
    with worker_on(run):
        reader = ControlReader(run, since=time.time() - 1)
        assert reader.poll() == ()
        asked = ask(run)
        assert stages(run) == ["asked"]
        assert [request.id for request in reader.poll()] == [asked.id]
        assert stages(run) == ["taken"]
        assert reader.poll() == (), "once"
        reader.done()
        assert stages(run) == ["done"]
        reader.done()
    assert len(run.control.read_text().splitlines()) == 3


def test_two_who_ask_are_both_answered(run: RunFolder) -> None:
    with worker_on(run):
        reader = ControlReader(run, since=0)
        first, second = ask(run), ask(run)
        assert [request.id for request in reader.poll()] == [first.id, second.id]
        third = ask(run)
        assert [request.id for request in reader.poll()] == [third.id]
        reader.done()
        assert stages(run) == ["done"] * 3


def test_a_request_is_taken_however_much_was_asked_before(run: RunFolder) -> None:
    line = json.dumps({"id": "a" * 12, "action": "checkpoint", "stage": "done", "wall": 1.0}) + "\n"
    run.control.write_text(line * (2**20 // len(line) + 10))
    with worker_on(run):
        asked = ask(run)
        assert [request.id for request in ControlReader(run, since=asked.wall).poll()] == [asked.id]


def test_what_was_asked_of_a_worker_that_died_is_not_obeyed_by_the_next(run: RunFolder) -> None:
    with worker_on(run):
        asked = ask(run)
    with worker_on(run):
        reader = ControlReader(run, since=asked.wall + 1)
        assert reader.poll() == ()
    assert stages(run) == ["asked"]


def test_a_run_without_a_worker_cannot_be_asked(run: RunFolder) -> None:
    with pytest.raises(RunRefused, match="is not running \\(it has not begun\\)") as caught:
        ask(run)
    assert caught.value.exit_code == 2
    run.log.touch()
    with pytest.raises(RunRefused, match=f"{run.name}: is not running \\(it died\\)"):
        ask(run)
    write(run, {"type": "finished"})
    with pytest.raises(RunRefused, match="it finished"):
        ask(run)
    assert not run.control.exists()


FOREIGN = [
    b"not json",
    b"[1]",
    b'{"id": 1, "action": "stop", "stage": "asked"}',
    b'{"id": "a", "action": "stop", "stage": "begged"}',
    b'{"id": "a", "stage": "asked"}',
    b"\xff\xfe",
    b"[" * 100_000,
]


@pytest.mark.parametrize("line", FOREIGN, ids=range(len(FOREIGN)))
def test_senseless_lines_are_left_out(run: RunFolder, line: bytes) -> None:
    run.control.write_bytes(line + b"\n")
    assert requests(run) == ()
    with worker_on(run):
        asked = ask(run)
        assert [request.id for request in ControlReader(run, since=0).poll()] == [asked.id]


def test_a_request_after_a_torn_line_is_understood(run: RunFolder) -> None:
    run.control.write_bytes(b'{"id": "torn", "act')
    with worker_on(run):
        ask(run)
        assert stages(run) == ["asked"]


def test_a_request_without_a_time_is_of_the_past(run: RunFolder) -> None:
    line = {"id": "a", "action": "stop", "stage": "asked", "wall": "yesterday"}
    run.control.write_text(json.dumps(line) + "\n")
    assert [request.wall for request in requests(run)] == [0.0]
    with worker_on(run):
        assert ControlReader(run, since=1).poll() == ()


def test_a_full_disk_is_one_line(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with worker_on(run):
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(WorkbenchError, match="the disk is full"):
            ask(run)


def test_a_damaged_description_does_not_keep_a_run_from_being_stopped(run: RunFolder) -> None:
    rewrite(run, settings="gone")
    with worker_on(run):
        assert ask(run).stage == "asked"


def test_each_request_has_its_own_answer_times_and_reason(run: RunFolder) -> None:
    with worker_on(run):
        reader = ControlReader(run, since=0)
        rate, epochs = ask(run, "rate", 0.001), ask(run, "epochs", 5, 0.01)
        reader.poll()
        reader.answer(rate, "the schedule has fallen to 0 here")
        reader.answer(epochs)
        reader.answer(epochs, "twice is once")
    refused, done = requests(run)
    assert (refused.stage, refused.value) == ("refused", 0.001)
    assert refused.reason == "the schedule has fallen to 0 here"
    assert (done.stage, done.value, done.rate, done.reason) == ("done", 5, 0.01, "")
    for one in (refused, done):
        assert one.taken_wall is not None
        assert one.ended_wall is not None
        assert one.wall <= one.taken_wall + 0.001 <= one.ended_wall + 0.002
        assert not one.open


@pytest.mark.parametrize(
    ("action", "value", "said"),
    [
        ("rate", None, "nothing is no learning rate"),
        ("rate", 0.0, "valid: above 0, at most 10"),
        ("rate", float("nan"), "nan is no learning rate"),
        ("rate", 1e9, "valid: above 0, at most 10"),
        ("epochs", 0, "valid: 1 to 10000"),
        ("epochs", 1.5, "1.5 is no number of epochs"),
        ("epochs", float("inf"), "inf is no number of epochs"),
    ],
)
def test_a_value_that_cannot_be_is_not_asked(
    run: RunFolder, action: Action, value: float | None, said: str
) -> None:
    with worker_on(run), pytest.raises(InputError, match=said):
        ask(run, action, value)
    assert requests(run) == ()


def test_what_is_asked_of_this_worker_and_what_of_an_earlier_one(run: RunFolder) -> None:
    with worker_on(run):
        ask(run, "stop")
        assert ending_asked(requests_now(run)) == "stop"
    os.utime(run.lock, (time.time() + 5,) * 2)  # as the next worker takes it
    assert ending_asked(requests_now(run)) == ""
    assert requests_now(run) == ()
    assert len(requests(run)) == 1


def test_a_paused_run_says_that_it_is_paused(run: RunFolder) -> None:
    run.log.touch()
    write(run, {"type": "paused"})
    with pytest.raises(RunRefused, match="it is paused"):
        ask(run, "rate", 0.1)
