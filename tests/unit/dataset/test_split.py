"""Dividing: stable for good, proportional, never the same picture on both sides."""

import itertools
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dataset.conftest import MakeTable, fingerprint
from workbench.config import SplitSettings
from workbench.dataset.split import assign_splits, split_report
from workbench.dataset.table import SPLITS, Table
from workbench.errors import BenchError
from workbench.schema import Schema

USUAL = SplitSettings()


def by_picture(table: Table) -> dict[str, str]:
    """Fingerprint → split."""
    assert table.splits is not None
    return dict(zip(table.fingerprints, table.splits.tolist(), strict=True))


def test_shares_are_kept_for_every_class(face_schema: Schema, make_table: MakeTable) -> None:
    table = assign_splits(make_table(1200), face_schema, USUAL)
    report = split_report(table, face_schema)
    assert report.pictures["train"] == pytest.approx(840, abs=6)
    assert report.pictures["test"] == pytest.approx(180, abs=6)
    for head, classes in report.heads.items():
        for name, counts in classes.items():
            total = sum(counts.values())
            for split, share in (("train", 0.7), ("validation", 0.15), ("test", 0.15)):
                assert abs(counts[split] - share * total) <= max(2.0, 0.015 * total), (head, name, counts)


def test_report_counts_every_label_once(face_schema: Schema, make_table: MakeTable) -> None:
    table = make_table(90)
    report = split_report(assign_splits(table, face_schema, USUAL), face_schema).to_dict()
    assert sum(report["pictures"].values()) == 90
    for head in face_schema.head_names:
        counted = sum(sum(counts.values()) for counts in report["heads"][head].values())
        assert counted == int((table.codes[head] >= 0).sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(9, 60), st.integers(0, 1000))
def test_a_class_with_three_pictures_is_in_every_split_of_one_head(count: int, seed: int) -> None:
    schema = Schema.from_dict({"name": "one", "heads": [{"name": "h", "classes": list("abcde")}]})
    codes = np.random.default_rng(seed).choice(5, count, p=[0.5, 0.2, 0.15, 0.1, 0.05]).astype(np.int16)
    names = tuple(map(str, range(count)))
    table = Table(tuple(map(fingerprint, range(count))), names, names, {"h": codes})
    report = split_report(assign_splits(table, schema, USUAL), schema)
    for head, name, split in report.missing():
        assert sum(report.heads[head][name].values()) < 3, (name, split, report.heads)


def test_rare_classes_of_five_heads_reach_every_split(face_schema: Schema, make_table: MakeTable) -> None:
    report = split_report(assign_splits(make_table(150), face_schema, USUAL), face_schema)
    lacking = [gap for gap in report.missing() if sum(report.heads[gap[0]][gap[1]].values()) >= 3]
    assert not lacking


def test_nothing_ever_changes_its_split(tmp_path: Path, face_schema: Schema, make_table: MakeTable) -> None:
    file = tmp_path / "splits.csv"
    seen: dict[str, str] = {}
    for count in (20, 21, 60, 200):
        now = by_picture(assign_splits(make_table(count), face_schema, USUAL, file))
        assert {key: now[key] for key in seen} == seen
        seen = now


