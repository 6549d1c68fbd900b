"""What a profile says: numbers in, a table and one line of advice out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock
from tests.unit.training.conftest import write
from workbench.config import load_settings
from workbench.monitoring.follow import Follower
from workbench.training import profile
from workbench.training.events import EventLog
from workbench.training.profile import UNPROFILED, Profile, Report
from workbench.training.profile_words import advice, rows, tell
from workbench.training.run import RunFolder

NOTHING: Mapping[str, float] = {}
WELL = {"copy": 0.01, "forward": 0.3, "backward": 0.6, "optimiser": 0.04, "python": 0.05}
"""A step of a second that is what it should be."""


def said(
    *settings: str,
    steps: int = 100,
    saves: int = 5,
    of_a_step: dict[str, float] = WELL,
    beside: Mapping[str, float] = NOTHING,
    **seconds: float,
) -> str:
    """The advice where the rest of a training of 100 seconds went into its steps."""
    parts = {"starting": 900.0, "first_steps": 800.0, **beside, **seconds}
    own = sum(seconds.get(part, 0.0) for part in profile.LOOP)
    times = {"step": steps, "validating": 5, "saving": saves}
    report = Report(2000.0, {**parts, "step": 100.0 - own}, times, 3300, 3200, of_a_step, 32)
    return advice(report, load_settings("fast", settings))


@pytest.mark.parametrize(
    ("slow", "settings", "words"),
    [
        (
            {"reading": 9.0},
            ["dataset.cache=false"],
            "waits for the disk and the decoder: set dataset.cache=true",
        ),
        ({"reading": 9.0}, [], "waits for the disk: put the bench on a faster one, or lower dataset.size"),
        ({"augmenting": 9.0}, [], "waits for the augmentation: lower probabilities in [augment]"),
        ({"mixing": 9.0}, [], "waits for the mixing of pictures: lower training.mixing.probability"),
        ({"moving": 9.0}, [], "waits for copies to the device: lower dataset.size"),
    ],
)
def test_the_pipeline_waits_for_what_takes_longest_in_it(
    slow: dict[str, float], settings: list[str], words: str
) -> None:
    others = {"reading": 1.0, "augmenting": 2.0, "mixing": 1.0, "moving": 1.0}
    found = said(*settings, waiting=10.0, beside={**others, **slow})
    assert found.startswith("the pipeline ")
    assert words in found
    assert found.endswith("(10% of the training)")
    assert "pipeline" not in said(*settings, waiting=9.9, beside={**others, **slow}), (
        "below a tenth it is well"
    )


def test_saving_is_made_rarer_within_epochs_or_by_longer_ones() -> None:
    assert said(saving=15.0, saves=100) == (
        "saving takes long: raise training.checkpoint_minutes, or set it to 0 (15% of the training)"
    )
    longer = (
        "saving takes long beside such short epochs: raise training.pictures_per_epoch (15% of the training)"
    )
    assert said(saving=15.0, saves=10) == longer, "each epoch saves its checkpoint and may be the best"
    assert said("training.checkpoint_minutes=0", saving=15.0, saves=100) == longer
    assert "saving" not in said(saving=14.9)


def test_validating_too_much_is_told_with_both_cures() -> None:
    assert said(validating=30.0) == (
        "validating takes long: raise training.pictures_per_epoch, or lower dataset.split.validation"
        " (30% of the training)"
    )
    assert "validating" not in said(validating=29.9)


def test_of_several_the_largest_is_named() -> None:
    assert "augmentation" in said(waiting=35.0, validating=31.0, saving=20.0, augmenting=30.0)
    assert "validating" in said(waiting=30.0, validating=31.0, saving=20.0, augmenting=30.0)


@pytest.mark.parametrize(
    ("of_a_step", "words"),
    [
        (
            {**WELL, "python": 0.35, "backward": 0.3},
            "Python and Keras take 35% of the steps: raise training.batch_size",
        ),
        (
            {**WELL, "optimiser": 0.34, "backward": 0.3},
            "the optimiser takes 34% of the steps: raise training.batch_size",
        ),
        (WELL, "the network takes 90% of the steps, backward 60%: lower dataset.size"),
        (
            {**WELL, "backward": 0.3},
            "a step takes 1.4 times as long as one alone: the pipeline or other programs use the processor",
        ),
        ({**WELL, "backward": 0.31}, "the network takes 61% of the steps"),
        ({}, "none was taken apart: let the run finish"),
    ],
)
def test_where_the_pipeline_keeps_up_the_steps_are_looked_at(of_a_step: dict[str, float], words: str) -> None:
    assert words in said(of_a_step=of_a_step)


def test_a_network_that_takes_the_time_has_another_beside_it() -> None:
    assert said().endswith("or take another network: workbench architectures")


def test_a_run_of_a_few_steps_says_little() -> None:
    found = said(steps=9, waiting=90.0)
    assert found.startswith("too short to tell: 9 steps after the first ones, which compile; at least 10")
    assert "too short" not in said(steps=10, waiting=90.0)


def test_the_table_has_what_happens_in_its_order_and_what_goes_on_beside_it_below() -> None:
    report = Report(
        200.0,
        {"waiting": 10.0, "step": 100.0, "saving": 40.0, "reading": 20.0},
        pictures=1000,
        settled=500,
        of_a_step={"forward": 1.0, "backward": 3.0},
        batch=25,
    )
    assert list(rows(report)) == [
        ("waiting for a batch", 10.0, 0.05, 10.0),
        ("steps", 100.0, 0.5, 200.0),
        ("  forward", 20.0, 0.1, 40.0),
        ("  backward", 60.0, 0.3, 120.0),
        ("  slower than one alone", 20.0, 0.1, 40.0),
        ("saving", 40.0, 0.2, None),
        ("the rest", 50.0, 0.25, None),
        ("all", 200.0, 1.0, None),
        ("  beside it: reading or decoding", 20.0, 0.1, 20.0),
    ]


def test_of_nothing_there_is_a_table_too() -> None:
    assert list(rows(Report(0.0))) == [("the rest", 0.0, 0.0, None), ("all", 0.0, 0.0, None)]
    assert "too short" in advice(Report(0.0), load_settings("fast"))


def told(path: Path) -> list[dict[str, Any]]:
    """What a log holds."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_it_is_told_once_and_a_follower_keeps_it(run: RunFolder) -> None:
    clock = Clock()
    measured = Profile(clock)
    with measured.step(8):
        clock.now += 2.0
    with EventLog(run.events) as log:
        tell(UNPROFILED, log, run.settings())
        assert told(run.events) == [], "who was not asked to measure tells nothing"
        assert Follower(run).poll().profile is None
        tell(measured, log, run.settings())
    [event] = told(run.events)
    assert (event["type"], event["whole"], event["seconds"]) == ("profile", 2.0, {"first_steps": 2.0})
    found = Follower(run).poll().to_dict()["profile"]
    assert (found["pictures"], found["settled"]) == (8, 0)
    assert found["advice"].startswith("too short to tell")


def test_a_follower_takes_what_is_no_profile_for_an_empty_one(run: RunFolder) -> None:
    write(run, {"type": "profile", "seconds": "many", "advice": None, "pictures": {"a": []}})
    seen = Follower(run).poll().profile
    assert seen == {**Report(0.0).to_dict(), "advice": ""}
