"""`workbench export-model`: what is refused at once, in one line, and that an interruption leaves nothing."""

from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.unit.training.conftest import MakeRun, maker, phase, worker_on, write
from workbench.exports import formats


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folders of runs, without workers, on the bench `tmp_path/bench`."""
    return maker(tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "onx"], "--format: no format is named 'onx'"),
        (["--format", ","], "valid: keras, savedmodel, onnx, tflite, int8"),
        (["--pictures", "-1"], "'--pictures'"),
        (["-o", "bench"], "bench: is not empty, and nothing is overwritten; name a new folder"),
        (["-o", "lost/out"], "lost: no such folder; create it first"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(
    workbench: Workbench,
    make_run: MakeRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
) -> None:
    make_run()
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = workbench("export-model", "bench", "1", "-o", "out", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_run_that_is_at_work_or_has_no_network_is_refused(
    workbench: Workbench, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run()
    run.log.touch()
    write(run, phase("training"))
    with worker_on(run):
        busy = workbench("export-model", tmp_path / "bench", "1", "-o", tmp_path / "out")
    assert (busy.code, busy.out) == (2, "")
    assert busy.err == f"workbench: {run.name}: the run is running; wait for its end, or stop it\n"
    dead = workbench("export-model", tmp_path / "bench", "1", "-o", tmp_path / "out", "--json")
    assert (dead.code, dead.out) == (2, "")
    assert "no network: the run died before its first checkpoint" in dead.err
    assert not (tmp_path / "out").exists()


def test_a_missing_extra_says_what_installs_it(
    workbench: Workbench, make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run()
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    done = workbench("export-model", tmp_path / "bench", "1", "-o", tmp_path / "out")
    assert done.code == 2
    assert "ONNX needs onnx and onnxruntime and tf2onnx; pip install onnx onnxruntime tf2onnx" in done.err
