"""Comparing runs: what differs in settings, figures and data, and only that; damaged runs; and its price."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import SPLITS, Table
from workbench.errors import RunRefused
from workbench.monitoring.compare import Comparison, compare
from workbench.monitoring.compare_data import DataDifference
from workbench.monitoring.compare_figures import Figure
from workbench.monitoring.compare_settings import differing, flat_settings
from workbench.schema import Schema
from workbench.training.run import RunFolder
from workbench.tui.compare_text import data_lines, figure_cell, tables

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench without pictures."""
    return make_bench(0)


def table(schema: Schema, count: int = 12, start: int = 0) -> Table:
    """Pictures whose answers and splits follow from their number."""
    numbers = np.arange(start, start + count)
    return Table(
        tuple(f"{number:032x}" for number in numbers),
        tuple(f"{number:05d}.jpg" for number in numbers),
        tuple(f"/pictures/{number:05d}.jpg" for number in numbers),
        {head.name: (numbers % len(head.classes)).astype(np.int16) for head in schema.heads},
        np.array([SPLITS[number % 3] for number in numbers]),
    )


def run_of(bench: Bench, *overrides: str, data: Table | None = None) -> RunFolder:
    """A run that was prepared and never begun."""
    settings = load_settings("fast", overrides)
    return RunFolder.create(bench, settings, data or table(bench.schema), "fast")


def with_epochs(run: RunFolder, rows: Sequence[Mapping[str, float]], best: int) -> RunFolder:
    """The run with a history, and a log that says which epoch was the best."""
    names = list(rows[0])
    lines = [",".join(["epoch", *names])]
    lines += [
        ",".join([str(number), *(f"{row[name]}" for name in names)]) for number, row in enumerate(rows, 1)
    ]
    run.history.write_text("\n".join(lines) + "\n")
    event = {"seq": 1, "wall": 1e9, "mono": 1, "type": "epoch", "epoch": len(rows), "epochs": 9,
             "metric": "val_loss", "best_epoch": best, "best_value": 0.5}  # fmt: skip
    run.events.write_text(json.dumps(event) + "\n")
    return run


def edited(run: RunFolder, change: Change) -> RunFolder:
    """The run with another run.json."""
    described = json.loads(run.run_json.read_text())
    change(described)
    run.run_json.write_text(json.dumps(described))
    return run


def difference(first: RunFolder, other: RunFolder) -> DataDifference:
    """How the data of two runs differ."""
    return compare([first, other]).data[0]


# -- which runs ----------------------------------------------------------------------------------------


def test_what_cannot_be_compared_is_refused_in_one_line(bench: Bench) -> None:
    one, two = run_of(bench), run_of(bench)
    for runs in ([], [one], [run_of(bench) for _ in range(7)]):
        with pytest.raises(RunRefused, match="two to 6 runs can be compared"):
            compare(runs)
    with pytest.raises(RunRefused, match="0001-fast: is named twice"):
        compare([one, two, one])
    two.run_json.write_text("{")
    with pytest.raises(RunRefused, match=r"run\.json"):
        compare([one, two])


def test_two_runs_of_the_same_kind_differ_in_nothing(bench: Bench) -> None:
    found = compare([run_of(bench), run_of(bench)])
    assert (found.settings, found.facts, found.figures) == ((), (), ())
    assert found.equal_settings > 50
    assert found.data == (DataDifference("0002-fast", same=True),)


# -- settings ------------------------------------------------------------------------------------------


def test_only_settings_that_differ_are_listed_one_value_a_run(bench: Bench) -> None:
    runs = [
        run_of(bench),
        run_of(bench, "training.epochs=7", 'training.heads."hair.x".weight=2'),
        run_of(bench, "training.epochs=7"),
    ]
    found = compare(runs)
    first = load_settings("fast").training.epochs
    assert {one.key: one.values for one in found.settings if one.values[1:] != (None, None)} == {
        "training.epochs": (first, 7, 7),
        'training.heads."hair.x".weight': (None, 2.0, None),
    }


def test_a_setting_that_an_older_program_did_not_know_has_its_default(bench: Bench) -> None:
    older = edited(run_of(bench), lambda described: described["settings"]["training"].pop("deterministic"))
    assert compare([run_of(bench), older]).settings == ()


def test_settings_of_another_version_are_compared_as_they_stand(bench: Bench) -> None:
    newer = edited(run_of(bench), lambda described: described["settings"].update(beyond={"any": 1}))
    found = compare([run_of(bench), newer])
    assert ("beyond.any", (None, 1)) in [(one.key, one.values) for one in found.settings]


