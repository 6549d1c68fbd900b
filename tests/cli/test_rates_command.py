"""`find-rate` from the first line to the last, a small program in the place of the network."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench
from tests.engine.test_start import answer
from workbench.bench import Bench
from workbench.training import rate_finder
from workbench.training.rate_finder import RateFinder

PROGRAM = """
import json, os, signal, sys, time
from pathlib import Path

how, request = os.environ["STANDIN"], json.loads((Path(sys.argv[1]) / "request.json").read_text())
Path(os.environ["STANDIN_ID"]).write_text(str(os.getpid()))

def tell(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)

print("words of a library")
print("more of them", file=sys.stderr)
if how == "refuses":
    tell("error", what="not one picture can be read", where="bench", cure="put them back", code=2)
    sys.exit(2)
tell("pictures", done=40, total=40)
tell("ready")
for step in range(request["steps"]):
    rate = request["lowest"] * (request["highest"] / request["lowest"]) ** (step / (request["steps"] - 1))
    loss = 2.0 if how == "flat" else 1.0 + 2.0 / (1.0 + rate / 1e-3) + 100.0 * max(0.0, rate - 0.3)
    tell("step", loss=loss if rate < 3 else float("nan"))
    if rate > 3 and how != "flat":
        break
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "fails":
        raise RuntimeError("no such \\x1b[2Jthing")
    while how == "waits":
        time.sleep(0.01)
"""


@pytest.fixture
def bench(make_bench: MakeBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Forty labelled pictures, and the stand-in for the test's process."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "standin_rate.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'programs'}:{Path(__file__).parents[2]}")
    monkeypatch.setenv("STANDIN", "ends")
    monkeypatch.setenv("STANDIN_ID", str(tmp_path / "id"))
    monkeypatch.setattr(rate_finder, "WORKER", "standin_rate")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "programs"))
    made = make_bench(40)
    answer(made)
    return made


def nothing_is_left(bench: Bench, tmp_path: Path) -> bool:
    """No run, no process, no folder of the test."""
    number = int((tmp_path / "id").read_text())
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return not bench.runs_dir.exists() and not list((tmp_path / "programs").glob("workbench-rate-*"))
    return False


def test_the_curve_is_drawn_and_the_suggestion_is_ready_to_be_typed(
    workbench: Workbench, bench: Bench, tmp_path: Path
) -> None:
    done = workbench("find-rate", bench.root)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("loss over the learning rate")
    setting = lines[-1].removeprefix("--set training.learning_rate=")
    assert float(setting) == pytest.approx(1e-3, rel=0.4)
    assert any(line.startswith(f"suggested: {setting}, where the smoothed loss falls") for line in lines)
    assert any(line.startswith("the loss blew up at ") for line in lines)
    assert "words of a library" not in done.out + done.err
    assert nothing_is_left(bench, tmp_path)


def test_as_json_it_is_one_document(workbench: Workbench, bench: Bench) -> None:
    found = json.loads(workbench("find-rate", bench.root, "--json", "--steps", 50).out)
    assert found["set"].startswith("training.learning_rate=0.00")
    assert (found["optimizer"], found["blown_up"]) == ("adamw", True)
    assert len(found["rates"]) == len(found["losses"]) <= 50


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("flat", 1, "find-rate: no rate from 1e-06 to 10 made the loss fall; try more --steps"),
        ("refuses", 2, "bench: not one picture can be read; put them back"),
        ("killed", 1, "killed by signal 9, which for 9 mostly means: out of memory; try a smaller"),
        ("fails", 1, "the test failed: RuntimeError: no such \\e[2Jthing"),
    ],
)
def test_what_goes_wrong_is_one_line(
    workbench: Workbench,
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("STANDIN", how)
    done = workbench("find-rate", bench.root)
    assert done.code == code
    assert said in done.err.splitlines()[-1]
    assert "Traceback" not in done.err
    assert nothing_is_left(bench, tmp_path)


def test_ctrl_c_ends_it_and_its_process(
    workbench: Workbench, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "waits")
    real = RateFinder.read_pictures

    def pressed(self: RateFinder, progress: rate_finder.Progress) -> None:
        real(self, progress)
        raise KeyboardInterrupt

    monkeypatch.setattr(RateFinder, "read_pictures", pressed)
    assert workbench("find-rate", bench.root).code == 130
    assert nothing_is_left(bench, tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "1", "--to", "0.1"], "expected rates above 0, the first below the last; received 1 and"),
        (["--from", "nan"], "expected rates above 0"),
        (["--steps", "1"], "--steps"),
        (["--set", "training.plateau.metric=f1"], "no metric is named 'f1'; valid: val_loss"),
        (["--config", "fats"], "did you mean 'fast'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_started(
    workbench: Workbench, bench: Bench, tmp_path: Path, options: list[str], said: str
) -> None:
    done = workbench("find-rate", bench.root, *options)
    assert (done.code, done.out) == (2, "")
    [line] = done.err.splitlines()
    assert said in line
    assert not (tmp_path / "id").exists()
