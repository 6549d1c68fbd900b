"""Commands about the program itself: open, doctor."""

import getpass
from collections.abc import Callable
from pathlib import Path

import typer

from workbench.cli.labels import JSON
from workbench.cli.output import print_json, say
from workbench.errors import WorkbenchError

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
    run_workbench(opened, annotator=annotator or _login(), is_sample=is_sample, blind=blind)


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
    as_json: bool = JSON,
) -> None:
    """Check what the machine has and lacks; each problem comes with the line that cures it."""
    from workbench.doctor import examine
    from workbench.doctor import fix as mend

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


COMMANDS: dict[str, Callable[..., None]] = {"open": open_bench, "doctor": doctor}