def test_labels_may_change_without_moving_a_picture(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    table = make_table(80)
    first = by_picture(assign_splits(table, face_schema, USUAL, tmp_path / "splits.csv"))
    table.codes["glasses"][:] = 1
    assert by_picture(assign_splits(table, face_schema, USUAL, tmp_path / "splits.csv")) == first


def test_pictures_added_one_by_one_end_up_in_proportion(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    for count in itertools.chain(range(6, 60, 6), (100, 300)):
        table = assign_splits(make_table(count), face_schema, USUAL, tmp_path / "splits.csv")
    pictures = split_report(table, face_schema).pictures
    assert pictures["train"] == pytest.approx(210, abs=6)
    assert pictures["test"] == pytest.approx(45, abs=5)


def test_a_picture_that_is_gone_keeps_its_split_for_when_it_is_back(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    file = tmp_path / "splits.csv"
    before = by_picture(assign_splits(make_table(40), face_schema, USUAL, file))
    assign_splits(make_table(40, start=20), face_schema, USUAL, file)
    assert before.items() <= by_picture(assign_splits(make_table(60), face_schema, USUAL, file)).items()


def test_the_order_of_rows_does_not_matter(face_schema: Schema, make_table: MakeTable) -> None:
    table = make_table(120)
    turned = table.select(np.arange(120)[::-1])
    assert by_picture(assign_splits(table, face_schema, USUAL)) == by_picture(
        assign_splits(turned, face_schema, USUAL)
    )


def test_another_seed_divides_in_another_way_and_the_first_comes_back(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    file, table = tmp_path / "splits.csv", make_table(100)
    first = by_picture(assign_splits(table, face_schema, USUAL, file))
    other = by_picture(assign_splits(table, face_schema, SplitSettings(seed=1), file))
    assert other != first
    assert by_picture(assign_splits(table, face_schema, USUAL, file)) == first


def test_other_shares_are_another_division(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    file, table = tmp_path / "splits.csv", make_table(100)
    assign_splits(table, face_schema, USUAL, file)
    half = SplitSettings(train=0.5, validation=0.25, test=0.25)
    report = split_report(assign_splits(table, face_schema, half, file), face_schema)
    assert report.pictures["train"] == pytest.approx(50, abs=5)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("fingerprint,split\nabc,train\n", 1),
        ("division,fingerprint,split\nd,abc,train\nd,abd,trai\n", 3),
        ("division,fingerprint,split\nd,abc,train\nd,abc,test\n", 3),
        ("division,fingerprint,split\nd,abc,train\nd,abd,test", 3),
        ("division,fingerprint,split\nd,,train\n", 2),
        ("division,fingerprint,split\n\x00\x1b[31m\n", 2),
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable, text: str, line: int
) -> None:
    file = tmp_path / "splits.csv"
    file.write_text(text)
    with pytest.raises(BenchError) as caught:
        assign_splits(make_table(10), face_schema, USUAL, file)
    said = str(caught.value)
    assert f"{file}: line {line} is damaged" in said
    assert "delete it" in said
    assert said.isprintable()
    assert file.read_text() == text


def test_nothing_new_leaves_the_file_alone(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable
) -> None:
    file = tmp_path / "splits.csv"
    assign_splits(make_table(30), face_schema, USUAL, file)
    before = file.stat()
    assign_splits(make_table(20), face_schema, USUAL, file)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_read_only_bench_is_divided_without_saving(
    tmp_path: Path, face_schema: Schema, make_table: MakeTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, whom no mode stops
    table = assign_splits(make_table(30), face_schema, USUAL, tmp_path / "splits.csv")
    assert not list(tmp_path.iterdir())
    assert by_picture(table) == by_picture(assign_splits(make_table(30), face_schema, USUAL))


def test_two_writers_at_once_lose_nothing(tmp_path: Path, face_schema: Schema, make_table: MakeTable) -> None:
    def write(start: int) -> None:  # the lock belongs to the opened folder, so threads stand for processes
        for count in range(1, 15):
            assign_splits(make_table(count, start=start), face_schema, USUAL, tmp_path / "splits.csv")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (0, 100)))
    assert len((tmp_path / "splits.csv").read_text().splitlines()) == 1 + 2 * 14


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_handful_of_pictures_is_divided_too(face_schema: Schema, make_table: MakeTable, count: int) -> None:
    table = assign_splits(make_table(count, masked=0), face_schema, USUAL)
    pictures = split_report(table, face_schema).pictures
    assert sum(pictures.values()) == count
    assert pictures["train"] >= 1
    if count >= 3:
        assert all(pictures[split] for split in SPLITS)


def test_many_pictures_are_divided_quickly(tmp_path: Path, face_schema: Schema) -> None:
    count = 6_000  # 60,000 take ten times as long; a quadratic way would not end
    generator = np.random.default_rng(0)
    codes = {
        head.name: generator.integers(-1, len(head.classes), count).astype(np.int16)
        for head in face_schema.heads
    }
    names = tuple(map(fingerprint, range(count)))
    started = time.perf_counter()
    assign_splits(Table(names, names, names, codes), face_schema, USUAL, tmp_path / "splits.csv")
    assert time.perf_counter() - started < 2
