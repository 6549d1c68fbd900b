"""Commands about runs as things one keeps: runs, note, tag, trash."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.output import Progress, hint, print_json, print_table, say
from workbench.cli.runs import find
from workbench.errors import InputError

_NAMED_RUN = typer.Argument(help="The run's name or number.")
_NAMED = 3
_YES = "yes"


def runs(
    bench: Path = BENCH,
    sort: str = typer.Option("", "--sort", help="A column to sort by; a minus before it turns the order."),
    only: str = typer.Option(
        "",
        "--filter",
        help="Only some runs: words that each has in its name, preset, tags, note or state; or a column:"
        " 'state:died tag:good best<0.4 duration>2h started>=2026-11-01'.",
    ),
    as_json: bool = JSON,
) -> None:
    """List the training runs of a bench, with the figures of each one's best epoch on validation."""
    from workbench.bench import Bench
    from workbench.monitoring.columns import find_column, sort_runs
    from workbench.monitoring.filter import parse_filter
    from workbench.monitoring.summary import look_through

    key = find_column(sort.removeprefix("-"), "--sort").key if sort else ""
    wanted = parse_filter(only)
    found, hurt = look_through(Bench.open(bench).runs_dir)
    for one in hurt:
        hint(f"cannot be listed: {one.name}: {one.why}")
    shown = sort_runs(wanted.among(found), key, falling=sort.startswith("-"))
    if as_json:
        print_json([one.to_dict() for one in shown])
    elif not found:
        say(f"no run yet; start one with: workbench train {bench}")
    elif not shown:
        say(f"none of {len(found)} runs fits {wanted.text}; list all with: workbench runs {bench}")
    else:
        _print_runs(shown)


def _print_runs(runs: Sequence[Any]) -> None:
    """The table."""
    header = ["run", "state", "preset", "parent", "architecture", "epochs", "best"]
    header += ["val loss", "accuracy", "macro-F1", "pictures/s", "seconds", "tags", "note"]
    rows = [
        [
            one.name,
            one.state,
            one.preset,
            one.parent,
            one.architecture,
            f"{one.epochs_done}/{one.epochs}",
            one.best_text,
            *(_figure(value, 3) for value in (one.loss, one.accuracy, one.macro_f1)),
            _figure(one.images_per_second, 1),
            round(one.seconds),
            " ".join(one.tags),
            one.note,
        ]
        for one in runs
    ]
    print_table(header, rows)


def _figure(value: float | None, decimals: int) -> str:
    """A figure, or a dash."""
    return "–" if value is None else f"{value:.{decimals}f}"


def note(
    bench: Path = BENCH,
    run: str = _NAMED_RUN,
    text: str | None = typer.Argument(None, help='The note, one line; "" removes it; shown where not given.'),
    as_json: bool = JSON,
) -> None:
    """Show or write a line about a run, kept in its folder."""
    from workbench.monitoring.remarks import read_remarks, write_note

    _, found = find(bench, run)
    remarks = read_remarks(found) if text is None else write_note(found, text)
    if as_json:
        print_json({"run": found.name, **remarks.to_dict()})
    elif text is not None:
        say(f"{found.name}: {'the note is kept' if remarks.note else 'it has no note any more'}")
    else:
        say(
            remarks.note or f"{found.name} has no note; write one: workbench note {bench} {found.name} 'TEXT'"
        )


def tag(
    bench: Path = BENCH,
    run: str = _NAMED_RUN,
    tags: list[str] = typer.Argument(None, help="Tags to give it; its tags are shown where none is named."),
    remove: list[str] = typer.Option([], "--remove", help="A tag to take away; repeatable."),
    as_json: bool = JSON,
) -> None:
    """Give a run words by which it is found again (runs --filter tag:WORD), or take them away."""
    from workbench.monitoring.remarks import change_tags, read_remarks

    _, found = find(bench, run)
    asked = bool(tags or remove)
    remarks = change_tags(found, tags or (), remove) if asked else read_remarks(found)
    if as_json:
        print_json({"run": found.name, **remarks.to_dict()})
    elif remarks.tags:
        say(f"{found.name}: {' '.join(remarks.tags)}")
    elif asked:
        say(f"{found.name} has no tags any more")
    else:
        say(f"{found.name} has no tags; give it some: workbench tag {bench} {found.name} WORD")


