"""Commands that look after a bench: agreement, check, repoint."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from workbench.cli.labels import BENCH, JSON
from workbench.cli.opening import with_bench
from workbench.cli.output import Progress, hint, print_json, print_table, say
from workbench.errors import WorkbenchError

_MOST = 20


def agreement(bench: Path = BENCH, as_json: bool = JSON) -> None:
    """Show how far the annotators agree, head by head, and on which pictures they differ."""
    from workbench.annotation.agreement import agreement as compare

    def work(_bench: Any, _catalog: Any, store: Any) -> None:
        report, names = compare(store), store.names()
        if as_json:
            print_json(report.to_dict(names))
            return
        if not report.pictures:
            say("no picture was answered by several annotators yet")
            say(f"next: workbench {bench} --annotator NAME --blind")
            return
        say(f"{report.pictures} pictures answered by several of: {', '.join(report.annotators)}")
        say()
        rows = [_row(head, one) for head, one in report.heads.items()] + [_row("all", report.overall)]
        print_table(["head", "pictures", "agree", "kappa", "alpha"], rows)
        say()
        pairs = [_row(" and ".join(pair), one) for pair, one in report.pairs.items()]
        print_table(["annotators", "pictures", "agree", "kappa", "alpha"], pairs)
        say()
        say(f"{len(report.disagreeing)} pictures on which they differ")
        _list(sorted(f"  {names.get(mark, mark)}: {', '.join(heads)}" for mark, heads in report.disagreeing))

    with_bench(bench, work, rescan=False)


def _row(name: str, one: Any) -> list[object]:
    """A line of the table; "–" where a figure does not exist."""
    percent = "–" if one.percent is None else f"{one.percent:.1f} %"
    return [name, one.pictures, percent, _figure(one.kappa), _figure(one.alpha)]


def _figure(value: float | None) -> str:
    """Two places, without a sign of rounding."""
    return "–" if value is None else f"{value:+.2f}".replace("-0.00", "+0.00")


def _list(lines: Sequence[str]) -> None:
    """The first lines, and how many more there are."""
    for line in lines[:_MOST]:
        say(line)
    if len(lines) > _MOST:
        say(f"  … and {len(lines) - _MOST} more; --json lists all")


def check(
    bench: Path = BENCH,
    apply: bool = typer.Option(False, "--apply", help="Do the repairs; no label is ever taken away."),
    as_json: bool = JSON,
) -> None:
    """Look through labels, pictures, near-duplicates, splits and cache; 1 where something is left to do."""
    from workbench.bench import Bench
    from workbench.check import check_bench

    opened = Bench.open(bench)
    with _Stages() as stages:
        report = check_bench(opened, apply=apply, told=stages.update)
    if as_json:
        print_json(report.to_dict())
    else:
        say(f"{report.pictures} pictures, {report.labelled} labelled")
        for problem in report.repaired:
            say(f"repaired: {problem.where}: {problem.what}: {problem.repair}")
        for kind, some in groupby(report.problems, key=lambda one: one.kind):
            found = list(some)
            say()
            say(f"{kind} ({len(found)}): {found[0].cure or f'--apply: {found[0].repair}'}")
            _list([f"  {one.where}: {one.what}" for one in found])
    if report.problems:
        mendable = sum(bool(one.repair) for one in report.problems)
        cure = f"{mendable} of them are repaired with --apply" if mendable else "see the report"
        count = len(report.problems)
        raise WorkbenchError(f"{count} problem{'s' * (count > 1)} found", where=opened.root, cure=cure)
    if not as_json:
        say("nothing is left to do")


class _Stages:
    """A bar for each part of long work, one after the other."""

    def __init__(self) -> None:
        self._label, self._bar = "", Progress("")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._label:
            self._bar.__exit__(kind, error, trace)

    def update(self, label: str, done: int, total: int) -> None:
        """Say how far a part is; another label begins another part."""
        if label != self._label:
            self.__exit__(None, None, None)
            self._label, self._bar = label, Progress(label)
            self._bar.__enter__()
        self._bar.update(done, total)


def repoint(
    bench: Path = BENCH,
    images: Path = typer.Option(..., "--images", help="The folder in which the pictures lie now."),
    force: bool = typer.Option(False, "--force", help="Also where none of the labelled pictures is there."),
    as_json: bool = JSON,
) -> None:
    """Look for the pictures in another folder, after they were moved; known by their content."""
    from workbench.bench import Bench
    from workbench.repoint import repoint as point

    with Progress("pictures") as bar:
        done = point(
            Bench.open(bench), images, force=force, progress=lambda at: bar.update(at.done, at.found)
        )
    if as_json:
        print_json(done.to_dict())
        return
    say(f"{done.found} of {done.labelled} labelled pictures are among the {done.pictures} in {done.images}")
    hint(f"to take it back: workbench repoint {bench} --images {done.before}")


COMMANDS: dict[str, Callable[..., None]] = {"agreement": agreement, "check": check, "repoint": repoint}
