"""The log that a worker writes: whole lines, numbers in order, nothing in it that JSON does not know."""

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.errors import WorkbenchError
from workbench.training.events import EventLog


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def events(path: Path) -> list[dict[str, Any]]:
    """Every line, as strict JSON."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()]


def test_every_event_says_when_and_which(path: Path) -> None:
    with EventLog(path) as log:
        log.phase("data", "reading")
        log.note("hello\nworld")
    first, second = events(path)
    assert (first["seq"], first["type"], first["name"], first["text"]) == (1, "phase", "data", "reading")
    assert (second["seq"], second["text"]) == (2, "hello\nworld")
    assert second["wall"] >= first["wall"] > 1.7e9
    assert second["mono"] >= first["mono"]


def test_numbers_of_every_kind(path: Path) -> None:
    with EventLog(path) as log:
        log.emit(
            "batch",
            loss=np.float32(0.1),
            long=1 / 3,
            step=np.int64(7),
            yes=True,
            nothing=None,
            heads={"a": {"loss": float("nan")}, 3: [float("inf"), (1, 2)]},
            odd=Path("x"),
        )
    [found] = events(path)
    assert found["loss"] == 0.1, "not 0.10000000149"
    assert found["long"] == 0.333333
    assert found["step"] == 7
    assert isinstance(found["step"], int)
    assert found["yes"] is True
    assert found["nothing"] is None
    assert found["heads"] == {"a": {"loss": None}, "3": [None, [1, 2]]}
    assert found["odd"] == "x"


def test_names_that_are_no_unicode_are_written(path: Path) -> None:
    with EventLog(path) as log:
        log.note("caf\udce9.jpg")
    assert events(path)[0]["text"] == "caf\udce9.jpg"


def test_numbering_goes_on_after_a_restart(path: Path) -> None:
    for _ in range(3):
        with EventLog(path) as log:
            log.note("again")
    assert [event["seq"] for event in events(path)] == [1, 2, 3]


@pytest.mark.parametrize("torn", [b'{"seq":9,"type":"no', b"{", b"\xff\xfe\x00"])
def test_a_torn_line_of_a_killed_worker_stands_alone(path: Path, torn: bytes) -> None:
    with EventLog(path) as log:
        log.note("before")
    with path.open("ab") as file:
        file.write(torn)
    with EventLog(path) as log:
        log.note("after")
    first, second, third = path.read_bytes().splitlines()
    assert json.loads(first)["seq"] == 1
    assert second == torn
    assert json.loads(third)["seq"] == 2


def test_many_threads_do_not_mix_their_lines(path: Path) -> None:
    def write() -> None:
        for _ in range(50):
            log.note("x" * 200)

    with EventLog(path) as log:
        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [event["seq"] for event in events(path)] == list(range(1, 201))


def test_a_full_disk_is_one_line_and_the_next_event_stands_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel takes what fits, and says so only when asked to write the rest."""
    write, left = os.write, [20]

    def nearly_full(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(descriptor, data[: left[0]])
        left[0] -= taken
        return taken

    with EventLog(path) as log:
        monkeypatch.setattr(os, "write", nearly_full)
        with pytest.raises(WorkbenchError, match="the disk is full; free some space"):
            log.note("lost")
        monkeypatch.undo()
        log.note("there is room again")
    lines = path.read_bytes().splitlines()
    assert len(lines[0]) == 20
    assert json.loads(lines[1])["text"] == "there is room again"


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="no such folder"):
        EventLog(tmp_path / "gone" / "events.jsonl")
