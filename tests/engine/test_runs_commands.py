"""Commands about runs that need a network or processes of their own."""

import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import MakeBench, write_pictures
from tests.engine.conftest import MakeRun
from workbench.training.lock import is_locked
from workbench.training.run import RunFolder, RunState, run_folders

REPOSITORY = Path(__file__).resolve().parents[2]


def workbench(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`workbench ARGUMENTS…`, away from any terminal."""
    return subprocess.run(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )


def test_an_evaluation_is_one_document_and_nothing_else(make_run: MakeRun) -> None:
    """Native libraries greet on stderr while they are loaded; a person would take that for an error."""
    run = make_run()
    bench = run.root.parent.parent
    done = workbench("evaluate", bench, run.name, "--json")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["splits"]) == {"train", "validation", "test"}
    assert [line for line in done.stderr.splitlines() if not line.startswith("pictures ")] == []


def test_predictions_name_what_was_set_aside(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(12)
    bench = run.root.parent.parent
    new = tmp_path / "new"
    write_pictures(new, 3, start=100)
    (new / "new\nline.jpg").write_bytes((new / "0100.jpg").read_bytes())
    (new / "\x1b[31mbroken.png").write_bytes(b"no picture")
    out = tmp_path / "out.csv"
    done = workbench("predict", bench, "1", new, "-o", out, "--overlay", tmp_path / "drawn")
    assert done.returncode == 0, done.stderr
    [aside] = [line for line in done.stderr.splitlines() if not line.startswith("pictures ")]
    assert aside.startswith("set aside: ")
    assert "\\e[31mbroken.png: no picture" in aside
    with out.open(newline="") as file:
        rows = {Path(row["file_name"]).name: row for row in csv.DictReader(file)}
    assert len(rows) == 5
    assert rows["new\nline.jpg"]["hair_colour"] == rows["0100.jpg"]["hair_colour"] != ""
    assert len(list((tmp_path / "drawn").iterdir())) == 4


MAKER = """
import sys
from pathlib import Path
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.training.run import RunFolder

bench = Bench.open(Path(sys.argv[1]))
table = Table((), (), (), {})
print("ready", flush=True)
sys.stdin.read()
for _ in range(20):
    RunFolder.create(bench, load_settings("fast"), table, "fast")
"""


def test_processes_that_make_runs_at_once_get_different_numbers(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    command = [sys.executable, "-c", MAKER, str(bench.root)]
    makers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY, text=True)
        for _ in range(3)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "ready\n"
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.close()
    for maker in makers:
        with maker:
            assert maker.wait(60) == 0
    assert sorted(int(run.name[:4]) for run in run_folders(bench.runs_dir)) == list(range(1, 61))


HOLDER = "import fcntl, sys; file = open(sys.argv[1], 'w'); fcntl.flock(file, 2); print(flush=True); input()"


def test_a_killed_worker_has_died_at_once(make_run: MakeRun) -> None:
    run: RunFolder = make_run(6, network=False)
    run.log.touch()
    command = [sys.executable, "-c", HOLDER, str(run.lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert is_locked(run.lock)
        assert run.state() is RunState.STARTING
        worker.kill()
        assert worker.wait(10) == -signal.SIGKILL
    assert run.state() is RunState.DIED
