"""The program as other programs meet it: closed pipes, full disks, ctrl+c, tracebacks, one JSON document."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench, write_pictures
from tests.unit.evaluation.conftest import evaluation
from tests.unit.training.conftest import batch, epoch, maker, phase, write
from workbench.errors import Cancelled, WorkbenchError
from workbench.evaluation.report import write_evaluation

_UNBUFFERED = "PYTHONUNBUFFERED"


def started(*arguments: object, unbuffered: bool = False, **options: Any) -> "subprocess.Popen[str]":
    """The program in a process of its own."""
    variables = {name: value for name, value in os.environ.items() if name != _UNBUFFERED}
    if unbuffered:
        variables[_UNBUFFERED] = "1"
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env=variables,
        **options,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Exit code and stderr."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_reader_that_has_seen_enough_is_no_error(unbuffered: bool) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # as `head` does when it ends
    process = started("--version", stdout=writing, unbuffered=unbuffered)
    os.close(writing)
    assert ended(process) == (0, "")


@pytest.mark.parametrize("unbuffered", [False, True])
def test_a_full_disk_under_a_report_is_one_line(unbuffered: bool) -> None:
    with Path("/dev/full").open("w") as full:
        process = started("--version", stdout=full, unbuffered=unbuffered)
    said = "workbench: standard output: the disk is full; free some space and try again\n"
    assert ended(process) == (2, said)


def test_a_mistake_is_told_even_if_nobody_reads_the_report(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = started("stats", tmp_path / "nowhere", stdout=writing)
    os.close(writing)
    code, said = ended(process)
    assert code == 2
    assert "no such folder" in said


def test_ctrl_c_ends_with_130_and_what_was_drawn_is_kept(tmp_path: Path) -> None:
    process = started(
        "sample",
        tmp_path / "set",
        "--count",
        3_000,
        "--seed",
        1,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    ready, _, _ = select.select([process.stderr], [], [], 60)
    assert ready, "a line of progress within a minute"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to all of its processes
    code, said = ended(process)
    assert code == 130
    assert said.splitlines()[-1] == "workbench: interrupted; what was finished is kept"
    assert "Traceback" not in said
    assert len(list((tmp_path / "set").glob("*.jpg"))) > 10


def test_without_debug_a_bug_is_one_line_and_with_it_a_traceback(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a\x1b[2J\nb")

    monkeypatch.setattr("workbench.bench.Bench.open", broken)
    done = workbench("runs", tmp_path)
    assert (done.code, done.out) == (1, "")
    assert done.err == "workbench: ZeroDivisionError: a\\e[2J\\nb; a bug: please report it with --debug\n"
    with pytest.raises(ZeroDivisionError):
        workbench("runs", tmp_path, "--debug")
    with pytest.raises(ZeroDivisionError):
        workbench("--debug", "runs", tmp_path)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "workbench: interrupted; what was finished is kept\n"),
        (Cancelled("interrupted"), 130, "workbench: interrupted; what was finished is kept\n"),
        (Cancelled("stopped", cure="go on with: x"), 130, "workbench: stopped; go on with: x\n"),
        (WorkbenchError("it broke", where="here"), 1, "workbench: here: it broke\n"),
        (OSError(28, "No space"), 2, "workbench: standard output: the disk is full; free some space and"),
        (OSError(28, "No space", "x.csv"), 2, "workbench: x.csv: the disk is full"),
        (OSError(5, "Input/output error"), 1, "workbench: OSError: [Errno 5] Input/output error; a bug"),
        (BrokenPipeError(32, "Broken pipe"), 0, ""),
    ],
)
def test_how_a_command_ended_decides_the_exit_code(
    workbench: Workbench,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    error: BaseException,
    code: int,
    said: str,
) -> None:
    def fail(*_: object) -> None:
        raise error

    dropped: list[bool] = []
    monkeypatch.setattr("workbench.bench.Bench.open", fail)
    monkeypatch.setattr("workbench.cli._drop_output", lambda: dropped.append(True))
    done = workbench("runs", tmp_path)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said)
    assert len(done.err.splitlines()) == (1 if said else 0)
    assert bool(dropped) == (code in (0, 2)), "only where stdout cannot be written any more"


def test_every_report_on_a_bench_is_one_json_document(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(3).root
    labels = tmp_path / "labels.csv"
    labels.write_text("file_name,freckles\n0000.jpg,1\n0001.jpg,7\n")
    lines = [
        ("init", tmp_path / "other", "--images", tmp_path / "bench-images"),
        ("sample", tmp_path / "set", "--count", 2, "--seed", 1),
        ("import", bench, labels),
        ("import", bench, labels, "--apply"),
        ("export", bench, tmp_path / "out.csv"),
        ("stats", bench),
        ("preview", bench, "--kind", "blur", "-o", tmp_path / "s.png", "--set", "dataset.blur_sigma=1"),
        ("runs", bench),
    ]
    for line in lines:
        done = workbench(*line, "--json")
        assert done.out, (line, done.err)
        assert json.loads(done.out) is not None, line
        assert done.out.isascii()


def test_every_report_on_a_run_is_one_json_document(workbench: Workbench, tmp_path: Path) -> None:
    run = maker(tmp_path)()
    run.log.touch()
    write(run, phase("training"), batch(1, 4), epoch(1, 0.9))
    write(run, {"type": "finished", "text": "all epochs done", "epoch": 1, "best_epoch": 1})
    write_evaluation(run, evaluation())
    bench = tmp_path / "bench"
    found = {}
    for command in ("runs", "monitor", "evaluate"):
        done = workbench(command, bench, "--json")
        found[command] = json.loads(done.out)
        assert (done.code, done.err) == (0, "")
    assert [one["name"] for one in found["runs"]] == [run.name]
    assert found["monitor"]["run"] == run.name
    assert list(found["evaluate"]["splits"]) == ["train", "validation", "test"]


@pytest.mark.parametrize("command", ["stop", "resume", "evaluate", "monitor", "runs", "stats", "train"])
def test_a_refusal_with_json_leaves_stdout_empty(workbench: Workbench, tmp_path: Path, command: str) -> None:
    done = workbench(command, tmp_path / "nowhere", "--json")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1


def test_a_finished_run_is_not_started_again(workbench: Workbench, tmp_path: Path) -> None:
    run = maker(tmp_path)()
    run.log.write_text("what it said\n")
    write(run, {"type": "finished", "text": "all epochs done", "epoch": 1, "best_epoch": 1})
    done = workbench("resume", tmp_path / "bench")
    assert (done.code, done.out) == (2, "")
    more = f"workbench extend {tmp_path / 'bench'} {run.name} --epochs N"
    assert done.err == f"workbench: {run.name}: has finished; start a new run, or add epochs: {more}\n"
    assert run.log.read_text() == "what it said\n"


def test_wide_names_of_classes_keep_the_columns_of_stats(workbench: Workbench, tmp_path: Path) -> None:
    write_pictures(tmp_path / "faces", 2)
    schema = tmp_path / "mine.toml"
    schema.write_text('name = "m"\n[[heads]]\nname = "髪"\nclasses = ["黒い髪", "red"]\n', encoding="utf-8")
    assert workbench("init", tmp_path / "b", "--images", tmp_path / "faces", "--config", schema).code == 0
    lines = workbench("stats", tmp_path / "b").out.splitlines()
    assert "  黒い髪               0  –" in lines
    assert "  red                  0  –" in lines, "as wide as '  not labelled'"


def test_no_name_means_open_and_a_wrong_one_is_taken_for_a_bench(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a terminal neither can be opened, so that both are refused in one line."""
    monkeypatch.setenv("TERM", "dumb")
    for arguments in ([], [str(tmp_path)], ["open", str(tmp_path)], ["statz"]):
        done = workbench(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "terminal" in done.err
        assert len(done.err.splitlines()) == 1
