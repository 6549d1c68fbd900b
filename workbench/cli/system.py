"""Commands about the program itself: open, doctor."""

import getpass
import shutil
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import typer

from workbench.cli.labels import JSON
from workbench.cli.output import print_json, say
from workbench.errors import WorkbenchError


class PictureWay(StrEnum):
    """The ways to draw pictures."""

    auto = "auto"
    quadrants = "quadrants"
    sextants = "sextants"
    halves = "halves"
    ascii = "ascii"
    kitty = "kitty"
    sixel = "sixel"


class TerminalColours(StrEnum):
    """The colours of a terminal."""

    auto = "auto"
    true = "true"
    many = "256"
    few = "16"
    none = "none"


_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


def open_bench(
    bench: Path | None = typer.Argument(
        None, help="The bench's folder; the bench in this folder, or else the sample bench, where not given."
    ),
    annotator: str = typer.Option(
        "", "--annotator", help="Whose answers these are; your login name by default."
    ),
    blind: bool = typer.Option(
        False, "--blind", help="Show this annotator's own answers only, for a second pass."
    ),
    picture: PictureWay = typer.Option(
        PictureWay.auto, "--picture", help="How pictures are drawn; doctor --picture shows each way."
    ),
    colours: TerminalColours = typer.Option(
        TerminalColours.auto, "--colours", help="The colours that the terminal has."
    ),
) -> None:
    """Open the screens on a bench."""
    from workbench.tui.terminal import check_terminal

    check_terminal()
    from workbench.bench import BENCH_FILE, Bench
    from workbench.tui.app import run_workbench

    here = Path.cwd()
    if bench is None and not (here / BENCH_FILE).is_file():
        from workbench.sample_bench import open_sample_bench

        opened, is_sample = open_sample_bench(), True
    else:
        opened, is_sample = Bench.open(bench or here), False
    run_workbench(
        opened,
        annotator=annotator or _login(),
        is_sample=is_sample,
        blind=blind,
        picture=picture.value,
        colours=colours.value,
    )


def _login() -> str:
    """The person's login name, or "person" where the machine knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "person"


def doctor(
    fix: bool = typer.Option(
        False, "--fix", help="Where libGL is missing, put in the build of OpenCV without it."
    ),
    picture: bool = typer.Option(
        False, "--picture", help="Show a face in every way that pictures are drawn."
    ),
    as_json: bool = JSON,
) -> None:
    """Check what the machine has and lacks; each problem comes with the line that cures it."""
    from workbench.doctor import examine
    from workbench.doctor import fix as mend

    if picture:
        _show_card()
        return

    if fix:
        line = mend()
        print_json({"fixed": line}) if as_json else say(line)
        return
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            say(f"{_MARKS[finding.state]}  {finding.name:<13} {finding.detail}")
            if finding.cure:
                say(f"{'':<23} → {finding.cure}")
    problems = sum(finding.state == "problem" for finding in findings)
    if as_json:
        print_json({"problems": problems, "findings": [vars(finding) for finding in findings]})
    if problems:
        raise WorkbenchError(
            f"{problems} problem{'s' if problems > 1 else ''} found", cure="see the lines above"
        )


def _show_card() -> None:
    """A face in every way; the sequences go out as they are, for that is what is tried."""
    from workbench.images.decode import decode
    from workbench.resources import resource
    from workbench.tui.picture.card import card
    from workbench.tui.picture.choice import choose, look_around
    from workbench.tui.picture.memory import recall

    terminal = look_around()
    look = choose(terminal, saved=recall(terminal.term))
    face = decode(min((resource("data") / "sample").glob("*.jpg")))
    for line in card(face, look, terminal, shutil.get_terminal_size().columns):
        print(line)


COMMANDS: dict[str, Callable[..., None]] = {"open": open_bench, "doctor": doctor}
