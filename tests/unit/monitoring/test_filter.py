"""Runs are found again by words, and sorted so that what lacks a figure never stands before what has it."""

import time
from typing import Any

import pytest

from workbench.errors import InputError
from workbench.monitoring.columns import COLUMNS, find_column, sort_runs
from workbench.monitoring.filter import parse_filter
from workbench.monitoring.summary import RunSummary
from workbench.training.state import RunState


def summary(name: str, **fields: Any) -> RunSummary:
    """A run's line, of which only these fields matter."""
    usual: dict[str, Any] = {
        "state": RunState.FINISHED,
        "preset": "fast",
        "parent": "",
        "architecture": "trunk",
        "epochs_done": 3,
        "epochs": 10,
        "metric": "val_loss",
        "best": None,
        "best_epoch": 0,
        "started": time.mktime((2026, 11, 5, 12, 0, 0, 0, 0, -1)),
        "seconds": 60.0,
        "failure": "",
    }
    return RunSummary(name, **{**usual, **fields})


RUNS = [
    summary(
        "0004-fast", best=0.31, best_epoch=3, tags=("Good", "baseline"), note="Hair is better", seconds=9000
    ),
    summary("0003-slow", state=RunState.DIED, preset="reference", best=0.5, best_epoch=9, accuracy=0.93),
    summary("0002-fast", parent="0001-fast", best=0.4, best_epoch=5, tags=("goodish",), started=1.0),
    summary("0001-fast", state=RunState.STARTING, epochs_done=0, seconds=0.0),
]


def names(typed: str) -> str:
    """The numbers of the runs that fit, such as "42"."""
    return "".join(run.name[3] for run in parse_filter(typed).among(RUNS))


@pytest.mark.parametrize(
    ("typed", "fit"),
    [
        ("", "4321"),
        ("  ", "4321"),
        ("fast", "421"),  # name or preset
        ("REFERENCE", "3"),
        ("hair", "4"),  # in the note
        ("good", "42"),  # a part of a tag
        ("tag:good", "4"),  # the whole tag, whatever its capitals
        ("tags:good state:finished", "4"),
        ("state:died", "3"),
        ("state:di", "3"),
        ("state=di", ""),
        ("preset=fast", "421"),
        ("parent:0001", "2"),
        ('note:"is better"', "4"),
        ('"hair is"', "4"),
        ('"state:died"', ""),  # quoted it is a word like others
        ("best<0.4", "4"),
        ("best<=0.4 fast", "42"),
        ("best=.4", "2"),
        ("best>0", "432"),
        ("accuracy>=0.9", "3"),
        ("val_accuracy>=0.9", "3"),
        ("at>4", "32"),
        ("epochs<1", "1"),
        ("duration>2h", "4"),
        ("duration>=60s duration<2min", "32"),
        ("started>=2026-11-05", "431"),
        ("started>=2026-11-06", ""),
        ("fast fast", "421"),
        ("a.b*[c", ""),
    ],
)
def test_only_runs_that_fit_every_word_are_left(typed: str, fit: str) -> None:
    assert names(typed) == fit


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("stat:died", "no column is named 'stat'; did you mean 'state'?"),
        ("colour:red", "no column is named 'colour'; valid: run, state, tag"),
        ("best<x", "'x' is no number; such as best<0.4"),
        ("best<nan", "is no number"),
        ("duration>1x", "'1x' is no number; such as duration>2h"),
        ("duration>1.2.3h", "is no number"),
        ("started>today", "'today' is no day; such as started>=2026-11-01"),
        ("best:0.4", "best is compared with <, >, <=, >= or =; such as best<0.4"),
        ("state<died", "state holds words and cannot be compared; such as state:died"),
        ("tag:", "nothing stands after tag:; such as tag:good"),
        ('tag:""', "nothing stands after tag:"),
        ('"two words', "a quote has no end"),
    ],
)
def test_a_mistake_is_one_line_with_an_example(typed: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_filter(typed)
    line = str(caught.value)
    assert said in line
    assert line.startswith("filter: ")
    assert line.isprintable()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("typed", ["best<\x1b[2J", "started>\u202e", "x/y:\x9b1", "duration>\x07"])
def test_what_a_terminal_would_obey_is_said_harmlessly(typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_filter(typed)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("key", [column.key for column in COLUMNS])
def test_every_column_sorts_and_what_is_missing_comes_last(key: str, falling: bool) -> None:
    found = sort_runs(RUNS, key, falling=falling)
    assert sorted(run.name for run in found) == sorted(run.name for run in RUNS)
    if key == "best":
        assert [run.name[3] for run in found] == (["3", "2", "4", "1"] if falling else ["4", "2", "3", "1"])
    if key in ("accuracy", "parent", "note", "loss"):
        has = [bool(getattr(run, key)) for run in found]
        assert has == sorted(has, reverse=True)
    if key == "name":
        assert [run.name[3] for run in found] == sorted("1234", reverse=falling)


def test_values_of_different_metrics_are_not_mixed() -> None:
    runs = [summary("1", best=0.9, metric="val_macro_f1"), summary("2", best=0.95), summary("3", best=0.1)]
    assert [run.name for run in sort_runs(runs, "best")] == ["3", "2", "1"]


def test_numbers_beyond_four_digits_keep_their_order() -> None:
    runs = [summary(name) for name in ("0002-a", "10000-b", "9999-c", "renamed")]
    assert [run.name for run in sort_runs(runs, "name")] == ["renamed", "0002-a", "9999-c", "10000-b"]


def test_without_a_column_runs_stay_as_they_are() -> None:
    assert sort_runs(RUNS, "") == RUNS


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_column_answers_to_its_json_name_and_to_its_heading(column: Any) -> None:
    for name in (column.key, column.title, column.title.upper(), column.typed):
        assert find_column(name) is column
