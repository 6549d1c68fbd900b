"""The command `monitor`: watch a run, live or ended, from any terminal."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from workbench.cli.output import hint, print_json
from workbench.errors import BenchError, Cancelled, InputError

if TYPE_CHECKING:
    from workbench.monitoring.source import Source

FAILED = 1
"""Exit code of `--plain` for a run that failed or died."""


def monitor(
    place: Path | None = typer.Argument(
        None, metavar="BENCH", help="The bench's folder, or a run's own folder; neither with --csv."
    ),
    runs: list[str] = typer.Argument(
        None,
        metavar="RUN",
        help="The run's name or number; where not given, the newest that trains, else the newest. Several are"
        " compared side by side.",
    ),
    csv: Path | None = typer.Option(
        None, "--csv", help="Watch the history.csv or Keras CSVLogger file of any training instead."
    ),
    plain: bool = typer.Option(
        False, "--plain", help="Lines instead of a screen; the default without a terminal."
    ),
    as_json: bool = typer.Option(
        False, "--json", help="Print the state of the run now as one JSON document."
    ),
) -> int:
    """Watch a run, live or ended, from any terminal; closing the monitor does not touch the run.

    --plain ends with exit code 0 for a run that finished, was stopped or is paused, 1 for one that failed or
    died, 130 for ctrl+c, which ends the watching and not the run.
    """
    if (place is None) == (csv is None):
        raise InputError("a bench, a run's folder or --csv FILE is needed", cure="give one of them")
    source, runs_dir = _named(csv), None
    names = runs or []
    if len(names) > 1:
        return _compare(place, names, screen=not (plain or as_json) and _on_terminal())
    if place is not None:
        runs_dir, source = located(place, "".join(names))
    if as_json:
        return _print_state(source or _newest(runs_dir))
    if plain or not _on_terminal():
        return _follow(source or _newest(runs_dir))
    from workbench.tui.monitor_app import run_monitor

    name = source.name if source is not None and runs_dir is not None else ""
    return run_monitor(runs_dir, name, None if runs_dir is not None else source)


def _on_terminal() -> bool:
    """Whether there is one to draw on."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _compare(place: Path | None, names: list[str], *, screen: bool) -> int:
    """Several runs side by side.

    Raises:
        InputError: There is no screen, or there are too many.
        RunRefused: There is no such run; names those that there are.
    """
    from workbench.monitoring.compare import MOST_RUNS
    from workbench.training.run import find_run
    from workbench.tui.monitor_app import run_monitor

    if not screen:
        raise InputError("several runs take a screen", cure="print: workbench compare BENCH RUN RUN")
    runs_dir, _ = located(place) if place is not None else (None, None)
    if runs_dir is None:
        raise InputError("to compare runs takes their bench", cure="workbench monitor BENCH RUN RUN")
    folders = list(dict.fromkeys(find_run(runs_dir, name) for name in names))
    if not 2 <= len(folders) <= MOST_RUNS:
        raise InputError(f"{len(folders)} runs to compare", cure=f"two to {MOST_RUNS} can be compared")
    return run_monitor(runs_dir, compared=folders)


def located(place: Path, run: str = "") -> "tuple[Path | None, Source | None]":
    """The runs of a bench, and the run that was named; without a name, the one whose folder it is.

    Raises:
        BenchError: It is neither a bench nor a run's folder.
        RunRefused: There is no such run; names those that there are.
    """
    place = place.absolute()
    if _is_file(place / "bench.toml"):
        return place / "runs", _run_source(place / "runs", run) if run else None
    if _is_file(place / "run.json") or _is_file(place / "events.jsonl"):
        if run:
            raise InputError("this is a run's own folder", where=place, cure="leave the run's name out")
        if place.parent.name == "runs" and _is_file(place.parent.parent / "bench.toml"):
            return place.parent, _run_source(place.parent, place.name)
        from workbench.monitoring.source import RunSource
        from workbench.training.run import RunFolder

        return None, RunSource(RunFolder(place))
    what = "is neither a bench nor a run's folder" if place.is_dir() else "no such folder"
    raise BenchError(what, where=place, cure="give a bench, BENCH/runs/RUN, or --csv FILE")


def _is_file(path: Path) -> bool:
    """Whether it is there; what may not be read is not."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises for a folder that may not be entered


def _run_source(runs_dir: Path, name: str) -> "Source":
    """The run of this name."""
    from workbench.monitoring.source import RunSource
    from workbench.training.run import find_run

    return RunSource(find_run(runs_dir, name))


def _newest(runs_dir: Path | None) -> "Source":
    """The newest run that trains, else the newest.

    Raises:
        RunRefused: There is none yet.
    """
    from workbench.monitoring.source import RunSource
    from workbench.training.run import find_run
    from workbench.tui.run_start import run_among

    assert runs_dir is not None  # a single source was named
    _, run = run_among(runs_dir)
    return RunSource(run or find_run(runs_dir))


def _named(csv: Path | None) -> "Source | None":
    """The file of another training.

    Raises:
        InputError: It is not there.
    """
    if csv is None:
        return None
    from workbench.monitoring.csv_log import CsvSource

    return CsvSource(csv)


def _print_state(source: "Source") -> int:
    """One document."""
    print_json({"run": source.name, **source.follow().poll().to_dict()})
    return 0


def _follow(source: "Source") -> int:
    """Lines until it ends."""
    from workbench.tui.notify import stream_notifier
    from workbench.tui.plain_monitor import follow_plain

    try:
        state = follow_plain(source, sys.stdout, notifier=stream_notifier(sys.stdout, hint))
    except KeyboardInterrupt:
        raise Cancelled("no longer watched", where=source.name, cure="the run is not touched") from None
    return FAILED if state.value in ("failed", "died") else 0


COMMANDS: dict[str, Callable[..., int]] = {"monitor": monitor}
