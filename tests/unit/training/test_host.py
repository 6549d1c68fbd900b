"""What a run takes from the machine."""

import fcntl
import os
import platform
from pathlib import Path

import pytest

from workbench.training.host import as_json, host, program, slugged, usable_cores, versions
from workbench.training.lock import is_locked


def test_versions_name_what_decides_a_result() -> None:
    found = versions()
    assert found["python"] == platform.python_version()
    assert {"numpy", "tensorflow", "keras", "opencv-python", "imgaug"} <= set(found)


def test_cores_are_those_that_this_process_may_use() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert usable_cores() == host()["cores"] == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Fast", "fast"),
        ("my preset/../x", "my-preset-x"),
        ("ünï", "n"),
        ("\x1b[31m", "31m"),
        ("…", "run"),
        ("", "run"),
        ("a" * 99, "a" * 40),
    ],
)
def test_words_become_a_part_of_a_folders_name(words: str, expected: str) -> None:
    assert slugged(words) == expected


def test_json_keeps_what_people_wrote(tmp_path: Path) -> None:
    assert "größer" in as_json({"name": "größer", "path": tmp_path})


def test_a_lock_is_seen_while_it_is_held(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_locked(lock)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    assert not is_locked(lock), "a file alone is no lock"
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert is_locked(lock)
    assert is_locked(lock), "looking does not take it"
    os.close(descriptor)
    assert not is_locked(lock)


def test_a_monitor_that_looks_is_not_taken_for_a_worker(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    assert not is_locked(lock)
    os.close(descriptor)


def test_a_file_system_without_locks_has_no_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    (tmp_path / "lock").touch()
    monkeypatch.setattr(fcntl, "flock", refuse)
    assert not is_locked(tmp_path / "lock")


def test_the_programs_own_source_is_named_by_its_commit() -> None:
    found = program()
    assert found.keys() == {"commit", "dirty"}
    if found["commit"] is None:
        assert found["dirty"] is None
        pytest.skip("not in a repository: this is an installed copy")
    assert len(found["commit"]) == 40
    assert isinstance(found["dirty"], bool)


def test_without_git_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program.cache_clear()
    try:
        assert program() == {"commit": None, "dirty": None}
    finally:
        program.cache_clear()
