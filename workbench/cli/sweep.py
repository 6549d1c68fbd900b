"""The command `sweep`: a study of many trainings begun, gone on with, listed or shown."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from workbench.cli.interruption import Interruption
from workbench.cli.labels import BENCH, JSON
from workbench.cli.output import hint, print_json, print_table, say
from workbench.errors import BenchError

_MOST_JOBS = 64
_WIDEST = 120
STORAGE = typer.Option(
    "",
    "--storage",
    envvar="WORKBENCH_STORAGE",
    help="postgresql://USER@HOST/DATABASE, for several machines; the password in ~/.pgpass or PGPASSWORD, as"
    " everybody on the machine can read a command line.",
)
STUDY = typer.Argument("", help="The study's name; without one the studies are listed.")


def sweep(
    bench: Path = BENCH,
    study: str = STUDY,
    space: str = typer.Option("", "--space", help="What is varied: a TOML file, or a study's name."),
    config: str = typer.Option(
        "", "--config", help="The preset under the trials; the space's own if not given."
    ),
    settings: list[str] = typer.Option([], "--set", help="key=value over the preset; repeatable."),
    trials: int = typer.Option(
        0, "--trials", min=0, help="How many trials in all; 0 = the whole grid, or what the space names."
    ),
    metric: str = typer.Option("", "--metric", help="What is to be best, such as val_macro_f1."),
    storage: str = STORAGE,
    jobs: int = typer.Option(1, "--jobs", min=1, max=_MOST_JOBS, help="Trainings at once."),
    show: bool = typer.Option(False, "--show", help="Show the study as it stands; nothing is trained."),
    as_json: bool = JSON,
) -> None:
    """Compare trainings that differ in a few settings; ctrl+c stops and saves, the same command goes on.

    workbench sweep BENCH optimisers compares SGD, RMSprop, Adam and AdamW at several learning rates.
    """
    from workbench.bench import Bench

    opened = Bench.open(bench)
    if not study and not space:
        _list(opened, storage, as_json)
        return
    name = study or Path(space).stem
    asked: dict[str, Any] = {
        "config": config,
        "overrides": settings,
        "metric": metric,
        "trials": trials,
        "jobs": jobs,
    }
    result = _shown(opened, name, storage) if show else _worked_on(opened, name, space, storage, **asked)
    if as_json:
        print_json(result.to_dict())
    else:
        _print(result, bench)


def _worked_on(
    opened: Any, name: str, space: str, storage: str, *, trials: int, jobs: int, **asked: Any
) -> Any:
    """Begin the study or go on with it, until it has its trials."""
    from workbench.images.preprocess import load_cv2
    from workbench.sweep.begin import begin
    from workbench.sweep.hold import holding
    from workbench.sweep.place import place_of
    from workbench.sweep.reading import result_of
    from workbench.sweep.sweep import Sweep

    if not opened.writable:
        cure = "make the folder writable, or copy it"
        raise BenchError("the bench is read-only", where=opened.root, cure=cure)
    load_cv2()  # the workers need it: better to hear now what it lacks
    place = place_of(opened, name, storage)
    with holding(place, name):
        study = begin(opened, place, name, space, **asked)
        try:
            wanted = trials or study.plan.trials
            hint(f"study {name} in {place.shown}; ctrl+c stops the present trial and saves it")
            with Interruption() as interruption:
                Sweep(opened, study, wanted=wanted, jobs=jobs, tell=hint, check=interruption.check).go()
            return result_of(opened, study)
        finally:
            study.close()


def _shown(opened: Any, name: str, storage: str) -> Any:
    """A study as it stands."""
    from workbench.sweep.begin import unknown_study
    from workbench.sweep.hold import holder
    from workbench.sweep.place import place_of
    from workbench.sweep.reading import result_of
    from workbench.sweep.study import open_study

    place = place_of(opened, name, storage)
    study = open_study(place, name, write=False)
    if study is None:
        raise unknown_study(opened, name, place)
    try:
        if who := holder(place, name):
            hint(f"{who} works on it now")
        return result_of(opened, study)
    finally:
        study.close()


def _list(opened: Any, storage: str, as_json: bool) -> None:
    """The studies that have begun, and those that could be."""
    from workbench.sweep.begin import begun_studies
    from workbench.sweep.space import read_space, space_names

    found = begun_studies(opened, storage, hint)
    ready = {name: read_space(name).file.description for name in space_names()}
    if as_json:
        print_json({"studies": [one.to_dict() for one in found], "spaces": ready})
        return
    if found:
        header = ["study", "complete", "trials", "best", "trial", "kept in"]
        print_table(header, [_summary(one) for one in found])
    else:
        say("no study yet")
    for name, description in ready.items():
        say(f"begin or go on: workbench sweep {opened.root} {name}   ({description})")


def _summary(result: Any) -> list[object]:
    """One line of the list."""
    best = result.best
    complete = sum(one.state == "complete" for one in result.trials)
    value = f"{result.metric} {best.best:.4f}" if best else ""
    return [result.name, complete, len(result.trials), value, best.number if best else "", result.place]


def _print(result: Any, bench: Path) -> None:
    """Table, parallel list, charts, and what is best."""
    from workbench.sweep.parallel import parallel_list
    from workbench.sweep.space import as_word
    from workbench.tui.study_charts import study_charts

    if not result.trials:
        say(f"no trial yet; begin with: workbench sweep {bench} {result.name}")
        return
    header = ["trial", "state", *(one.name for one in result.parameters), result.metric]
    header += ["epoch", "epochs", "images/s", "run"]
    print_table(header, [_row(result, one) for one in result.trials])
    for one in result.trials:
        if one.cause:
            say(f"trial {one.number}: {one.cause}")
    heading, rows = parallel_list(result)
    if rows:
        say()
        say("the best first; each track from the least to the greatest value")
        print_table(heading, rows)
    for line in ["", *study_charts(result, min(_WIDEST, shutil.get_terminal_size().columns))]:
        say(line)
    for warning in result.warnings:
        hint(f"warning: {warning}")
    if result.best:
        words = ", ".join(f"{key} = {as_word(value)}" for key, value in result.best.values.items())
        say(f"best: trial {result.best.number}, {result.metric} {result.best.best:.4f}, with {words}")
        here = (bench / "runs" / result.best.run).is_dir()
        say(f"next: workbench evaluate {bench} {result.best.run}" if here else _elsewhere(result.best))


def _elsewhere(best: Any) -> str:
    """Where to look for a run of another machine."""
    return f"its run {best.run} is on {best.host}, in the bench that it was trained in"


def _row(result: Any, trial: Any) -> list[object]:
    """One line of the table."""
    from workbench.sweep.space import as_word

    values = [as_word(trial.values[one.key]) if one.key in trial.values else "" for one in result.parameters]
    best = "" if trial.best is None else f"{trial.best:.4f}"
    speed = "" if trial.images_per_second is None else f"{trial.images_per_second:.1f}"
    return [trial.number, trial.state, *values, best, trial.best_epoch or "", trial.epochs, speed, trial.run]


COMMANDS: dict[str, Callable[..., None]] = {"sweep": sweep}
