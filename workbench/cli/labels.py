"""Commands from a folder of pictures to labels in a file: init, sample, import, export, stats, preview."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import typer

from workbench.cli import transfer
from workbench.cli.opening import BENCH as BENCH
from workbench.cli.opening import JSON as JSON
from workbench.cli.opening import with_bench
from workbench.cli.output import Progress, hint, print_json, print_table, say
from workbench.errors import Cancelled, InputError


def init(
    bench: Path = typer.Argument(help="The folder to make."),
    images: Path = typer.Option(
        ..., "--images", help="The folder of the pictures; nested ones are found too."
    ),
    schema: str = typer.Option(
        "face",
        "--config",
        "--schema",
        help="The heads to label: a schema's name or the path of its TOML file.",
    ),
    as_json: bool = JSON,
) -> None:
    """Make a bench from a folder of pictures."""
    from workbench.bench import BENCH_FILE, Bench

    made = Bench.create(bench, images=images, schema=schema)
    try:
        report = _scan(made)
    except BaseException as error:
        if isinstance(error, InputError):  # no usable picture: leave nothing behind
            shutil.rmtree(made.cache_dir, ignore_errors=True)
            (made.root / BENCH_FILE).unlink(missing_ok=True)
        if isinstance(error, KeyboardInterrupt):
            raise Cancelled(_how_far(made), cure=f"go on with: workbench {bench}") from error
        raise
    if as_json:
        print_json({"bench": str(made.root), **report})
        return
    say(f"{report['pictures']} pictures in {made.root}, {report['duplicates']} of them duplicates")
    for name, reason in report["set_aside"].items():
        say(f"set aside: {name}: {reason}")
    say(f"next: workbench {bench}")


def _scan(bench: Any) -> dict[str, Any]:
    """Find the pictures, with progress."""
    from workbench.images.catalog import Catalog

    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog, Progress("pictures") as bar:
        report = catalog.scan(lambda at: bar.update(at.done, at.found))
        return {
            "pictures": catalog.count(),
            "duplicates": report.duplicates,
            "set_aside": {one.name: one.reason for one in catalog.set_aside()},
            "seconds": round(report.seconds, 3),
        }


def _how_far(bench: Any) -> str:
    """What an interrupted search for pictures has left."""
    from workbench.images.catalog import Catalog

    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        return f"interrupted; {catalog.count()} pictures are found and kept, the bench is ready"


def sample(
    folder: Path = typer.Argument(help="A new or empty folder."),
    count: int = typer.Option(600, "--count", min=1, max=1_000_000, help="How many faces."),
    seed: int = typer.Option(0, "--seed", min=0, help="The same seed draws the same faces."),
    balance: Literal["even", "reference"] = typer.Option(
        "even", "--balance", help="All classes alike, or the reference system's imbalance."
    ),
    as_json: bool = JSON,
) -> None:
    """Draw faces with known labels, and write them with labels.csv into a folder."""
    import time

    from workbench.images.sample import write_sample

    started = time.perf_counter()
    with Progress("faces") as bar:
        written = write_sample(folder, count=count, seed=seed, balance=balance, progress=bar.update)
    seconds = time.perf_counter() - started
    if as_json:
        print_json({"folder": str(folder), "faces": written, "seconds": round(seconds, 3)})
        return
    say(f"{written} faces and labels.csv in {folder}, {written / seconds:.0f} a second")
    say(f"next: workbench init BENCH --images {folder}")


def stats(bench: Path = BENCH, as_json: bool = JSON) -> None:
    """Show how the labels are distributed, head by head, with the imbalance in figures."""
    from workbench.dataset.distribution import distribution

    def work(opened: Any, catalog: Any, store: Any) -> None:
        found = distribution(
            opened.schema, store.all_labels(), [one.fingerprint for one in catalog.pictures()]
        )
        if as_json:
            print_json(found.to_dict())
            return
        excluded = f"{found.excluded} {opened.schema.exclusion.title}"
        say(f"{found.pictures} pictures, {found.complete} complete, {excluded}")
        for head in found.heads:
            say()
            majority = (
                f"{head.majority_share:.0%} {head.majority_class}" if head.majority_class else "no label yet"
            )
            say(f"{head.head}: majority {majority}, {head.effective_classes:.1f} effective classes")
            rows = [[f"  {name}", count, _share(count, head.counts)] for name, count in head.counts.items()]
            rows += [["  cannot tell", head.cannot_tell, ""], ["  not labelled", head.unlabelled, ""]]
            print_table(["  class", "pictures", "share"], rows)

    with_bench(bench, work)


def _share(count: int, counts: Mapping[str, int]) -> str:
    """A count as per cent of its head's labels."""
    total = sum(counts.values())
    return f"{count / total:4.0%}" if total else "–"


def preview(
    bench: Path = BENCH,
    picture: str = typer.Argument("", help="A picture's name in the bench; the first one where not given."),
    kind: Literal["blur", "augment"] = typer.Option("augment", "--kind", help="What to show."),
    output: Path = typer.Option(..., "--output", "-o", help="The PNG file to write."),
    config: str = typer.Option("", "--config", help="A preset's name or path, for the strengths."),
    settings: list[str] = typer.Option([], "--set", help="key=value over the preset; repeatable."),
    count: int = typer.Option(12, "--count", min=1, max=400, help="How many augmentations."),
    seed: int = typer.Option(0, "--seed", min=0, help="Another seed draws others."),
    as_json: bool = JSON,
) -> None:
    """Write a PNG sheet: a picture before and after the blur, or a gallery of its augmentations."""
    from workbench.images.sheet import preview_sheet, write_png

    def work(opened: Any, catalog: Any, _store: Any) -> None:
        pictures = catalog.pictures()
        chosen = next((one for one in pictures if not picture or one.name == picture), None)
        if chosen is None:
            raise InputError(
                "no such picture in the bench", where=picture, cure="names are relative to its pictures"
            )
        resolved = opened.settings(config or None, settings)
        sheet = preview_sheet(catalog.path(chosen), resolved, kind=kind, count=count, seed=seed)
        write_png(output, sheet)
        if as_json:
            print_json(
                {
                    "file": str(output),
                    "picture": chosen.name,
                    "height": sheet.shape[0],
                    "width": sheet.shape[1],
                }
            )
        else:
            say(f"{kind} of {chosen.name} in {output}, {sheet.shape[1]}×{sheet.shape[0]} pixels")
        if kind == "augment" and not resolved.augment.active:
            hint("no augmentation is switched on; try --config fast")

    with_bench(bench, work)


COMMANDS: dict[str, Callable[..., None]] = {
    "init": init,
    "sample": sample,
    "import": transfer.import_labels,
    "export": transfer.export,
    "stats": stats,
    "preview": preview,
}
