"""Other tools' files on the command line: a dry run first, written when told, taken back in one step."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.cli.test_labels_commands import one_line
from tests.conftest import MakeBench
from workbench.annotation.formats import FORMATS, WRITTEN
from workbench.bench import Bench
from workbench.cli.transfer import READ_FORMATS, WRITTEN_FORMATS


def tasks(path: Path, *names: str) -> Path:
    """Label Studio's JSON: a blond person on every picture, and a skipped task."""
    result = [{"from_name": "hair_colour", "type": "choices", "value": {"choices": ["blond"]}}]
    document = [{"data": {"image": name}, "annotations": [{"result": result}]} for name in names]
    document.append({"data": {"image": "0000.jpg"}, "annotations": [{"was_cancelled": True}]})
    path.write_text(json.dumps(document))
    return path


def export(workbench: Workbench, bench: Bench, path: Path, *options: object) -> dict[str, object]:
    """What an export says of itself."""
    done = workbench("export", bench.root, path, "--json", *options)
    assert done.code == 0, done.err
    found: dict[str, object] = json.loads(done.out)
    return found


def test_the_help_names_the_formats_that_there_are(workbench: Workbench) -> None:
    assert tuple(FORMATS) == READ_FORMATS
    assert WRITTEN == WRITTEN_FORMATS
    for command, names in (("import", READ_FORMATS), ("export", WRITTEN_FORMATS)):
        words = " ".join(workbench(command, "--help").out.split())
        assert f"One of {', '.join(names)};" in words


def test_a_dry_run_then_the_import_then_taken_back(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(3)
    file = tasks(tmp_path / "project.json", "/data/upload/1a2b3c4d-0001.jpg", "0002.jpg", "no.jpg")
    refused = tmp_path / "refused.csv"
    dry = workbench("import", bench.root, file, "--refused", refused)
    assert dry.code == 2
    assert "label-studio, 4 rows" in dry.out
    assert "skipped in Label Studio" in dry.out
    assert "nothing written yet" in dry.out
    assert len(refused.read_text().splitlines()) == 3
    assert "2 of 4 rows refused" in one_line(dry.err)
    done = workbench("import", bench.root, file, "--apply")
    assert (done.code, "2 answers written; workbench import" in done.out) == (0, True)
    assert "takes them back" in done.out
    stats = json.loads(workbench("stats", bench.root, "--json").out)
    taken = workbench("import", bench.root, "--undo")
    assert taken.code == 0, taken.err
    assert "2 answers of 2 pictures" in taken.out
    after = json.loads(workbench("stats", bench.root, "--json").out)
    assert stats != after
    again = workbench("import", bench.root, "--undo")
    assert (again.code, "no import is there that could be taken back" in one_line(again.err)) == (2, True)


def test_a_persons_answers_need_overwrite_and_come_back(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    from workbench.annotation.store import LabelStore
    from workbench.images.catalog import Catalog

    bench = make_bench(1)
    catalog = Catalog(bench.images_root, bench.catalog_db)
    catalog.scan()
    (only,) = catalog.pictures()
    catalog.close()
    with LabelStore(bench.labels_db, bench.schema, annotator="ana") as store:
        store.record(only.fingerprint, "hair_colour", "red", name=only.name)
    file = tmp_path / "labels.jsonl"
    file.write_text('{"file_name": "0000.jpg", "answers": {"hair_colour": "blond"}}\n')
    for options in ((), ("--apply",)):
        done = workbench("import", bench.root, file, *options)
        assert done.code == (2 if options else 0)
        assert "1 answers that a person gave" in done.out + done.err
    assert workbench("import", bench.root, file, "--apply", "--overwrite").code == 0
    taken = json.loads(workbench("import", bench.root, "--undo", "--json").out)
    assert (taken["taken_back"], taken["pictures"]) == (1, 1)
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        assert store.labels(only.fingerprint).answers == {"hair_colour": "red"}


@pytest.mark.parametrize("arguments", [[], ["x.csv", "--undo"]])
def test_a_file_or_undo_and_not_both(
    workbench: Workbench, make_bench: MakeBench, arguments: list[str]
) -> None:
    done = workbench("import", make_bench(1).root, *arguments)
    assert done.code == 2
    assert "take the last import back with --undo" in one_line(done.err)


@pytest.mark.parametrize("form", WRITTEN_FORMATS)
def test_every_format_goes_out_and_comes_into_another_bench(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path, form: str
) -> None:
    one, other = make_bench(3), make_bench(3, name="other")
    rows = ["0000.jpg,0,1,0,3,2,0", "0001.jpg,-1,,1,8,3,0", "0002.jpg,,,,,,1"]
    file = tmp_path / "in.csv"
    header = "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human"
    file.write_text("\n".join([header, *rows]) + "\n")
    assert workbench("import", one.root, file, "--apply").code == 0
    out = tmp_path / ("metadata.csv" if form == "imagefolder" else "out")
    said = export(workbench, one, out, "--format", form)
    assert (said["format"], said["rows"], said["merge"]) == (form, 3, "latest")
    if form in ("imagefolder", "label-studio"):
        assert str(one.images_root) in str(said["notes"]), "it says where the pictures are looked for"
    done = workbench("import", other.root, out, "--apply", "--json", "--format", form)
    assert done.code == 0, done.err
    export(workbench, one, tmp_path / "one.csv")
    export(workbench, other, tmp_path / "other.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()


def test_a_place_that_does_not_fit_is_one_line(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(1)
    for options, line in {
        ("labels.csv", "--format", "imagefolder"): "datasets looks for metadata.csv",
        ("labels.xml", "--format", "cvat"): "CVAT for images is only read; to be written: csv",
        ("labels.csv", "--format", "cvs"): "did you mean 'csv'?",
        (".",): "it is a folder",
    }.items():
        name, *rest = options
        done = workbench("export", bench.root, tmp_path / name, *rest)
        assert done.code == 2
        assert line in one_line(done.err)
