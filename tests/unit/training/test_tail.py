"""The end of a log is enough for a line in the list of runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.training.tail import number, parse_line, read_tail, whole

EPOCH = {
    "type": "epoch",
    "wall": 50.0,
    "epoch": 3,
    "epochs": 9,
    "metric": "val_loss",
    "best_value": 0.5,
    "best_epoch": 2,
}


BATCH = {"type": "batch", "epoch": 4, "batch": 1, "batches": 5000, "heads": {"a": {"loss": 1.0}}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def write(path: Path, *events: dict[str, Any], batches: int = 0) -> None:
    lines = [json.dumps({"wall": 60.0, **event}) + "\n" for event in (*events, BATCH)]
    path.write_text("".join(lines[:-1]) + batches * lines[-1])


def test_no_log_is_an_empty_one(path: Path) -> None:
    assert read_tail(path).phase == ""


def test_what_a_list_shows(path: Path) -> None:
    write(path, {"type": "phase", "name": "training"}, EPOCH, {"type": "phase", "name": "saving"})
    found = read_tail(path)
    assert (found.phase, found.epoch, found.epochs, found.wall) == ("saving", 3, 9, 60.0)
    assert (found.metric, found.best, found.best_epoch) == ("val_loss", 0.5, 2)


@pytest.mark.parametrize("kind", ["finished", "stopped", "failed"])
def test_the_end_is_the_last_phase(path: Path, kind: str) -> None:
    write(path, EPOCH, {"type": kind, "cause": "no memory", "epoch": 4})
    found = read_tail(path)
    assert (found.phase, found.epoch) == (kind, 4)
    assert found.failure == ("no memory" if kind == "failed" else "")


def test_a_worker_that_goes_on_takes_back_the_failure_and_the_epochs_to_do_again(path: Path) -> None:
    write(
        path,
        EPOCH,
        {"type": "failed", "cause": "no memory"},
        {"type": "phase", "name": "starting"},
        {"type": "started", "epochs": 12, "resumed_epoch": 2},
    )
    found = read_tail(path)
    assert (found.phase, found.failure, found.epoch, found.epochs) == ("starting", "", 2, 12)


@pytest.mark.parametrize("batches", [2000, 6000])
def test_an_epoch_that_ended_far_up_is_still_found(path: Path, batches: int) -> None:
    write(path, {"type": "phase", "name": "training"}, EPOCH, batches=batches)
    assert path.stat().st_size > 3 * 64 * 1024
    found = read_tail(path)
    assert (found.phase, found.best, found.epochs) == ("training", 0.5, 9)


def test_of_an_endless_first_epoch_the_end_is_read(path: Path) -> None:
    write(path, {"type": "phase", "name": "training"}, EPOCH, batches=15_000)
    found = read_tail(path)
    assert (found.phase, found.epoch, found.best) == ("training", 3, None)


def test_torn_and_foreign_lines_are_passed_over(path: Path) -> None:
    write(path, EPOCH)
    with path.open("ab") as file:
        file.write(b'not json\n[1]\n{"type": 3}\n\xff\xff\n{"wall": "NaN", "type": "phase"}\n{"type":"fini')
    found = read_tail(path)
    assert (found.epoch, found.phase, found.wall) == (3, "", 50.0)


def test_a_best_value_that_is_none_keeps_the_one_before(path: Path) -> None:
    write(path, EPOCH, {**EPOCH, "epoch": 4, "best_value": None})
    assert (read_tail(path).epoch, read_tail(path).best) == (4, 0.5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1), ("2.5", 2), (3.9, 3), (None, -1), (True, -1), ([], -1), ("nan", -1), (1e300, -1), (10**400, -1)],
)
def test_whole_numbers(value: object, expected: int) -> None:
    assert whole(value, -1) == expected


@pytest.mark.parametrize("value", [None, True, {}, "twelve", 10**400])
def test_what_is_no_number_is_nan(value: object) -> None:
    assert number(value) != number(value)


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"1", b'{"type": null}', b'{"a": 1}', b"\xff", b"[" * 100_000, b"1" * 10_000]
)
def test_what_is_no_event(line: bytes) -> None:
    assert parse_line(line) is None


def test_a_best_epoch_that_is_done_again_is_not_the_best_any_more(path: Path) -> None:
    started = {"type": "started", "epochs": 9, "resumed_epoch": 1, "best_epoch": 1, "best_value": 0.75}
    write(path, EPOCH, started)
    assert (read_tail(path).epoch, read_tail(path).best, read_tail(path).best_epoch) == (1, 0.75, 1)
    write(path, EPOCH, {**started, "resumed_epoch": 0, "best_epoch": 0, "best_value": None})
    assert (read_tail(path).best, read_tail(path).best_epoch) == (None, 0)
