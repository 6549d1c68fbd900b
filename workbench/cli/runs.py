"""Commands about training runs: train, evaluate, predict; `monitor`, `shelf`, `steering` have the others."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.output import Progress, hint, print_json, say
from workbench.cli.profiles import print_profile
from workbench.errors import InputError, RunError, RunRefused

_PRESET = "fast"
RUN = typer.Argument("", help="The run's name or number; the newest where not given.")


def find(bench: Path, name: str, *, finished: bool = False) -> Any:
    """Open bench and run.

    Raises:
        BenchError: There is no bench.
        RunRefused: There is no such run; names those that there are.
    """
    from workbench.bench import Bench
    from workbench.training.run import find_run

    opened = Bench.open(bench)
    return opened, find_run(opened.runs_dir, name, finished=finished)


def train(
    bench: Path = BENCH,
    config: str = typer.Option(
        "",
        "--config",
        help="A preset's name (reference, fast, accurate, skewed) or a TOML file; fast where not given.",
    ),
    settings: list[str] = typer.Option([], "--set", help="key=value over the preset; repeatable."),
    parent: str = typer.Option(
        "", "--from", help="Begin with the weights of this run, and with its settings where no --config is."
    ),
    checkpoint: str = typer.Option(
        "", "--checkpoint", help="Of --from: best (the default), last, or an epoch that it kept."
    ),
    detach: bool = typer.Option(False, "--detach", help="Start the run and return at once."),
    profile: bool = typer.Option(
        False, "--profile", help="Measure where the time goes; a table and one line of advice at the end."
    ),
    as_json: bool = JSON,
) -> None:
    """Train a network in a process of its own; ctrl+c asks it to stop and save.

    The networks to choose from: workbench architectures.
    """
    from workbench.bench import Bench
    from workbench.images.preprocess import load_cv2
    from workbench.person import load_person
    from workbench.training.contradictions import doubts
    from workbench.training.launcher import launch
    from workbench.training.room import check_room
    from workbench.training.start import in_words, prepare_run

    opened = Bench.open(bench)
    load_person()  # a mistake in it is better heard now
    begun, preset, resolved = _begun(opened, config, settings, parent, checkpoint)
    load_cv2()  # the worker needs it: better to hear now what it lacks
    with Progress("pictures") as bar:
        run = prepare_run(opened, resolved, preset=preset, parent=begun, progress=bar.update)
    room = check_room(resolved, opened.schema, opened.runs_dir)
    for line in (*in_words(run), *doubts(resolved.training), room):
        hint(line)
    waiting = launch(run, profile=profile)
    if detach:
        if as_json:
            print_json({"run": run.name, "folder": str(run.root)})
        else:
            say(f"run {run.name} started; watch it with: workbench monitor {bench} {run.name}")
        if profile:
            hint(f"where its time went: workbench monitor {bench} {run.name} --json, once it has ended")
        return
    state = _wait(run, waiting)
    if as_json:
        print_json(_result(run, state))
    if state in ("failed", "died"):
        raise RunError(f"the run {state}: {_cause(run)}", where=run.name, cure=f"its log: {run.log}")
    if not as_json:
        if profile:
            print_profile(run)
        command = "resume" if state == "paused" else "evaluate"
        say(f"run {run.name} {state}; next: workbench {command} {bench} {run.name}")


def _begun(
    bench: Any, config: str, settings: list[str], parent: str, checkpoint: str
) -> tuple[Any, str, Any]:
    """The parent's checkpoint or None, the preset's name, and the settings: the parent's, or a preset's."""
    from workbench.config import load_settings
    from workbench.training.parent import BEST, find_parent
    from workbench.training.run import find_run

    if not parent:
        if checkpoint:
            raise InputError("--checkpoint is one of --from RUN", cure="give both, or neither")
        return None, Path(config or _PRESET).stem, bench.settings(config or _PRESET, settings)
    found = find_parent(find_run(bench.runs_dir, parent), checkpoint or BEST)
    if config:
        return found, Path(config).stem, bench.settings(config, settings)
    resolved = load_settings(None, settings, found.run.settings().to_dict())
    return found, str(found.run.read().get("preset", "")), resolved


def _wait(run: Any, waiting: Thread) -> str:
    """Follow a run to its end; ctrl+c asks it to stop, and waits for that.

    Args:
        run: The run.
        waiting: The thread that learns what ended its worker.
    """
    from workbench.monitoring.source import RunSource
    from workbench.training.control import ask
    from workbench.tui.notify import stream_notifier
    from workbench.tui.plain_monitor import PlainMonitor

    hint(f"run {run.name}; ctrl+c stops it after the batch and saves")
    monitor = PlainMonitor(RunSource(run), sys.stderr, waiting, stream_notifier(sys.stderr, hint))
    while True:
        try:
            return str(monitor.follow())
        except KeyboardInterrupt:
            hint("asked to stop and save; waiting for it")
            with suppress(RunRefused):  # it has ended in this very moment
                ask(run, "stop")


def _cause(run: Any) -> str:
    """Why a run ended as it did."""
    from workbench.monitoring.follow import Follower

    return Follower(run).poll().failure or "no cause was written"


def _result(run: Any, state: str) -> dict[str, Any]:
    """The JSON document of an ended run."""
    from workbench.monitoring.follow import Follower

    return {"run": run.name, "folder": str(run.root), **Follower(run).poll().to_dict(), "state": state}


def evaluate(
    bench: Path = BENCH,
    run: str = RUN,
    split: list[str] = typer.Option(
        [], "--split", help="train, validation or test; all where not given; repeatable."
    ),
    sort: str = typer.Option("", "--sort", help="A column to sort by; a minus before it turns the order."),
    classes: bool = typer.Option(
        False, "--classes", help="One row a class: support, precision, recall; on test or the split named."
    ),
    as_json: bool = JSON,
    as_csv: bool = typer.Option(False, "--csv", help="Print CSV."),
    as_markdown: bool = typer.Option(False, "--markdown", help="Print a Markdown table."),
    again: bool = typer.Option(
        False, "--again", help="Predict once more even if the run was evaluated already."
    ),
) -> None:
    """Show how good a run's network is on each split: loss, and per head accuracy, baselines, macro-F1."""
    if as_json + as_csv + as_markdown > 1:
        raise InputError("--json, --csv and --markdown exclude each other", cure="give one of them")
    _, found = find(bench, run, finished=not run)
    evaluation = _evaluation(found, split, again)
    if as_json:
        print_json(evaluation.to_dict())
        return
    from workbench.evaluation import tables

    style = tables.as_csv if as_csv else tables.as_markdown if as_markdown else tables.as_text
    print(style(evaluation, sort=sort or None, classes=classes), end="")


