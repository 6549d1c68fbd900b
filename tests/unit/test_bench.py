"""A bench is made, opened, copied and refused as a person would expect."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.errors import BenchError, ConfigError, WorkbenchError


def test_made_and_opened_again(make_bench: MakeBench) -> None:
    made = make_bench(2)
    opened = Bench.open(made.root)
    assert opened == made
    assert opened.schema.name == "face"
    assert opened.catalog_db.is_relative_to(opened.cache_dir)
    assert opened.writable


def test_pictures_inside_the_bench_move_with_it(tmp_path: Path) -> None:
    (tmp_path / "bench" / "pictures").mkdir(parents=True)
    Bench.create(tmp_path / "bench", images=tmp_path / "bench" / "pictures")
    shutil.move(tmp_path / "bench", tmp_path / "elsewhere")
    assert Bench.open(tmp_path / "elsewhere").images_root == tmp_path / "elsewhere" / "pictures"


def test_a_schema_file_is_copied_into_the_bench(tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    schema = tmp_path / "mine.toml"
    schema.write_text('name = "mine"\n[[heads]]\nname = "a"\nclasses = ["no", "yes"]\n')
    bench = Bench.create(tmp_path / "bench", images=tmp_path / "faces", schema=schema)
    schema.unlink()
    assert Bench.open(bench.root).schema.head_names == ("a",)


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "new\nline", "[bold]", "ünïcode"])
def test_odd_names_of_folders_survive(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    bench = Bench.create(tmp_path / "bench", images=tmp_path / name)
    assert Bench.open(bench.root).images_root == tmp_path / name


def test_settings_of_the_bench_lie_under_the_preset(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + "dataset.size = 64\ntraining.batch_size = 5\n")
    settings = Bench.open(bench.root).settings("fast")
    assert settings.dataset.size == load_settings("fast").dataset.size != 64
    assert settings.training.batch_size == 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("version = 99", "the bench has version 99; this program knows 1; update workbench"),
        ("version = 'one'", "'version' is missing or no whole number"),
        ("version = 1\ncolour = 3", "unknown key 'colour'"),
        ("version = 1\nimage = 'x'", "did you mean 'images'"),
        ("version = ", "not TOML"),
    ],
)
def test_a_wrong_bench_file_is_one_line(make_bench: MakeBench, line: str, message: str) -> None:
    bench = make_bench(1)
    file = bench.root / "bench.toml"
    file.write_text(file.read_text().replace("version = 1", line))
    with pytest.raises(WorkbenchError, match=message) as caught:
        Bench.open(bench.root)
    assert caught.value.exit_code == 2
    assert "bench.toml" in str(caught.value)


def test_a_wrong_setting_names_the_benchs_file(make_bench: MakeBench) -> None:
    bench = make_bench(1)
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + "dataset.sise = 64\n")
    said = r"bench\.toml:9: unknown key 'settings\.dataset\.sise'; did you mean 'size'"
    with pytest.raises(ConfigError, match=said):
        Bench.open(bench.root)


def test_what_is_no_bench_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="no such folder; make a bench: workbench init"):
        Bench.open(tmp_path / "missing")
    with pytest.raises(BenchError, match="is no bench; make one"):
        Bench.open(tmp_path)


def test_a_folder_in_use_is_never_turned_into_a_bench(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(1)
    with pytest.raises(BenchError, match="is a bench already"):
        Bench.create(bench.root, images=bench.images_root)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").write_text("years of work")
    with pytest.raises(BenchError, match="not an empty folder"):
        Bench.create(tmp_path / "used", images=bench.images_root)
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match="not an empty folder"):
        Bench.create(tmp_path / "file", images=bench.images_root)
    with pytest.raises(BenchError, match="no such folder of pictures"):
        Bench.create(tmp_path / "new", images=tmp_path / "nowhere")
    assert not (tmp_path / "new").exists()
