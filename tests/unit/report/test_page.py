"""The whole page of a run: everything is in it, nothing in it is fetched or run, and names stay names."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.report.conftest import HOSTILE, Page, make_hostile
from tests.unit.training.conftest import MakeRun, batch, epoch, maker, phase, rewrite, worker_on, write
from workbench.monitoring.curves import CurveKey
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.track import Track
from workbench.report.charts import curves
from workbench.report.gallery import Gallery, HeadAnswer, Shown
from workbench.report.material import Material, read_material
from workbench.report.page import POLICY, page
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.training.state import RunState

GALLERY = Gallery(
    "test",
    False,
    9,
    2,
    (
        Shown(f"{HOSTILE}.jpg", (HeadAnswer("glasses", HOSTILE, HOSTILE * 2, 0.9),), b"\xff\xd8"),
        Shown("gone.jpg", (HeadAnswer("glasses", "", "none", 0.7),), reason=HOSTILE),
    ),
    ((HOSTILE, HOSTILE),),
)


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folders of runs, without workers, on the bench `tmp_path/bench`."""
    return maker(tmp_path)


def page_of(run: RunFolder, **more: Any) -> Page:
    """The page of a run as it stands, taken apart."""
    return Page(page(Material(**{**vars(read_material(run)), **more})))


def test_hostile_names_become_no_element_no_attribute_and_no_address(tmp_path: Path) -> None:
    found = page_of(make_hostile(tmp_path), gallery=GALLERY)
    assert not {"script", "link", "iframe", "object", "base", "form", "input"} & set(found.elements)
    assert found.elements.count("img") == 1  # the picture itself
    assert found.open == []
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]
    outside = [one for one in found.addresses if not one.startswith(("#", "data:image/jpeg;base64,"))]
    assert outside == []
    assert ("meta", "content", POLICY) in found.attributes
    everything = found.words + "".join(value for _, _, value in found.attributes)
    assert not [one for one in everything if one != "\n" and one in "\u202e\u2066\x1b\r\x00"]
    shown = neutralise(HOSTILE)
    for place in ("failed: ", "Note: ", "taken for ", "preset ", "not to be read"):
        assert place.casefold() in found.words.casefold()
    assert found.words.count(shown) >= 12


def test_every_link_leads_to_a_part_and_every_picture_has_its_words(make_run: MakeRun) -> None:
    run = make_run()
    write(run, phase("training"), *(batch(1, number) for number in range(1, 5)), epoch(1))
    found = page_of(run)
    names = {value for _, name, value in found.attributes if name == "id"}
    assert {one.removeprefix("#") for one in found.addresses} <= names
    labels = [value.split() for _, name, value in found.attributes if name == "aria-labelledby"]
    assert labels
    assert all(set(pair) <= names for pair in labels)
    assert len(names) == len([name for _, name, _ in found.attributes if name == "id"])
    assert found.elements.count("svg") > len(labels)  # the legend's samples
    assert "Training: 1.000 at first, 1.000 at last" in found.words


def test_a_run_that_has_not_begun_says_so_in_every_part(make_run: MakeRun) -> None:
    found = page_of(make_run())
    assert "● starting" in found.words
    for words in (
        "no worker has written anything yet",
        "No epoch and no batch",
        "Nothing yet.",
        "not evaluated yet",
    ):
        assert words in found.words
    assert "svg" not in found.elements


def test_a_live_run_says_how_old_its_figures_are_and_what_is_left(make_run: MakeRun) -> None:
    run = make_run("training.epochs=10")
    write(run, phase("training"), batch(1, 2, images_per_second=14, seconds_left=600, wall=1.7e9))
    with worker_on(run):
        found = page_of(run)
    assert "● running" in found.words
    assert "epoch 1 of 10, batch 2 of 4, about 10 min left" in found.words
    assert "its last sign of life was" in found.words


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({"type": "finished", "text": "all epochs done"}, ("✓ finished", "It finished after 2 of 10 epochs")),
        ({"type": "stopped", "text": "asked to"}, ("■ stopped", "It was stopped after 2 of 10 epochs")),
        (
            {"type": "failed", "cause": "the loss is no number"},
            ("✗ failed", "the loss is no number", "worker.log"),
        ),
        (None, ("✗ died", "It died after 2 of 10 epochs", "worker.log")),
    ],
)
def test_an_ended_run_says_the_truth_of_its_end(
    make_run: MakeRun, end: dict[str, Any] | None, words: tuple[str, ...]
) -> None:
    run = make_run("training.epochs=10")
    run.log.touch()
    write(run, phase("training"), epoch(1, 2.0), epoch(2, 1.0, 2, best_value=1.0), *([end] if end else []))
    found = page_of(run)
    assert [one for one in words if one not in found.words] == []
    assert "Its best epoch is 2, by val_loss: 1." in found.words