def test_versions_and_machine_are_listed_where_they_differ(bench: Bench) -> None:
    def elsewhere(described: dict[str, Any]) -> None:
        described["host"]["name"] = "gpu-box"
        described["versions"]["keras"] = "9.9"

    found = compare([run_of(bench), edited(run_of(bench), elsewhere)])
    assert [one.key for one in found.facts] == ["versions.keras", "host.name"]
    assert found.facts[1].values[1] == "gpu-box"


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=4), PLAIN, max_size=4), min_size=2, max_size=4))
def test_whatever_stands_in_run_json_the_same_is_never_different(tables: list[dict[str, Any]]) -> None:
    flat = [flat_settings({"settings": one}) for one in tables]
    rows, equal = differing(flat)
    assert len(rows) + equal == len({key for one in flat for key in one})
    assert differing([flat[0], flat[0]]) == ((), len(flat[0]))
    assert all(len(row.values) == len(tables) for row in rows)


def test_a_whole_number_and_the_same_with_a_point_are_one_setting_and_true_is_not_1() -> None:
    assert differing([{"a": 1, "b": 1}, {"a": 1.0, "b": True}])[0][0].key == "b"


# -- figures -------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_best_epoch_of_each(bench: Bench) -> None:
    one = with_epochs(
        run_of(bench),
        [{"val_loss": 0.9, "val_glasses_accuracy": 0.5, "glasses_accuracy": 0.1},
         {"val_loss": 0.6, "val_glasses_accuracy": 0.7, "glasses_accuracy": 0.2}],
        best=2,
    )  # fmt: skip
    two = with_epochs(run_of(bench), [{"val_loss": 0.5, "val_glasses_accuracy": 0.6}], best=1)
    found = {(row.head, row.figure): row for row in compare([one, two]).figures}
    assert found["", "loss"].values == (0.6, 0.5)
    assert found["", "loss"].verdicts == ("same", "better")
    assert found["", "loss"].best == (False, True)
    assert found["glasses", "accuracy"].values == (0.7, 0.6)
    assert found["glasses", "accuracy"].verdicts == ("same", "worse")
    assert set(found) == {("", "loss"), ("glasses", "accuracy")}


def test_figures_of_the_test_split_are_shown_where_it_was_evaluated(bench: Bench) -> None:
    one, two = (with_epochs(run_of(bench), [{"val_loss": 0.5}], best=1) for _ in range(2))
    test = {"loss": 1.5, "heads": {"glasses": {"accuracy": 0.8, "macro_f1": None}}}
    two.evaluation.write_text(json.dumps({"splits": {"test": test}}))
    rows = [row for row in compare([one, two]).figures if row.split == "test"]
    assert [(row.head, row.figure, row.values) for row in rows] == [
        ("", "loss", (None, 1.5)),
        ("glasses", "accuracy", (None, 0.8)),
    ]


@pytest.mark.parametrize("words", ["", "{", "[]", '{"splits": 3}', '{"splits": {"test": {"heads": [1]}}}'])
def test_a_damaged_evaluation_or_history_is_none(bench: Bench, words: str) -> None:
    one, two = run_of(bench), with_epochs(run_of(bench), [{"val_loss": 0.5}], best=1)
    one.evaluation.write_text(words)
    one.history.write_bytes(b"epoch,val_loss\n\xff\x00,,,\n1")
    assert [row.values for row in compare([one, two]).figures] == [(None, 0.5)]


def test_signs_say_without_colour_what_is_best_and_what_is_worse() -> None:
    row = Figure("glasses", "accuracy", "validation", (0.5, 0.75, 0.25, None, 0.5))
    cells = [figure_cell(row, index) for index in range(5)]
    assert cells == ["0.5000", "0.7500 ★ +0.2500", "0.2500 ! -0.2500", "", "0.5000   +0.0000"]
    assert Figure("", "loss", "test", (None, 1.0)).verdicts == ("", "")


# -- data ----------------------------------------------------------------------------------------------


def test_pictures_answers_and_splits_that_differ_are_counted(bench: Bench) -> None:
    before = table(bench.schema)
    after = table(bench.schema, count=11, start=3)  # without 0, 1, 2; with 12, 13
    glasses = after.codes["glasses"].copy()
    glasses[0], glasses[1], glasses[2] = (glasses[0] + 1) % 3, -1, (glasses[2] + 1) % 3
    splits = after.splits.copy() if after.splits is not None else None
    assert splits is not None
    splits[3] = "validation"  # picture 6, which was in train
    after = replace(after, codes={**after.codes, "glasses": glasses}, splits=splits)
    found = difference(run_of(bench, data=before), run_of(bench, data=after))
    assert (found.common, found.only_first, found.only_here) == (9, 3, 2)
    assert found.examples_first == ("00000.jpg", "00001.jpg", "00002.jpg")
    assert found.examples_here == ("00012.jpg", "00013.jpg")
    assert found.moved == {"train → validation": 1}
    (head,) = found.heads
    assert (head.head, head.changed, head.answered, head.unanswered) == ("glasses", 2, 0, 1)
    assert head.examples[0] == (
        "00003.jpg",
        *(bench.schema.head("glasses").classes[at].name for at in (0, 1)),
    )
    assert not found.same


