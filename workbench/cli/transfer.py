"""Commands for labels from files and into files: import, export."""

from functools import partial
from pathlib import Path
from typing import Any

import typer

from workbench.cli.opening import BENCH, JSON, with_bench
from workbench.cli.output import print_json, say
from workbench.errors import ImportRefused, InputError

READ_FORMATS = ("csv", "jsonl", "label-studio", "imagefolder", "fiftyone", "cvat", "makesense")
"""As in `annotation.formats`, which takes too long to import for a line of help."""
WRITTEN_FORMATS = ("csv", "jsonl", "label-studio", "imagefolder", "fiftyone")


def import_labels(
    bench: Path = BENCH,
    file: Path | None = typer.Argument(None, help="The file of labels, or the folder of such files."),
    file_format: str = typer.Option(
        "", "--format", help=f"One of {', '.join(READ_FORMATS)}; found out where not given."
    ),
    mapping: list[str] = typer.Option(
        [], "--map", help="tag=head.class, for tags that name no class or several; repeatable."
    ),
    apply: bool = typer.Option(
        False, "--apply", help="Write the accepted rows; without it nothing is written."
    ),
    overwrite: bool = typer.Option(False, "--overwrite", help="Also where an answer is there already."),
    refused: Path | None = typer.Option(None, "--refused", help="Write the refused rows to this CSV file."),
    undo: bool = typer.Option(False, "--undo", help="Take back the last import, as one step; needs no file."),
    as_json: bool = JSON,
) -> None:
    """Check a file of labels row by row; with --apply, take over the good rows."""
    from workbench.annotation.transfer import apply_import, parse_mapping, plan_import

    if undo == (file is not None):
        what = "--undo takes no file" if undo else "no file of labels is named"
        raise InputError(what, where="import", cure="name a file, or take the last import back with --undo")

    def work(opened: Any, catalog: Any, store: Any) -> None:
        assert file is not None
        plan = plan_import(
            file,
            opened.schema,
            catalog.pictures(),
            store,
            format=file_format or None,
            mapping=parse_mapping(mapping, opened.schema),
        )
        written = apply_import(plan, store, overwrite=overwrite) if apply and plan.accepted else 0
        if refused is not None:
            plan.write_refused(refused)
        if as_json:
            print_json({**plan.to_dict(), "applied": apply, "written": written})
        else:
            print(plan.as_text())
            say(
                f"{written} answers written; workbench import {bench} --undo takes them back"
                if written
                else "nothing written"
                if apply
                else "nothing written yet; --apply takes over the accepted rows"
            )
        if plan.refused and not (apply and plan.accepted):
            first = plan.refused[0]
            raise ImportRefused(
                f"{len(plan.refused)} of {plan.rows} rows refused; row {first.row}: {first.reason}",
                where=file,
                cure=first.cure,
            )

    with_bench(bench, partial(_take_back, as_json=as_json) if undo else work, write=True, rescan=not undo)


def _take_back(opened: Any, _catalog: Any, store: Any, *, as_json: bool) -> None:
    """Take back the last import and say so."""
    taken = store.withdraw_import()
    if taken is None:
        raise InputError("no import is there that could be taken back", where=opened.root)
    if as_json:
        people = list(taken.annotators)
        print_json(
            {
                "taken_back": taken.answers,
                "pictures": taken.pictures,
                "imported_at": taken.at.isoformat(),
                "annotators": people,
            }
        )
        return
    when = taken.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    say(f"taken back: the import of {when}, {taken.answers} answers of {taken.pictures} pictures")
    say("answers that were given since stay; import the file again to have it back")


def export(
    bench: Path = BENCH,
    file: Path = typer.Argument(help="The file, or the folder, to write."),
    file_format: str = typer.Option(
        "", "--format", help=f"One of {', '.join(WRITTEN_FORMATS)}; by the file's name where not given."
    ),
    names: bool = typer.Option(False, "--names", help="Class names instead of integer codes; for csv."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the file if it is there."),
    rule: str = typer.Option(
        "latest", "--merge", help="Where annotators differ: latest, majority or adjudicated."
    ),
    adjudicator: str = typer.Option("", "--adjudicator", help="Whose answers decide; for adjudicated."),
    as_json: bool = JSON,
) -> None:
    """Write every label to a file."""
    from workbench.annotation.merge import merge
    from workbench.annotation.transfer import export as write

    def work(opened: Any, catalog: Any, store: Any) -> None:
        merged = merge(store, rule, adjudicator)
        done = write(
            file,
            opened.schema,
            catalog.pictures(),
            store,
            format=file_format,
            class_names=names,
            overwrite=overwrite,
            labels=merged.labels,
            merge=merged.rule,
            images=opened.images_root,
        )
        notes = [*done.notes, *merged.notes()]
        about = {"file": str(done.path), "format": done.format, "rows": done.rows}
        if as_json:
            print_json({**about, **merged.to_dict(store.names()), "notes": notes})
            return
        say(f"{done.rows} rows in {done.path}")
        for line in notes:
            say(line)

    with_bench(bench, work)
