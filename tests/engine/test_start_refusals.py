"""More of what a run is made of: pictures found at the last moment, metrics that would clash, counts told."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import MakeBench, write_pictures
from tests.engine.test_start import answer
from workbench.dataset.table import Table
from workbench.errors import ConfigError, InputError
from workbench.training.start import check_settings, labelled_table, prepare_run


def test_pictures_moved_since_the_last_look_are_found_where_they_are_now(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench)
    (bench.images_root / "sorted").mkdir()
    for path in list(bench.images_root.glob("*.jpg"))[:20]:
        shutil.move(path, bench.images_root / "sorted" / path.name)
    told: list[tuple[int, int]] = []
    table = labelled_table(bench, lambda *at: told.append(at))
    assert len(table) == 40
    assert sum(name.startswith("sorted/") for name in table.names) == 20
    assert all(Path(path).is_file() for path in table.paths)
    assert told[-1] == (40, 40)


def test_pictures_without_labels_are_no_part_of_a_run(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench)
    write_pictures(bench.images_root, 5, start=100)
    run = prepare_run(bench, bench.settings("fast"))
    assert run.read()["data"]["pictures"] == 40


def test_labels_are_counted_head_by_head(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench, unclear=10)
    about = prepare_run(bench, bench.settings("fast")).read()["data"]
    assert about["labelled"] == dict.fromkeys(bench.schema.head_names, 30)
    assert sum(about["splits"].values()) == 30
    table = Table.load(bench.runs_dir / "0001-adamw" / "data.csv", bench.schema)
    assert {split: len(table.rows(split)) for split in about["splits"]} == about["splits"]


def test_heads_whose_metrics_would_clash_are_refused_first(make_bench: MakeBench, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\n'
        + "".join(f'[[heads]]\nname = "{name}"\nclasses = ["no", "yes"]\n' for name in ("a", "val_a"))
    )
    bench = make_bench(4, path)
    with pytest.raises(ConfigError, match="two heads would share the metric 'val_a_loss'; rename one"):
        check_settings(bench.settings("fast"), bench.schema)
    with pytest.raises(ConfigError, match="two heads would share"):
        prepare_run(bench, bench.settings("fast"))
    assert not bench.runs_dir.exists()


def test_a_class_that_no_training_picture_has_is_said_before_the_start(make_bench: MakeBench) -> None:
    """Three pictures cannot fill three splits with two classes each."""
    bench = make_bench(3)
    answer(bench)
    with pytest.raises(InputError) as caught:
        prepare_run(bench, bench.settings("fast"))
    assert caught.value.cure
    assert not bench.runs_dir.exists()


def test_pictures_too_small_for_the_network_are_refused_before_the_scan(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    with pytest.raises(ConfigError, match="depth"):
        check_settings(bench.settings("fast", ["dataset.size=32", "model.depth=6"]), bench.schema)
