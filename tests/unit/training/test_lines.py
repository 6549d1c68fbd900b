"""A growing file is read once, line by line, whatever its writer does."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.training.lines import LineReader, append

MIB = 1 << 20


class Reading:
    """A reader, and what a restart does to its owner."""

    def __init__(self, path: Path) -> None:
        self.reader, self.restarts = LineReader(path), 0

    def __call__(self) -> list[bytes]:
        return list(self.reader.lines(self._restart))

    def _restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
def read(path: Path) -> Reading:
    return Reading(path)


def add(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_each_line_comes_once(path: Path, read: Reading) -> None:
    assert read() == []
    add(path, b"one\ntwo\n")
    assert read() == [b"one", b"two"]
    assert read() == []
    add(path, b"three\n")
    assert read() == [b"three"]
    assert read.restarts == 0


def test_a_half_line_waits_for_its_end(path: Path, read: Reading) -> None:
    add(path, b"one\ntw")
    assert read() == [b"one"]
    add(path, b"o")
    assert read() == []
    add(path, b"\n\nfour\n")
    assert read() == [b"two", b"", b"four"]


@pytest.mark.parametrize("length", [MIB - 1, MIB])
def test_a_line_of_a_mebibyte_is_read(path: Path, read: Reading, length: int) -> None:
    add(path, b"x" * length + b"\nnext\n")
    assert [len(line) for line in read()] == [length, 4]
    assert read.reader.skipped == 0


@pytest.mark.parametrize("length", [MIB + 1, 2 * MIB, 5 * MIB + 7])
def test_a_longer_one_is_skipped_to_its_end_and_counted_once(path: Path, read: Reading, length: int) -> None:
    add(path, b"before\n" + b"x" * length)
    assert read() == [b"before"]
    add(path, b"y" * MIB)
    assert read() == []
    add(path, b"z\nafter\n")
    assert read() == [b"after"]
    assert read.reader.skipped == 1


def truncated(path: Path) -> None:
    path.write_bytes(b"new\n")


def truncated_and_longer_again(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate()
        file.write(b"new\n" + b"more\n" * 50)


def another_file(path: Path) -> None:
    beside = path.with_name("beside")
    beside.write_bytes(b"new\n" + b"more\n" * 50)
    beside.replace(path)


@pytest.mark.parametrize("replace", [truncated, truncated_and_longer_again, another_file])
def test_a_file_that_is_another_is_read_from_its_start(
    path: Path, read: Reading, replace: Callable[[Path], None]
) -> None:
    add(path, b"old line, longer than the new one\n" * 4 + b"half")
    read()
    replace(path)
    found = read()
    assert found[0] == b"new", "nothing of the old half line sticks to it"
    assert read.restarts == 1


def test_a_file_that_is_gone_and_comes_back_is_another(path: Path, read: Reading) -> None:
    add(path, b"old\n")
    read()
    path.unlink()
    assert read() == []
    assert read.restarts == 0, "what was read is still all that is known"
    path.write_bytes(b"new\n")
    assert read() == [b"new"]
    assert read.restarts == 1


def test_what_was_skipped_of_another_file_is_forgotten(path: Path, read: Reading) -> None:
    add(path, b"x" * (MIB + 1) + b"\n")
    assert read() == []
    truncated(path)
    assert read() == [b"new"]
    assert read.reader.skipped == 0


def test_a_folder_in_its_place_is_nothing(path: Path, read: Reading) -> None:
    path.mkdir()
    assert read() == []


def test_a_line_is_written_whole_even_if_the_kernel_takes_it_in_pieces(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    append(descriptor, b"a whole line\n")
    os.close(descriptor)
    assert path.read_bytes() == b"a whole line\n"


def test_what_is_no_file_holds_nobody(path: Path, read: Reading) -> None:
    os.mkfifo(path)
    assert read() == []
    path.unlink()
    path.mkdir()
    assert read() == []