def test_changes_on_the_way_and_what_was_skipped_are_told(make_run: MakeRun) -> None:
    run = make_run("training.epochs=10")
    rate = {"type": "rate", "epoch": 1, "batch": 2, "from": 0.1, "to": 0.01}
    write(run, phase("training"), epoch(1), rate, b"\x00garbage\n", {"type": "epochs", "from": 10, "to": 12})
    found = page_of(run)
    assert "learning rate 0.1 → 0.01" in found.words
    assert "Skipped in the log of events: 1 line: " in found.words
    assert {"sign rate", "at rate"} <= {value for _, name, value in found.attributes if name == "class"}


def test_settings_that_differ_from_the_preset_are_marked_and_the_rest_is_there(make_run: MakeRun) -> None:
    found = page_of(make_run("training.epochs=7", "dataset.size=64"))
    assert "≠ preset: 40" in found.words
    assert "≠ preset: 144 default: 200" in " ".join(found.words.split())
    assert "training.momentum" in found.words
    unknown = make_run()
    rewrite(unknown, preset="gone.toml")
    words = page_of(unknown).words
    assert "preset, which is not to be found here any more," in words
    assert "≠" not in words


def test_an_older_run_is_counted_from_its_table_and_a_damaged_part_is_a_line(make_run: MakeRun) -> None:
    run = make_run()
    rewrite(run, data={"splits": {"train": 1}})
    counted = page_of(run)
    assert "wrinkles class train validation test share none 1 0 0 50%" in " ".join(counted.words.split())
    run.data.write_text("no table\n")
    assert "expected the columns" in page_of(run).words
    rewrite(run, data={"classes": {"glasses": 3}}, host=7, versions=[], program=None, command={}, places=0)
    assert "Machine" in page_of(run).words


def test_a_damaged_evaluation_is_a_line_not_a_traceback(tmp_path: Path) -> None:
    run = make_hostile(tmp_path, "plain")
    run.evaluation.write_text(run.evaluation.read_text().replace('"accuracy": 0.8', '"accuracy": "much"'))
    assert "the file is damaged; evaluate the run again" in page_of(run).words
    run.evaluation.write_text("{")
    assert "evaluate the run again" in page_of(run).words


def test_a_run_of_a_million_steps_and_twenty_heads_is_less_than_a_megabyte() -> None:
    heads = {f"head {number}": f"Head {number}" for number in range(20)}
    rng, count = np.random.default_rng(0), 1_000_000
    steps = np.arange(1.0, count + 1)
    axes = np.column_stack([steps, steps / 1000, steps, steps])
    noise = rng.random((count, 2)).astype(np.float64)
    noise[777_777, 0] = 1234.5
    batches, epochs = Track(), Track()
    batches.extend(axes, [("", "loss", "train"), ("", "accuracy", "train")], noise)
    names: list[CurveKey] = [
        ("", "loss", "validation"),
        ("", "accuracy", "validation"),
        ("", "macro_f1", "validation"),
    ]
    epochs.extend(axes[999::1000], names, rng.random((1000, 3)))
    one = {**batches.curves(), **epochs.curves()}
    every = {(head, *key[1:]): curve for head in ("", *heads) for key, curve in one.items()}
    drawn = curves(RunSnapshot("run", RunState.FINISHED, curves=every, best_epoch=3), heads)
    assert drawn is not None
    assert drawn.count('class="chart"') == 63
    assert len(drawn.encode()) < 900_000
    assert "from 0.000 to 1.23e+03" in drawn  # the spike of one step is told


def test_few_points_are_drawn_as_they_are_and_gaps_are_marked() -> None:
    track = Track()
    axes = np.array([[1.0, 1, 1, 0], [2, 2, 2, 0], [3, 3, 3, 0]])
    track.extend(axes, [("", "loss", "validation")], np.array([[1.0], [math.nan], [0.5]]))
    snapshot = RunSnapshot("run", RunState.FINISHED, curves=track.curves(), best_epoch=3)
    drawn = curves(snapshot, {})
    assert drawn is not None
    assert "<title>epoch 3: 0.5</title>" in drawn
    assert "smoothed" not in drawn
    assert "sign gap" in drawn
    assert "Validation was no number once." in drawn
    assert curves(RunSnapshot("run", RunState.STARTING), {"a": "A"}) is None
