"""Commands that steer a run: pause, resume, stop, abort, extend, rate, checkpoint."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.output import print_json, say
from workbench.cli.runs import RUN, find
from workbench.errors import InputError

NAMED_RUN = typer.Argument(help="The run's name or number.")
WAIT = typer.Option(
    False, "--wait", help="Wait until it is done (or refused); without it the command only asks."
)
_LOOK_S = 0.1


def stop(bench: Path = BENCH, run: str = RUN, wait: bool = WAIT, as_json: bool = JSON) -> None:
    """Ask a run to stop after the current batch and save."""
    _ask(bench, run, "stop", "to stop after the batch and save", wait=wait, as_json=as_json)


def pause(bench: Path = BENCH, run: str = RUN, wait: bool = WAIT, as_json: bool = JSON) -> None:
    """Ask a run to save after the batch and give all memory back, the GPU's too, until it is resumed."""
    _ask(bench, run, "pause", "to save after the batch and free its memory", wait=wait, as_json=as_json)


def abort(bench: Path = BENCH, run: str = RUN, wait: bool = WAIT, as_json: bool = JSON) -> None:
    """Ask a run to end after the current batch without saving; its last checkpoint stays."""
    _ask(bench, run, "abort", "to end after the batch without saving", wait=wait, as_json=as_json)


def checkpoint(bench: Path = BENCH, run: str = RUN, wait: bool = WAIT, as_json: bool = JSON) -> None:
    """Ask a run to save a checkpoint after the current batch and go on."""
    _ask(bench, run, "checkpoint", "to save a checkpoint after the batch", wait=wait, as_json=as_json)


def rate(
    bench: Path = BENCH,
    run: str = NAMED_RUN,
    value: float = typer.Argument(
        help="The learning rate from the next batch on; the schedule goes on from there in proportion."
    ),
    wait: bool = WAIT,
    as_json: bool = JSON,
) -> None:
    """Change the learning rate of a run while it trains; a resume keeps it."""
    _ask(bench, run, "rate", f"for the learning rate {value:g}", value, wait=wait, as_json=as_json)


def extend(
    bench: Path = BENCH,
    run: str = RUN,
    epochs: int = typer.Option(..., "--epochs", help="How many epochs to add."),
    rate: float | None = typer.Option(
        None,
        "--rate",
        help="The learning rate at their beginning. Where the schedule ends at 0 (cosine, one_cycle) it falls"
        " to 0 once more, from a tenth of the run's own rate if none is given; else it stays.",
    ),
    as_json: bool = JSON,
) -> None:
    """Add epochs to a run: to one that trains, or to one that has finished and then goes on."""
    from workbench.training.extend import extend as add

    _, found = find(bench, run)
    became = add(found, epochs, rate)
    if as_json:
        print_json({"run": found.name, "epochs": epochs, "became": became})
        return
    name = found.name
    words = {
        "asked": f"asked {name} for {epochs} more epochs",
        "launched": f"run {name} goes on for {epochs} more epochs",
        "noted": f"run {name} has {epochs} more epochs to train; go on: workbench resume {bench} {name}",
    }
    say(words[became])
    if became != "noted":
        say(f"watch it with: workbench monitor {bench} {found.name}")


def resume(bench: Path = BENCH, run: str = RUN, as_json: bool = JSON) -> None:
    """Go on with a run that was paused or stopped, died or failed, from its last checkpoint."""
    from workbench.training.launcher import launch

    _, found = find(bench, run)
    launch(found)
    if as_json:
        print_json({"run": found.name, "folder": str(found.root)})
    else:
        say(f"run {found.name} goes on; watch it with: workbench monitor {bench} {found.name}")


def _ask(
    bench: Path,
    run: str,
    action: Any,
    words: str,
    value: float | None = None,
    *,
    wait: bool,
    as_json: bool,
) -> None:
    """Ask, and say what was asked or what became of it."""
    from workbench.training.control import ask, check_value

    check_value(action, value)
    _, found = find(bench, run)
    state = found.state()
    if state.ended:
        is_now = "is paused" if state == "paused" else f"has {state} already"
        raise InputError(f"the run {is_now}", where=found.name, cure=f"see: workbench runs {bench}")
    request = ask(found, action, value)
    answer = _answer(found, request.id) if wait else request
    if as_json:
        print_json({"run": found.name, "asked": action, **_told(answer)})
    elif not wait:
        say(f"asked {found.name} {words}")
        say(f"watch it with: workbench monitor {bench} {found.name}")
    if answer.stage == "refused":
        raise InputError(f"cannot {action}: {answer.reason}", where=found.name)
    if wait and answer.open:
        raise InputError(f"the worker ended before it took the {action}", where=found.name)
    if wait and not as_json:
        say(f"{action}: done {(answer.ended_wall or 0) - answer.wall:.1f} s after it was asked")


def _told(answer: Any) -> dict[str, Any]:
    """A request's fields for JSON."""
    times = {"asked_at": answer.wall, "taken_at": answer.taken_wall, "done_at": answer.ended_wall}
    return {"value": answer.value, "stage": answer.stage, "reason": answer.reason, **times}


def _answer(run: Any, id: str) -> Any:  # noqa: A002
    """The request once it is done or refused, or as it is when nobody is left who could take it."""
    from workbench.training.control import requests

    while True:
        alive = run.alive()
        found = next(one for one in requests(run) if one.id == id)
        if not found.open or not alive:
            return found
        time.sleep(_LOOK_S)


COMMANDS: dict[str, Callable[..., None]] = {
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "abort": abort,
    "extend": extend,
    "rate": rate,
    "checkpoint": checkpoint,
}
