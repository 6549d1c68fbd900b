"""The command `find-rate`: which learning rate suits a bench and a network."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.output import Progress, hint, print_json, say
from workbench.errors import InputError, RunError

_WIDEST = 120


def find_rate(
    bench: Path = BENCH,
    config: str = typer.Option(
        "fast", "--config", help="A preset's name (reference, fast, accurate, skewed) or a TOML file."
    ),
    settings: list[str] = typer.Option([], "--set", help="key=value over the preset; repeatable."),
    steps: int = typer.Option(100, "--steps", min=20, max=10_000, help="Batches to train on, at most."),
    lowest: float = typer.Option(1e-6, "--from", help="The first step's learning rate."),
    highest: float = typer.Option(10.0, "--to", help="The last step's, if the loss does not blow up before."),
    as_json: bool = JSON,
) -> None:
    """Train shortly on an ever higher learning rate, draw the loss, and suggest a rate; no run is made."""
    from workbench.bench import Bench
    from workbench.images.preprocess import load_cv2
    from workbench.training.rate_finder import RateFinder
    from workbench.training.rate_range import RangeTest
    from workbench.training.start import check_settings, divided_table

    if not 0 < lowest < highest <= 1e9:
        raise InputError(
            f"expected rates above 0, the first below the last; received {lowest:g} and {highest:g}",
            where="--from and --to",
            cure="for example --from 1e-6 --to 10",
        )
    opened = Bench.open(bench)
    resolved = opened.settings(config, settings)
    check_settings(resolved, opened.schema)
    load_cv2()  # the test needs it: better to hear now what it lacks
    with Progress("pictures") as bar:
        table = divided_table(opened, resolved, bar.update)
    with RateFinder(opened, resolved, table, RangeTest(lowest, highest, steps)) as finder:
        hint(f"up to {steps} steps on a rising rate; ctrl+c ends the test, nothing stays of it")
        with Progress("reading pictures") as bar:
            finder.read_pictures(bar.update)
        with Progress("steps") as bar:
            result = finder.run(bar.update)
    if as_json:
        print_json({"optimizer": resolved.training.optimizer, **result.to_dict()})
    else:
        _show(result)
    if result.suggestion is None:
        raise RunError(
            f"no rate from {lowest:g} to {result.rates[-1]:g} made the loss fall",
            where="find-rate",
            cure="try more --steps, another --from or --to, or look at the labels",
        )


def _show(result: Any) -> None:
    """The chart, what it means, and what to type next."""
    from workbench.training.rate_range import RULE
    from workbench.tui.rate_chart import rate_chart

    for line in rate_chart(result, min(_WIDEST, shutil.get_terminal_size().columns)):
        say(line)
    if result.blown_up:
        say(f"the loss blew up at {result.rates[-1]:.2g}, after {len(result.rates)} steps")
    if result.suggestion is not None:
        say(f"suggested: {result.suggestion:.2g}, {RULE}; the loss is least at {result.lowest:.2g}")
        say(f"--set {result.setting}")


COMMANDS: dict[str, Callable[..., None]] = {"find-rate": find_rate}
