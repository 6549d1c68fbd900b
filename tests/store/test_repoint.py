"""Pictures that were moved: the bench is told, comments stay, and a wrong folder is refused."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import MakeBench, write_pictures
from workbench.annotation.store import LabelStore
from workbench.bench import BENCH_FILE, Bench
from workbench.errors import BenchError, ConfigError, InputError
from workbench.images.catalog import Catalog
from workbench.repoint import repoint


@pytest.fixture
def labelled(make_bench: MakeBench) -> Bench:
    """Four pictures, two of them labelled."""
    bench = make_bench(4)
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan()
        pictures = catalog.pictures()
    with LabelStore(bench.labels_db, bench.schema, annotator="ana") as store:
        for picture in pictures[:2]:
            store.record(picture.fingerprint, "glasses", "none", name=picture.name)
    return bench


def labelled_names(bench: Bench) -> list[str]:
    """The pictures that have labels when the bench is opened and looked through."""
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan()
        with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
            return [one.name for one in catalog.pictures() if store.labels(one.fingerprint).answers]


def test_a_bench_copied_elsewhere_with_moved_pictures_goes_on(labelled: Bench, tmp_path: Path) -> None:
    copy = tmp_path / "other machine" / "bench"
    shutil.copytree(labelled.root, copy)
    shutil.rmtree(labelled.root)
    assert labelled_names(Bench.open(copy)) == ["0000.jpg", "0001.jpg"], "the pictures are still there"
    moved = tmp_path / "other machine" / "faces"
    shutil.move(labelled.images_root, moved)
    with pytest.raises(InputError, match=r"no such folder of pictures; .*workbench repoint"):
        labelled_names(Bench.open(copy))
    report = repoint(Bench.open(copy), moved)
    assert (report.pictures, report.labelled, report.found) == (4, 2, 2)
    assert labelled_names(Bench.open(copy)) == ["0000.jpg", "0001.jpg"]
    with LabelStore(copy / "labels.db", labelled.schema, annotator="ana") as store:
        assert store.undo() is not None, "and one can go back to before the move"


def test_renamed_pictures_in_other_folders_are_known_by_their_content(
    labelled: Bench, tmp_path: Path
) -> None:
    moved = tmp_path / "faces" / "2026"
    moved.mkdir(parents=True)
    for index, path in enumerate(sorted(labelled.images_root.iterdir())[:2]):
        path.rename(moved / f"face {index}.jpg")
    report = repoint(labelled, tmp_path / "faces")
    assert (report.pictures, report.found) == (2, 2)
    assert labelled_names(Bench.open(labelled.root)) == ["2026/face 0.jpg", "2026/face 1.jpg"]


def test_only_the_one_line_changes_and_it_can_be_taken_back(labelled: Bench, tmp_path: Path) -> None:
    file = labelled.root / BENCH_FILE
    before = (
        file.read_text()
        .replace('images = "', '# images = "not this one"\r\nimages =   "', 1)
        .replace("\nschema", "  # on the big disk\nschema", 1)
    )
    file.write_text(before + "dataset.size = 64\n", newline="")
    as_it_was = file.read_bytes()
    shutil.copytree(labelled.images_root, tmp_path / 'a "b"')
    repoint(Bench.open(labelled.root), tmp_path / 'a "b"')
    bench = Bench.open(labelled.root)
    assert bench.images_root == tmp_path / 'a "b"'
    lines, new = as_it_was.decode().splitlines(), file.read_text().splitlines()
    assert [one for one, other in zip(lines, new, strict=True) if one != other] == [lines[3]]
    assert new[3].endswith('"  # on the big disk')
    repoint(bench, labelled.images_root)
    assert file.read_bytes() == as_it_was


def test_pictures_inside_the_bench_are_named_relatively(labelled: Bench) -> None:
    shutil.move(labelled.images_root, labelled.root / "pictures")
    repoint(labelled, labelled.root / "pictures")
    assert 'images = "pictures"' in (labelled.root / BENCH_FILE).read_text()


def test_a_folder_with_other_pictures_is_refused_unless_forced(labelled: Bench, tmp_path: Path) -> None:
    write_pictures(tmp_path / "others", 3, start=50)
    before = (labelled.root / BENCH_FILE).read_bytes()
    with pytest.raises(InputError, match="none of the 2 labelled pictures is among the 3 in this folder"):
        repoint(labelled, tmp_path / "others")
    assert (labelled.root / BENCH_FILE).read_bytes() == before
    assert [one.name for one in labelled.cache_dir.iterdir()] == ["catalog.db"]
    assert repoint(labelled, tmp_path / "others", force=True).found == 0
    assert labelled_names(Bench.open(labelled.root)) == []


def test_what_was_read_is_not_read_again(labelled: Bench, tmp_path: Path) -> None:
    shutil.copytree(labelled.images_root, tmp_path / "copy")
    repoint(labelled, tmp_path / "copy")
    with closing(Catalog(tmp_path / "copy", labelled.catalog_db)) as catalog:
        report = catalog.scan()
    assert (report.new, report.unchanged) == (0, 4)


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_wrong_folder_changes_nothing(labelled: Bench, tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    before = (labelled.root / BENCH_FILE).read_bytes()
    with pytest.raises(InputError, match=r"no such folder|no pictures in this folder"):
        repoint(labelled, tmp_path / folder)
    assert (labelled.root / BENCH_FILE).read_bytes() == before


def test_a_line_that_cannot_be_replaced_is_shown(labelled: Bench) -> None:
    file = labelled.root / BENCH_FILE
    file.write_text(file.read_text().replace(f'"{labelled.images_root}"', f'"""\n{labelled.images_root}"""'))
    bench = Bench.open(labelled.root)
    with pytest.raises(ConfigError, match=r"bench\.toml:3: .*write it by hand: images = "):
        repoint(bench, bench.images_root)


def test_a_bench_without_labels_yet_takes_any_folder(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    write_pictures(tmp_path / "others", 3, start=50)
    report = repoint(bench, tmp_path / "others")
    assert (report.labelled, report.found, report.pictures) == (0, 0, 3)
    assert not bench.labels_db.exists()


def test_a_read_only_bench_is_refused(labelled: Bench) -> None:
    closed = Bench(labelled.root, labelled.images_root, labelled.schema, {}, writable=False)
    with pytest.raises(BenchError, match="the bench is read-only"):
        repoint(closed, labelled.images_root)
