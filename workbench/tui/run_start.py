"""What the Train screen asks of the rooms below; every function here may wait, so it is for a thread."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import Cancelled, WorkbenchError
from workbench.files import file_error
from workbench.training.lines import last_bytes
from workbench.training.run import RunFolder, run_folders

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.settings import Settings

_LOG_BYTES = 64 * 1024


def run_to_show(bench: "Bench", wanted: str = "") -> tuple[list[RunFolder], RunFolder | None]:
    """See `run_among`."""
    return run_among(bench.runs_dir, wanted)


def run_among(runs_dir: Path, wanted: str = "") -> tuple[list[RunFolder], RunFolder | None]:
    """Every run, the newest first; and the one to show: `wanted`, else one that trains, else the newest."""
    runs = run_folders(runs_dir)
    named = next((run for run in runs if wanted and run.name == wanted), None)
    return runs, named or next((run for run in runs if run.alive()), runs[0] if runs else None)


def runs_at_work(bench: "Bench") -> list[str]:
    """Names of the runs that train now, the newest first."""
    return [run.name for run in run_folders(bench.runs_dir) if run.alive()]


def start_run(
    bench: "Bench",
    settings: "Settings",
    preset: str,
    progress: Callable[[int, int], None],
    leaving: Callable[[], bool],
) -> RunFolder:
    """Make a run and start its worker.

    Args:
        bench: The bench.
        settings: Complete settings.
        preset: The preset's name; "" for none.
        progress: Called with (done, total) pictures looked at.
        leaving: Whether the workbench is being left, so that nothing may be started any more.

    Raises:
        Cancelled: The workbench was left before the run was ready.
        WorkbenchError: Something hinders the training; says what and what would help.
    """
    from workbench.training.launcher import launch
    from workbench.training.start import prepare_run

    def step(done: int, total: int) -> None:
        if leaving():
            raise Cancelled("the workbench was left before the run began")
        progress(done, total)

    run = prepare_run(bench, settings, preset=preset, progress=step)
    launch(run)
    return run


def go_on(run: RunFolder) -> None:
    """Start a worker that goes on from the last checkpoint.

    Raises:
        WorkbenchError: It cannot be started; says why.
    """
    from workbench.training.launcher import launch

    launch(run)


def add_epochs(run: RunFolder, epochs: int, rate: float | None = None) -> None:
    """Add epochs to a run; see `extend`.

    Raises:
        WorkbenchError: They cannot be added; says why.
    """
    from workbench.training.extend import extend

    extend(run, epochs, rate)


def read_log(run: RunFolder) -> bytes:
    """The end of what the worker printed.

    Raises:
        WorkbenchError: There is no log yet, or it cannot be read.
    """
    try:
        return last_bytes(run.log, _LOG_BYTES)[1]
    except FileNotFoundError as error:
        raise WorkbenchError("there is no log: no worker was started", where=run.name) from error
    except OSError as error:
        raise file_error(error, run.log) from error
