"""The disk fills up while somebody labels: what was called saved is there once, and it goes on with room."""

from pathlib import Path

import pytest

from tests.benchmarks.kills import measure_full_disk, measure_kills


def test_a_full_disk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    found = measure_full_disk(tmp_path)
    if found["lost_on_full_disk"] is None:
        pytest.skip("a small disk can only be mounted by root")
    assert found["answers_until_full"] > 100
    assert "the disk is full, nothing was saved; free some space, then try again" in found["said_when_full"]
    assert found["answers_after_room_was_made"] == 100
    assert (found["lost_on_full_disk"], found["doubled_on_full_disk"]) == (0, 0)


def test_the_count_of_kills_counts(tmp_path: Path) -> None:
    found = measure_kills(tmp_path, answers=60, kills=3)
    assert found["answers"] >= 60
    assert (found["lost_after_kills"], found["doubled_after_kills"]) == (0, 0)
