"""The command that writes a trained network for other programs: export-model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from workbench.cli.opening import BENCH, JSON
from workbench.cli.output import Progress, hint, print_json, print_table, say
from workbench.errors import Cancelled, RunError

_ALL = "keras,savedmodel,onnx,tflite,int8"


def export_model(
    bench: Path = BENCH,
    run: str = typer.Argument("", help="The run's name or number; the newest finished one where not given."),
    output: Path = typer.Option(..., "--output", "-o", help="A new folder for the files."),
    formats: str = typer.Option(_ALL, "--format", help="Which ones, with commas between."),
    pictures: int = typer.Option(
        0, "--pictures", min=0, help="Compare on so many test pictures; 0 = all of them."
    ),
    as_json: bool = JSON,
) -> None:
    """Write a run's network as Keras, SavedModel, ONNX and TFLite, each compared, and a model card."""
    from workbench.bench import Bench
    from workbench.exports.formats import named_formats
    from workbench.training.run import find_run

    wanted = named_formats(formats)
    found = find_run(Bench.open(bench).runs_dir, run, finished=not run)
    result = _export(found, output, wanted, pictures)
    if as_json:
        print_json(result.to_dict())
    else:
        _show(result)
    if result.failed:
        said = "; ".join(f"{one.format.name}: {one.reason}" for one in result.failed)
        raise RunError(
            f"{len(result.failed)} of {len(result.checks)} formats are not good: {said}", where=output
        )


def _export(run: Any, output: Path, formats: Any, pictures: int) -> Any:
    """The work, which ctrl+c ends without a trace."""
    from workbench.exports.export import export_run

    try:
        with Progress("pictures asked") as bar:
            return export_run(run, output, formats, pictures=pictures, progress=bar.update)
    except KeyboardInterrupt:
        raise Cancelled("interrupted", cure="nothing was written") from None


def _show(result: Any) -> None:
    """One row a format."""
    header = ["format", "file", "MB", "pictures/s", "largest difference", "equal answers", "check"]
    rows = [
        [
            one.format.name,
            one.file or "–",
            round(one.size / 1e6, 2),
            round(one.pictures_per_second),
            "–" if one.largest is None else f"{one.largest:.2g}",
            "–" if one.equal_share is None else f"{one.equal_share:.1%}",
            "failed" if one.reason else "passed",
        ]
        for one in result.checks
    ]
    print_table(header, rows)
    say(
        f"asked {result.pictures} pictures of the {result.split} split; the run's own network answers "
        f"{result.pictures_per_second:.0f} a second"
    )
    hint(f"read {result.folder / 'model_card.md'} before you hand them on")


COMMANDS: dict[str, Callable[..., None]] = {"export-model": export_model}
