"""The command that writes a run as one file for people: report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import typer

from workbench.cli.opening import BENCH, JSON
from workbench.cli.output import Progress, hint, print_json, say

_MOST = 500


def report(
    bench: Path = BENCH,
    run: str = typer.Argument("", help="The run's name or number; the newest where not given."),
    output: Path = typer.Option(..., "--output", "-o", help="The HTML file to write."),
    pictures: int = typer.Option(
        0,
        "--pictures",
        min=0,
        max=_MOST,
        help="Put so many pictures in: those of the test split about which the network is most surely wrong. "
        "None where not given, because faces are personal data: whoever gets the file gets the faces.",
    ),
    at_random: bool = typer.Option(
        False, "--random", help="Of --pictures: any pictures of the test split, not the worst mistakes."
    ),
    overwrite: bool = typer.Option(False, "--overwrite", "--force", help="Replace the file if it is there."),
    as_json: bool = JSON,
) -> None:
    """Write a run, live or ended, as one HTML file: curves, tables, settings; it fetches and runs nothing."""
    from workbench.bench import Bench
    from workbench.errors import InputError
    from workbench.report.gallery import choose_pictures
    from workbench.report.material import read_material
    from workbench.report.write import check_place, write_report
    from workbench.training.run import find_run

    if at_random and not pictures:
        raise InputError("--random is one of --pictures N", cure="give both, or neither")
    check_place(output, overwrite=overwrite)
    found = find_run(Bench.open(bench).runs_dir, run)
    with Progress("percent of the log") as bar:
        material = read_material(found, bar.update)
    if pictures:
        with Progress("pictures asked") as bar:
            gallery = choose_pictures(found, pictures, at_random=at_random, progress=bar.update)
        material = replace(material, gallery=gallery)
    done = write_report(material, output, overwrite=overwrite)
    if as_json:
        print_json(done.to_dict())
        return
    say(f"{output}: run {found.name}, {material.snapshot.state}; {done.bytes / 1e3:,.0f} kB")
    if material.evaluation is None:
        hint(f"without an evaluation: {material.unevaluated}")


COMMANDS: dict[str, Callable[..., None]] = {"report": report}