def schema_of(bench: Bench, *heads: Mapping[str, Any]) -> Bench:
    """The bench with other heads."""
    return replace(bench, schema=Schema.from_dict({"name": "other", "heads": list(heads)}))


def test_renamed_heads_and_classes_keep_their_answers(bench: Bench) -> None:
    hair = {"name": "hair", "classes": ["blond", "red", "=1+1"]}
    first = schema_of(bench, hair, {"name": "age", "classes": ["young", "old"]})
    other = schema_of(
        bench,
        {"name": "hair", "classes": ["blonde", "red", "=1+1", "grey"]},
        {"name": "years", "classes": ["young", "old"]},
        {"name": "beard", "classes": ["no", "yes"]},
    )
    after = table(other.schema)
    after = replace(after, codes={**after.codes, "hair": table(first.schema).codes["hair"]})
    found = difference(run_of(first), run_of(other, data=after))
    assert found.heads_added == ("beard",)
    assert found.heads_removed == ()
    by_name = {one.head: one for one in found.heads}
    assert by_name["hair"].renamed_classes == {"blond": "blonde"}
    assert by_name["hair"].added == ("grey",)
    assert by_name["age"].renamed == "years"
    assert all(one.changed == one.answered == one.unanswered == 0 for one in found.heads)


def test_classes_that_are_gone_or_have_another_code_are_named(bench: Bench) -> None:
    first = schema_of(bench, {"name": "hair", "classes": ["blond", "red", "grey"]})
    other = schema_of(bench, {"name": "hair", "classes": ["red", "blond"]})
    (head,) = difference(run_of(first), run_of(other)).heads
    assert head.removed == ("grey",)
    assert head.recoded == ("blond", "red")


@pytest.mark.parametrize("words", [b"", b"fingerprint\n", b"fingerprint,file_name,path,split\na\n", b'"\0'])
def test_damaged_data_are_a_line_and_the_rest_is_compared(bench: Bench, words: bytes) -> None:
    one = run_of(bench)
    two = run_of(bench, "training.epochs=9", data=table(bench.schema, 5))
    two.data.write_bytes(words)
    found = compare([one, two])
    assert "0002-fast/data.csv is damaged" in found.data[0].problem
    assert [row.key for row in found.settings] == ["training.epochs"]
    two.data.unlink()
    assert "No such file" in difference(one, two).problem


def test_fifty_thousand_pictures_take_a_second_at_most(bench: Bench) -> None:
    before, after = table(bench.schema, 50_000), table(bench.schema, 50_000, start=100)
    runs = [run_of(bench, data=before), run_of(bench, data=after)]
    started = time.process_time()
    found = compare(runs)
    taken = time.process_time() - started
    assert (found.data[0].common, found.data[0].only_here) == (49_900, 100)
    assert taken < 1.0


# -- words ---------------------------------------------------------------------------------------------


def all_words(found: Comparison) -> str:
    """Everything that a person reads."""
    cells = [cell for one in tables(found) for row in (one.header, *one.rows, (one.note,)) for cell in row]
    return "\n".join((*cells, *data_lines(found)))


def test_a_comparison_of_different_data_says_so_beside_the_figures(bench: Bench) -> None:
    runs = [
        with_epochs(run_of(bench, data=table(bench.schema, count)), [{"val_loss": 0.5}], best=1)
        for count in (12, 11)
    ]
    words = all_words(compare(runs))
    assert "The data are not the same" in words
    assert "1 picture only in 0001-fast: 00011.jpg" in words
    assert "The data are not the same" not in all_words(compare([runs[0], run_of(bench)]))


def test_hostile_names_are_shown_harmless_and_json_holds_everything(bench: Bench, tmp_path: Path) -> None:
    data = table(bench.schema)
    data = replace(data, names=("\x1b[2J\n.jpg", *data.names[1:]))
    one = run_of(bench, data=replace(data, fingerprints=("f" * 32, *data.fingerprints[1:])))
    two = edited(run_of(bench), lambda described: described.update(preset="\x1b]0;x\a", parent="\u202e"))
    found = compare([one, two])
    assert all(line.isprintable() for line in all_words(found).split("\n"))
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["facts"]["preset"] == ["fast", "\x1b]0;x\a"]
    assert plain["data"][0]["only_first"] == 1
