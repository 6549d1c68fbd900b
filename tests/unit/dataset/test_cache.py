"""The pixel cache: what it keeps, what it notices, and that neither a kill nor a neighbour damages it."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.unit.dataset.conftest import MakeTable
from workbench.config import DatasetSettings
from workbench.dataset.cache import PixelCache
from workbench.dataset.rows import RowFile
from workbench.errors import Cancelled, InputError, WorkbenchError
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess

SMALL = DatasetSettings(size=32)


def forget_pictures(table_paths: tuple[str, ...]) -> None:
    """Take the pictures away, so that pixels can only come from the cache."""
    for path in table_paths:
        Path(path).unlink()


def test_pixels_are_those_of_decoding_and_resizing(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(5)
    cache = PixelCache(tmp_path / "cache", SMALL)
    assert cache.ensure(table) == ()
    images = cache.read(table.fingerprints[::-1])
    assert images.shape == (5, 32, 32, 3)
    assert images.dtype == np.uint8
    for image, path in zip(images, table.paths[::-1], strict=True):
        assert np.array_equal(image, preprocess(decode(Path(path)), 32, 0))


def test_the_cache_survives_the_process_and_the_pictures(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(4)
    first = PixelCache(tmp_path / "cache", SMALL)
    first.ensure(table)
    before = first.read(table.fingerprints)
    first.close()
    forget_pictures(table.paths)
    second = PixelCache(tmp_path / "cache", SMALL)
    assert second.ensure(table) == ()
    assert np.array_equal(second.read(table.fingerprints), before)


@pytest.mark.parametrize("other", [{"size": 33}, {"blur_sigma": 1.5}])
def test_other_pixels_are_another_file(
    tmp_path: Path, picture_table: MakeTable, other: dict[str, float]
) -> None:
    table = picture_table(2)
    usual = PixelCache(tmp_path / "cache", SMALL)
    usual.ensure(table)
    changed = PixelCache(tmp_path / "cache", SMALL.model_copy(update=other))
    assert changed.path != usual.path
    assert table.fingerprints[0] not in changed
    changed.ensure(table)
    assert changed.read(table.fingerprints).tobytes() != usual.read(table.fingerprints).tobytes()


def test_a_renamed_picture_is_not_decoded_again(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(3)
    cache = PixelCache(tmp_path / "cache", SMALL)
    cache.ensure(table)
    assert cache.path is not None
    size = cache.path.stat().st_size
    cache.ensure(table.select(np.array([2, 1])))
    assert cache.path.stat().st_size == size


def test_broken_and_vanished_pictures_are_set_aside_by_name(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(4)
    Path(table.paths[1]).unlink()
    Path(table.paths[2]).write_bytes(b"\xff\xd8 no longer a picture")
    cache = PixelCache(tmp_path / "cache", SMALL)
    aside = cache.ensure(table)
    assert [(one.name, one.reason) for one in aside] == [
        ("0001.jpg", "the file is no longer there"),
        ("0002.jpg", "the file has changed since it was labelled"),
    ]
    rest = table.without({one.fingerprint for one in aside})
    assert cache.read(rest.fingerprints).shape[0] == 2


def test_a_picture_that_was_swapped_is_not_taken_for_the_labelled_one(
    tmp_path: Path, picture_table: MakeTable
) -> None:
    table = picture_table(2)
    shutil.copy(table.paths[0], table.paths[1])
    aside = PixelCache(tmp_path / "cache", SMALL).ensure(table)
    assert [one.name for one in aside] == ["0001.jpg"]


def test_no_picture_at_all_is_an_error(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(2)
    forget_pictures(table.paths)
    with pytest.raises(InputError, match="none of the 2 labelled pictures can be read"):
        PixelCache(tmp_path / "cache", SMALL).ensure(table)


def test_progress_counts_every_picture(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(3)
    told: list[tuple[int, int]] = []
    cache = PixelCache(tmp_path / "cache", SMALL)
    cache.ensure(table.select(np.array([0])))
    cache.ensure(table, lambda done, total: told.append((done, total)))
    assert told == [(2, 3), (3, 3)]


def test_an_interruption_keeps_what_was_decoded(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(8)
    cache = PixelCache(tmp_path / "cache", SMALL)
    told: list[int] = []
    with pytest.raises(Cancelled):
        cache.ensure(table, lambda done, _: told.append(done), lambda: len(told) >= 3, workers=1)
    kept = [one for one in table.fingerprints if one in PixelCache(tmp_path / "cache", SMALL)]
    assert len(kept) >= 3
    assert cache.ensure(table) == ()


@pytest.mark.parametrize("lost", [1, 23, 24, 40])
def test_a_torn_index_loses_only_its_tail(tmp_path: Path, picture_table: MakeTable, lost: int) -> None:
    table = picture_table(4)
    cache = PixelCache(tmp_path / "cache", SMALL)
    cache.ensure(table)
    whole = cache.read(table.fingerprints)
    cache.close()
    index = next((tmp_path / "cache").glob("*.idx"))
    os.truncate(index, index.stat().st_size - lost)
    again = PixelCache(tmp_path / "cache", SMALL)
    kept = sum(one in again for one in table.fingerprints)
    assert kept == 4 - -(-lost // 24)
    again.ensure(table)
    assert np.array_equal(again.read(table.fingerprints), whole)


@pytest.mark.parametrize("lost", [1, 3072, 5000])
def test_torn_pixels_are_noticed(tmp_path: Path, picture_table: MakeTable, lost: int) -> None:
    table = picture_table(4)
    cache = PixelCache(tmp_path / "cache", SMALL)
    cache.ensure(table)
    whole = cache.read(table.fingerprints)
    assert cache.path is not None
    os.truncate(cache.path, cache.path.stat().st_size - lost)
    again = PixelCache(tmp_path / "cache", SMALL)
    assert sum(one in again for one in table.fingerprints) == 4 - -(-lost // 3072)
    again.ensure(table)
    assert np.array_equal(again.read(table.fingerprints), whole)


def test_pixels_written_before_a_kill_but_not_indexed_do_no_harm(
    tmp_path: Path, picture_table: MakeTable
) -> None:
    table = picture_table(3)
    cache = PixelCache(tmp_path / "cache", SMALL)
    cache.ensure(table.select(np.array([0])))
    assert cache.path is not None
    with cache.path.open("ab") as file:
        file.write(b"torn" * 500)
    cache.ensure(table)
    assert np.array_equal(cache.read(table.fingerprints[2:])[0], preprocess(decode(Path(table.paths[2])), 32))


@pytest.mark.parametrize("suffix", ["idx", "bin"])
def test_a_lost_half_of_the_cache_is_made_anew(tmp_path: Path, picture_table: MakeTable, suffix: str) -> None:
    table = picture_table(3)
    PixelCache(tmp_path / "cache", SMALL).ensure(table)
    next((tmp_path / "cache").glob(f"*.{suffix}")).unlink()
    again = PixelCache(tmp_path / "cache", SMALL)
    again.ensure(table)
    assert np.array_equal(again.read(table.fingerprints)[1], preprocess(decode(Path(table.paths[1])), 32))


def test_pixels_damaged_from_outside_are_never_trained_on(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(2)
    cache = PixelCache(tmp_path / "cache", SMALL)
    cache.ensure(table)
    assert cache.path is not None
    with cache.path.open("r+b") as file:
        file.write(b"\0" * 64)
    with pytest.raises(WorkbenchError, match="delete this file; it is made anew"):
        cache.read(table.fingerprints)


def test_two_writers_do_not_lose_each_others_pictures(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(6)
    one, two = PixelCache(tmp_path / "cache", SMALL), PixelCache(tmp_path / "cache", SMALL)
    one.ensure(table.select(np.arange(4)))
    two.ensure(table.select(np.arange(2, 6)))
    one.ensure(table)
    third = PixelCache(tmp_path / "cache", SMALL)
    assert third.path is not None
    assert third.path.stat().st_size == 6 * 32 * 32 * 3, "no picture is kept twice"
    for cache in (one, third):
        assert np.array_equal(cache.read(table.fingerprints), two.read(table.fingerprints))


def test_without_a_cache_pictures_are_decoded_for_every_batch(
    tmp_path: Path, picture_table: MakeTable
) -> None:
    table = picture_table(3)
    cache = PixelCache(tmp_path / "cache", DatasetSettings(size=32, cache=False))
    assert cache.ensure(table) == ()
    assert not (tmp_path / "cache").exists()
    assert np.array_equal(cache.read(table.fingerprints[:1])[0], preprocess(decode(Path(table.paths[0])), 32))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line(tmp_path: Path, picture_table: MakeTable) -> None:
    table = picture_table(2)
    cache = PixelCache(tmp_path / "cache", SMALL)
    assert cache._file is not None
    os.dup2(os.open("/dev/full", os.O_RDWR), cache._file._data)
    with pytest.raises(WorkbenchError, match="the disk is full; free some space"):
        cache.ensure(table)


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(WorkbenchError, match="cache"):
        PixelCache(tmp_path / "cache", SMALL)


def test_rows_are_read_into_flat_memory(tmp_path: Path) -> None:
    """Ten times the rows, and no more memory than one batch."""
    import tracemalloc

    rows = RowFile(tmp_path / "pixels", 64)
    names = [f"{number:032x}" for number in range(1000)]
    pixels = np.random.default_rng(0).integers(0, 255, (100, 64, 64, 3), dtype=np.uint8)
    for start in range(0, 1000, 100):
        rows.append(names[start : start + 100], pixels)
    batch = np.empty((32, 64, 64, 3), dtype=np.uint8)
    tracemalloc.start()
    for start in range(0, 960, 32):
        for at in range(32):
            rows.read_into(names[start + at], batch[at])
    assert tracemalloc.get_traced_memory()[1] < 200_000
    tracemalloc.stop()
