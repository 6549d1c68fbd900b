"""`train --profile`: the table and the advice, a small program in the place of the network."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench
from tests.engine.test_start import answer
from workbench.bench import Bench
from workbench.training import launcher
from workbench.training.run import find_run

PROGRAM = """
import os, sys
from pathlib import Path
from workbench.training.events import EventLog
from workbench.training.run import RunFolder

with EventLog(RunFolder(Path(sys.argv[1])).events) as log:
    if "--profile" in sys.argv and os.environ["STANDIN"] == "tells":
        log.emit("profile", whole=200.0, seconds={"waiting": 10.0, "step": 100.0, "reading": 20.0},
                 times={"step": 20}, pictures=1000, settled=500, batch=25,
                 of_a_step={"forward": 1.0, "backward": 3.0}, advice="do this\\x1b[2J")
    log.emit("finished", text="all epochs done", epoch=2, best_epoch=2, seconds=1.0)
"""
TABLE = """\
part                               seconds   share  ms a picture
waiting for a batch                  10.00    5.0%         10.00
steps                               100.00   50.0%        200.00
  forward                            20.00   10.0%         40.00
  backward                           60.00   30.0%        120.00
  slower than one alone              20.00   10.0%         40.00
the rest                             90.00   45.0%
all                                 200.00  100.0%
  beside it: reading or decoding     20.00   10.0%         20.00
advice: do this\\e[2J
"""


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Forty labelled pictures, and the stand-in for the worker."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "standin.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'programs'}:{Path(__file__).parents[2]}")
    monkeypatch.setenv("STANDIN", "tells")
    monkeypatch.setattr(launcher, "WORKER", "standin")
    made = make_bench(40)
    answer(made)
    return made


def test_the_table_and_one_line_of_advice_stand_before_the_next_step(
    workbench: Workbench, bench: Bench
) -> None:
    done = workbench("train", bench.root, "--profile")
    assert done.code == 0, done.err
    run = find_run(bench.runs_dir)
    assert done.out == f"{TABLE}run {run.name} finished; next: workbench evaluate {bench.root} {run.name}\n"


def test_as_json_it_is_a_part_of_the_one_document(workbench: Workbench, bench: Bench) -> None:
    found = json.loads(workbench("train", bench.root, "--profile", "--json").out)["profile"]
    assert found["seconds"] == {"waiting": 10.0, "step": 100.0, "reading": 20.0}
    assert (found["of_a_step"], found["batch"]) == ({"forward": 1.0, "backward": 3.0}, 25)
    assert found["advice"] == "do this\x1b[2J"
    assert json.loads(workbench("train", bench.root, "--json").out)["profile"] is None, "nobody asked"


def test_detached_it_is_said_where_to_find_it(workbench: Workbench, bench: Bench) -> None:
    done = workbench("train", bench.root, "--profile", "--detach")
    run = find_run(bench.runs_dir)
    command = f"workbench monitor {bench.root} {run.name} --json"
    assert f"where its time went: {command}, once it has ended" in done.err.splitlines()
    assert workbench("monitor", bench.root, "--plain").code == 0
    seen = json.loads(workbench("monitor", bench.root, run.name, "--json").out)
    assert seen["profile"]["pictures"] == 1000


def test_a_worker_that_told_nothing_leaves_no_table(
    workbench: Workbench, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "says nothing")
    done = workbench("train", bench.root, "--profile")
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    assert "no profile: the worker ended before it told where its time went" in done.err
