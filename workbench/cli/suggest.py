"""The command about suggestions: ask a network, take a file, report how people used them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.opening import with_bench
from workbench.cli.output import Progress, hint, print_json, print_table, say
from workbench.errors import BenchError, InputError

_HEADER = ["head", "accepted", "changed", "agree", "held back", "agree", "difference", "95 % interval"]


def suggest(
    bench: Path = BENCH,
    run: str = typer.Argument("", help="The run's name or number; the newest finished one where not given."),
    everything: bool = typer.Option(
        False, "--all", help="Suggestions for heads that are answered already, too."
    ),
    file: Path | None = typer.Option(
        None, "--file", help="Take them from a CSV file as `predict` writes it, instead of a run."
    ),
    refused: Path | None = typer.Option(
        None, "--refused", help="Write the file's refused rows to this CSV file."
    ),
    report: bool = typer.Option(
        False, "--report", help="Show how often suggestions were accepted, and how much they led."
    ),
    as_json: bool = JSON,
) -> None:
    """Suggest classes for open heads; the Label screen shows them, and only a key makes answers of them."""
    if (bool(run) or everything) + (file is not None) + report > 1:
        raise InputError("a run, --file and --report exclude each other", cure="give one of them")
    if report:
        with_bench(bench, lambda opened, _, store: _report(opened, store, as_json), rescan=False)
    elif file is not None:
        with_bench(bench, lambda opened, catalog, _: _take(opened, catalog, file, refused, as_json))
    else:
        with_bench(
            bench, lambda opened, catalog, store: _ask(opened, catalog, store, run, everything, as_json)
        )


def _must_write(bench: Any) -> None:
    """Refuse before a network is asked for an hour."""
    if not bench.writable:
        raise BenchError(
            "the bench is read-only", where=bench.root, cure="make the folder writable, or copy it"
        )


def _ask(bench: Any, catalog: Any, store: Any, run: str, everything: bool, as_json: bool) -> None:
    """Ask a run's network."""
    from workbench.evaluation.suggest import suggest_with_run
    from workbench.training.run import find_run

    _must_write(bench)
    found = find_run(bench.runs_dir, run, finished=not run)
    with Progress("pictures") as bar:
        result = suggest_with_run(
            bench, found, catalog.pictures(), store.all_labels(), everything=everything, progress=bar.update
        )
    if as_json:
        print_json(result.to_dict())
        return
    for name, reason in result.set_aside:
        hint(f"set aside: {name}: {reason}")
    again = f", {result.known} known already" if result.known else ""
    say(f"{result.answers} suggestions for {result.asked - len(result.set_aside)} pictures{again}")
    say(f"next: workbench {bench.root}, where ⏎ accepts them")


def _take(bench: Any, catalog: Any, file: Path, refused: Path | None, as_json: bool) -> None:
    """Take a file."""
    from workbench.evaluation.suggest import suggest_from_file

    _must_write(bench)
    plan = suggest_from_file(bench, file, catalog.pictures())
    if refused is not None:
        plan.write_refused(refused)
    print_json(plan.to_dict()) if as_json else print(plan.as_text())


def _report(bench: Any, store: Any, as_json: bool) -> None:
    """Show what became of the suggestions."""
    from workbench.evaluation.influence import influence

    found = influence(store.events_since(), bench.schema)
    share = bench.settings().suggestions.hidden_share
    if as_json:
        heads = {name: one.to_dict() for name, one in found.items() if name != "all"}
        print_json({"hidden_share": share, "all": found["all"].to_dict(), "heads": heads})
        return
    overall = found["all"]
    if overall.shown is None and overall.hidden is None:
        say("nothing was answered under a suggestion yet")
        say(f"next: workbench suggest {bench.root}")
        return
    print_table(_HEADER, [_row(name, one) for name, one in found.items()])
    say()
    say(f"held back: the suggestions of {share:.0%} of the pictures, by chance, were not shown")
    if overall.difference is not None and overall.difference[1] > 0:
        say("people agree more with suggestions that they see: look again at the faces with low confidence")


def _row(name: str, one: Any) -> list[object]:
    """A line of the table; "–" where a figure does not exist."""
    difference = one.difference
    shift = low = high = 0.0
    if difference is not None:
        shift, low, high = (100 * value for value in difference)
    return [
        name,
        one.accepted,
        one.changed,
        _share(one.shown),
        one.agreed + one.differed,
        _share(one.hidden),
        "–" if difference is None else f"{shift:+.1f}",
        "–" if difference is None else f"{low:+.1f} … {high:+.1f}",
    ]


def _share(value: float | None) -> str:
    """Per cent, or "–"."""
    return "–" if value is None else f"{value:.1%}"


COMMANDS: dict[str, Callable[..., None]] = {"suggest": suggest}