def trash(
    bench: Path = BENCH,
    run: str = typer.Argument("", help="A run to move to the trash, by name or number."),
    listed: bool = typer.Option(False, "--list", help="List what lies in it; the default."),
    restore: str = typer.Option(
        "", "--restore", help="Bring a run back, by name or number, or NAME@TIME as in --json."
    ),
    new_name: str = typer.Option("", "--as", help="What it is called from now on; with --restore."),
    empty: bool = typer.Option(False, "--empty", help="Remove everything in it for good."),
    yes: bool = typer.Option(False, "--yes", help="With --empty: do not ask."),
    as_json: bool = JSON,
) -> None:
    """Move a run to the bench's trash, list what lies there, bring it back, or empty the trash."""
    if bool(run) + listed + bool(restore) + empty > 1:
        raise InputError("RUN, --list, --restore and --empty exclude each other", cure="give one of them")
    if new_name and not restore:
        raise InputError("--as is the new name of a run to --restore", cure="give both, or neither")
    if yes and not empty:
        raise InputError("--yes belongs to --empty", cure="give both, or neither")
    if run:
        _remove(bench, run, as_json)
    elif restore:
        _restore(bench, restore, new_name, as_json)
    elif empty:
        _empty(bench, yes, as_json)
    else:
        _list(bench, as_json)


def _remove(bench: Path, run: str, as_json: bool) -> None:
    """Move a run to the trash."""
    from workbench.monitoring.holdings import holdings
    from workbench.monitoring.summary import list_runs
    from workbench.monitoring.trash import trash_run

    opened, found = find(bench, run)
    held = holdings(found)
    children = [one.name for one in list_runs(opened.runs_dir) if one.parent == found.name]
    gone = trash_run(found)
    if children:
        more = " …" if len(children) > _NAMED else ""
        hint(f"it was named as parent by {', '.join(children[:_NAMED])}{more}, which keep their own weights")
    if as_json:
        print_json({**gone.to_dict(), "bytes": held.bytes, "children": children})
        return
    say(f"{found.name} is in the trash: {held.words()}")
    say(f"bring it back with: workbench trash {bench} --restore {found.name}")


def _restore(bench: Path, name: str, new_name: str, as_json: bool) -> None:
    """Bring a run back."""
    from workbench.bench import Bench
    from workbench.monitoring.trash import restore_run

    found = restore_run(Bench.open(bench).runs_dir, name, new_name)
    if as_json:
        print_json({"run": found.name, "folder": str(found.root)})
    else:
        say(f"{found.name} is back; see: workbench runs {bench}")


def _empty(bench: Path, yes: bool, as_json: bool) -> None:
    """Remove everything in the trash, once a person has said so."""
    from workbench.bench import Bench
    from workbench.monitoring.holdings import size_words
    from workbench.monitoring.trash import empty_trash, trashed_runs

    runs_dir = Bench.open(bench).runs_dir
    there = trashed_runs(runs_dir)
    if there and not yes:
        _confirm(len(there), size_words(sum(one.bytes for one in there)))
    with Progress("deletions") as bar:
        freed = empty_trash(runs_dir, bar.update)
    if as_json:
        print_json({"removed": [one.to_dict() for one in there], "bytes": freed})
    else:
        say(f"{size_words(freed)} freed" if freed else "the trash was empty")


def _confirm(count: int, size: str) -> None:
    """Ask on the terminal.

    Raises:
        InputError: There is no terminal, or the answer was another one; nothing was removed.
    """
    what = f"{count} run{'s' * (count > 1)}, {size}, would be gone for good"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(what, where="--empty", cure="add --yes to do it, or ask on a terminal")
    print(f"{what}; type {_YES} to empty the trash: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != _YES:
        raise InputError("the trash stays as it is", where="--empty")


def _list(bench: Path, as_json: bool) -> None:
    """What lies in the trash."""
    from workbench.bench import Bench
    from workbench.monitoring.holdings import size_words
    from workbench.monitoring.trash import half_emptied, trashed_runs
    from workbench.tui.times import moment

    runs_dir = Bench.open(bench).runs_dir
    there, left = trashed_runs(runs_dir), half_emptied(runs_dir)
    if as_json:
        print_json({"runs": [one.to_dict() for one in there], "half_emptied": left})
        return
    if left:
        hint(f"an emptying was ended before its end; go on: workbench trash {bench} --empty")
    if not there:
        say(f"the trash is empty; move a run to it with: workbench trash {bench} RUN")
        return
    print_table(
        ["run", "removed", "size"], [[one.name, moment(one.removed), size_words(one.bytes)] for one in there]
    )


COMMANDS: dict[str, Callable[..., None]] = {"runs": runs, "note": note, "tag": tag, "trash": trash}
