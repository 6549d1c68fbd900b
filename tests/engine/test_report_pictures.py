"""Pictures in a report: the surest mistakes of a real network, in small copies; a lost one is a line."""

import base64
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Workbench, workbench
from tests.engine.conftest import MakeRun
from workbench.dataset.table import Table
from workbench.errors import RunError
from workbench.report.gallery import choose_pictures, jpeg
from workbench.training.run import RunFolder

__all__ = ["workbench"]


def table_of(run: RunFolder) -> Table:
    """The run's frozen table."""
    return Table.load(run.data, run.schema())


def test_the_surest_mistakes_come_first_with_what_is_true(make_run: MakeRun) -> None:
    run, told = make_run(60), list[tuple[int, int]]()
    table = table_of(run)
    rows = table.rows("test")
    found = choose_pictures(run, 4, progress=lambda *at: told.append(at))
    assert (found.split, found.asked, len(found.shown)) == ("test", len(rows), 4)
    assert told[-1] == (len(rows), len(rows))
    worst = [one.worst for one in found.shown]
    assert worst == sorted(worst, reverse=True)
    assert worst[-1] > 0
    every = choose_pictures(run, 500)
    assert len(every.shown) == every.mistakes >= 4
    assert every.shown[:4] == found.shown
    for one in every.shown:
        row = table.names.index(one.name)
        for head, answer in zip(run.schema().heads, one.answers, strict=True):
            code = int(table.codes[head.name][row])
            assert answer.truth == ("" if code < 0 else head.classes[code].name)
            assert 1 / len(head.classes) <= answer.probability <= 1


def test_pictures_at_random_are_the_same_each_time_and_right_ones_too(make_run: MakeRun) -> None:
    run = make_run(60)
    first, again = (choose_pictures(run, 5, at_random=True) for _ in range(2))
    assert first == again
    assert (first.asked, len(first.shown)) == (5, 5)
    assert len({one.name for one in first.shown}) == 5


def test_a_thumbnail_is_small_and_has_nothing_of_the_files_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at the doctor's"
    noise = np.random.default_rng(0).integers(0, 255, (900, 600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.jpg", exif=exif)
    made = jpeg(tmp_path / "large.jpg")
    with Image.open(io.BytesIO(made)) as image:
        assert image.size == (112, 168)
        assert not image.getexif()
    assert b"doctor" not in made


def test_a_picture_that_vanished_is_a_line_and_one_that_moved_is_found(
    make_run: MakeRun, images_of: Callable[[RunFolder], Path]
) -> None:
    run = make_run(60)
    table = table_of(run)
    lost, hurt, *_ = (table.names[row] for row in table.rows("test"))
    (images_of(run) / lost).unlink()
    (images_of(run) / hurt).write_bytes(b"\xff\xd8 no picture")
    found = choose_pictures(run, 500)
    assert {name for name, _ in found.lost} == {lost, hurt}
    assert not {one.name for one in found.shown} & {lost, hurt}
    before = {one.name for one in found.shown}
    moved = images_of(run).rename(images_of(run).with_name("elsewhere"))
    assert choose_pictures(run, 500).shown == ()
    bench = run.root.parent.parent / "bench.toml"
    bench.write_text(bench.read_text().replace(str(moved.with_name("bench-images")), str(moved)))
    assert {one.name for one in choose_pictures(run, 500).shown} == before


def test_a_picture_that_vanishes_between_asking_and_drawing_keeps_its_words(
    make_run: MakeRun, images_of: Callable[[RunFolder], Path]
) -> None:
    run = make_run(40)

    def vanish(done: int, total: int) -> None:
        if done == total:
            shutil.rmtree(images_of(run))

    found = choose_pictures(run, 3, progress=vanish)
    assert [one.jpeg for one in found.shown] == [b""] * 3
    assert all(one.reason for one in found.shown)


def test_a_table_that_is_not_divided_is_refused(make_run: MakeRun) -> None:
    run = make_run()
    lines = run.data.read_text().splitlines()
    run.data.write_text("\n".join([lines[0], *(line.rpartition(",")[0] + "," for line in lines[1:])]) + "\n")
    with pytest.raises(RunError, match="is not divided"):
        choose_pictures(run, 3)


def test_the_command_puts_them_into_the_page(workbench: Workbench, make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run(60)
    out = tmp_path / "report.html"
    done = workbench("report", run.root.parent.parent, "1", "-o", out, "--pictures", 3, "--json")
    assert (done.code, '"pictures": 3' in done.out) == (0, True)
    page = out.read_text()
    pictures = page.split('<img src="data:image/jpeg;base64,')[1:]
    assert len(pictures) == 3
    for one in pictures:
        with Image.open(io.BytesIO(base64.b64decode(one.partition('"')[0]))) as image:
            assert image.format == "JPEG"
    assert "3 pictures about which the network is most surely wrong, of the test split" in page
    assert "taken for " in page