def _evaluation(run: Any, split: list[str], again: bool) -> Any:
    """What the worker wrote at its end, or a new evaluation where there is none."""
    from workbench.evaluation.report import SPLITS, read_evaluation

    if unknown := [one for one in split if one not in SPLITS]:
        raise InputError(
            f"no split is named {unknown[0]!r}", where="--split", cure=f"valid: {', '.join(SPLITS)}"
        )
    stored = None if again else read_evaluation(run)
    if stored is None:
        from workbench.evaluation.evaluate import evaluate_run

        with Progress("pictures") as bar:
            stored = evaluate_run(run, progress=bar.update)
    return stored.only(split) if split else stored


def predict(
    bench: Path = BENCH,
    run: str = typer.Argument(help="The run's name or number."),
    images: list[Path] = typer.Argument(help="Pictures, or folders of them."),
    output: Path = typer.Option(..., "--output", "-o", help="The CSV file to write."),
    overlay: Path | None = typer.Option(
        None, "--overlay", help="A folder for copies with the answers drawn in."
    ),
    as_json: bool = JSON,
) -> None:
    """Answer every head for pictures that need not be in the bench."""
    from workbench.evaluation.predict import predict_to_files

    _, found = find(bench, run)
    with Progress("pictures") as bar:
        result = predict_to_files(found, images, output, overlay=overlay, progress=bar.update)
    if as_json:
        print_json(result.to_dict())
        return
    for name, reason in result.set_aside:
        hint(f"set aside: {name}: {reason}")
    say(f"{result.predicted} pictures in {output}, {result.pictures_per_second:.0f} a second")


COMMANDS: dict[str, Callable[..., None]] = {
    "train": train,
    "evaluate": evaluate,
    "predict": predict,
}
