"""The sample bench that a newcomer meets first: made once, whole, partly labelled, and theirs to change."""

import os
from collections import Counter
from pathlib import Path

import pytest

from workbench import sample_bench
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.errors import BenchError
from workbench.images.catalog import Catalog
from workbench.resources import resource
from workbench.sample_bench import LABELLED_SHARE, open_sample_bench, sample_bench_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The bench, made once."""
    return open_sample_bench(tmp_path_factory.mktemp("home") / "data" / "sample")


def test_it_holds_every_drawn_face_and_most_are_labelled(made: Bench) -> None:
    drawn = sorted(path.name for path in (resource("data") / "sample").glob("*.jpg"))
    catalog = Catalog(made.images_root, made.catalog_db)
    report = catalog.scan()
    assert [one.name for one in catalog.pictures()] == drawn
    assert (report.new, report.unchanged, report.set_aside) == (0, len(drawn), ())
    prints = {one.fingerprint: one.name for one in catalog.pictures()}
    with LabelStore(made.labels_db, made.schema, read_only=True) as store:
        labels = store.all_labels()
    named = sorted(prints[fingerprint] for fingerprint in labels)
    assert named == drawn[: round(LABELLED_SHARE * len(drawn))]
    assert len(named) < len(drawn), "some are left to try the keys on"


def test_labels_are_the_truth_and_every_class_occurs(made: Bench) -> None:
    catalog = Catalog(made.images_root, made.catalog_db)
    with LabelStore(made.labels_db, made.schema, read_only=True) as store:
        labels = store.all_labels()
    truth = {
        cells[0]: cells[1:]
        for line in (made.images_root / "labels.csv").read_text().splitlines()[1:]
        if (cells := line.split(","))
    }
    seen: Counter[tuple[str, str]] = Counter()
    for picture in catalog.pictures():
        for place, head in enumerate(made.schema.heads):
            found = labels.get(picture.fingerprint)
            answer = found.answers.get(head.name) if found is not None else None
            if answer is None:
                continue
            known = head.by_name(str(answer))
            assert known is not None
            assert truth[picture.name][place] == str(known.code)
            seen[head.name, known.name] += 1
    assert set(seen) == {(head.name, one.name) for head in made.schema.heads for one in head.classes}


def test_opened_again_it_is_as_the_person_left_it(made: Bench) -> None:
    mine = made.root / "bench.toml"
    mine.write_text(mine.read_text() + "training.epochs = 3\n")
    again = open_sample_bench(made.root)
    assert again.settings().training.epochs == 3
    assert sorted(path.name for path in made.root.parent.iterdir()) == [made.root.name], (
        "nothing is left over"
    )
    mine.write_text(mine.read_text().replace("training.epochs = 3\n", ""))


def test_it_lies_in_the_data_folder_of_the_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert sample_bench_folder() == tmp_path / "workbench" / "sample"


def test_broken_off_it_leaves_nothing_and_the_next_start_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sample_bench, "_label_a_part", interrupt)
    with pytest.raises(KeyboardInterrupt):
        open_sample_bench(tmp_path / "sample")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BenchError) as caught:
        open_sample_bench(tmp_path / "file" / "sample")
    assert str(caught.value).startswith(f"{tmp_path / 'file' / 'sample'}: ")
    assert caught.value.cure


def test_a_folder_of_somebody_elses_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "thesis.txt").write_text("years of work")
    with pytest.raises(BenchError, match="is no bench"):
        open_sample_bench(tmp_path / "sample")
    assert os.listdir(tmp_path / "sample") == ["thesis.txt"]  # noqa: PTH208
    assert os.listdir(tmp_path) == ["sample"]  # noqa: PTH208
