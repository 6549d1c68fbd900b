"""The words of a report: where a run comes from, how good it is, what was asked of it, what people noted."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.evaluation.conftest import evaluation, head
from tests.unit.report.conftest import Page
from tests.unit.training.conftest import MakeRun, epoch, maker, phase, rewrite, write
from workbench.errors import RunRefused, WorkbenchError
from workbench.evaluation.report import Evaluation, SplitResult, write_evaluation
from workbench.monitoring.advice import Advice
from workbench.monitoring.snapshot import RunSnapshot
from workbench.report.events import events
from workbench.report.markup import Html
from workbench.report.material import Material, read_material
from workbench.report.page import page
from workbench.report.story import story
from workbench.report.write import check_place, write_report
from workbench.training.control import Request
from workbench.training.run import RunFolder
from workbench.training.state import RunState


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Make the folders of runs, without workers, on the bench `tmp_path/bench`."""
    return maker(tmp_path)


def words(content: Html | str) -> str:
    """The text of some markup, on one line."""
    return " ".join(Page(content).words.split())


def told(run: RunFolder, **more: Any) -> str:
    """The story of a run."""
    return words(story(Material(**{**vars(read_material(run)), **more})))


def fill(disk: Path) -> None:
    """Leave no room on a disk."""
    descriptor = os.open(disk / "ballast", os.O_CREAT | os.O_WRONLY)
    size = 1 << 20
    try:
        while size:
            try:
                os.write(descriptor, bytes(size))
            except OSError:
                size //= 2
    finally:
        os.close(descriptor)


def test_it_says_where_its_weights_came_from(make_run: MakeRun) -> None:
    assert "from random weights" in told(make_run())
    child = make_run(parent="0001-fast")
    rewrite(child, start={"run": "0001-fast", "checkpoint": "last", "epoch": 7})
    assert "beginning with the weights of 0001-fast (last, epoch 7)" in told(child)
    backbone = make_run()
    settings = json.loads(backbone.run_json.read_text())["settings"]
    rewrite(backbone, settings={**settings, "model": {**settings["model"], "weights": "some.h5"}})
    assert "with the weights of a backbone" in told(backbone)


def test_it_says_how_good_each_head_is_and_which_prove_nothing(make_run: MakeRun) -> None:
    run = make_run()
    sure = head(accuracy=0.95, interval=(0.8, 0.99))
    found = Evaluation(run.name, {"test": SplitResult(10, 0.5, {"glasses": sure, "hair_top": head()})})
    write_evaluation(run, found)
    said = told(run)
    assert "Accuracy on the test split: glasses 0.950 (majority 0.700), hair top 0.800" in said
    assert "Not shown to be better than always the same answer: hair top." in said
    assert "Not shown" not in told(run, evaluation=Evaluation("x", {"test": SplitResult(9, 1, {"a": sure})}))
    assert "Accuracy" not in told(run, evaluation=None)


def test_it_repeats_what_people_noted(make_run: MakeRun) -> None:
    run = make_run()
    (run.root / "remarks.json").write_text(json.dumps({"note": "for Ana", "tags": ["keep", "paper"]}))
    assert "Note: for Ana keep paper" in told(run)


def test_an_evaluation_of_another_network_is_not_shown(make_run: MakeRun) -> None:
    run = make_run()
    write_evaluation(run, evaluation())
    assert read_material(run).evaluation is not None
    run.model.write_bytes(b"another network")
    material = read_material(run)
    assert material.evaluation is None
    assert material.unevaluated.startswith("its network has changed since")


def test_troubles_of_the_log_are_told_first(make_run: MakeRun) -> None:
    run = make_run()
    snapshot = RunSnapshot(run.name, RunState.RUNNING, gone=True, two_writers=True, skipped={"no JSON": 1200})
    said = told(run, snapshot=snapshot)
    assert "The log of events vanished while it was read." in said
    assert "Two workers have written the log at once" in said
    assert "Skipped in the log of events: 1,200 lines: no JSON." in said


def test_advice_says_where_and_what_asks_for_attention_is_marked() -> None:
    advice = (
        Advice("overfitting", "hair_top", 12.0, 0, 0, "hair_top: over-fitting since about epoch 9"),
        Advice("best", "", 9.0, 0, 0, "epoch 9 is the best so far"),
    )
    shown = events(RunSnapshot("run", RunState.RUNNING, advice=advice))
    assert "! hair_top: over-fitting since about epoch 9 epoch 12" in words(shown)
    assert "★ epoch 9 is the best so far" in words(shown)
    assert (shown.count('class="warn"'), shown.count('class="calm"')) == (1, 1)


def test_what_was_asked_is_told_with_how_far_it_came() -> None:
    asked = (
        Request("1", "rate", "done", 1.7e9, 0.001, taken_wall=1.7e9 + 1, ended_wall=1.7e9 + 2),
        Request("2", "epochs", "refused", 1.7e9, 5, reason="too late"),
        Request("3", "stop", "asked", 1.7e9),
    )
    shown = words(events(RunSnapshot("run", RunState.RUNNING, requests=asked)))
    assert "rate 0.001" in shown
    assert "epochs 5 – – refused: too late" in shown
    assert "stop – – asked" in shown


def test_notes_are_the_last_lines_only() -> None:
    notes = tuple(f"line {number}" for number in range(500))
    shown = events(RunSnapshot("run", RunState.RUNNING, notes=notes))
    assert "The last 200 lines that it wrote for people" in shown
    assert shown.count("<li>") == 200
    assert "line 499" in shown


def test_a_run_that_cannot_be_read_is_refused(make_run: MakeRun) -> None:
    run = make_run()
    rewrite(run, schema=3)
    with pytest.raises(RunRefused):
        read_material(run)
    rewrite(run, version=99)
    with pytest.raises(RunRefused, match="update workbench"):
        read_material(run)


def test_a_full_disk_leaves_the_report_that_was_there(make_run: MakeRun, tiny_disk: Path) -> None:
    material, out = read_material(make_run()), tiny_disk / "report.html"
    out.write_text("the old one")
    fill(tiny_disk)
    with pytest.raises(WorkbenchError, match="the disk is full"):
        write_report(material, out, overwrite=True)
    assert out.read_text() == "the old one"


def test_a_link_to_nowhere_is_something_that_exists(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WorkbenchError, match="exists"):
        check_place(tmp_path / "link.html", overwrite=False)


def test_settings_that_cannot_be_read_are_a_line(make_run: MakeRun) -> None:
    run = make_run()
    write(run, phase("training"), epoch(1))
    material = read_material(run)
    rewrite(run, settings={"training": {"epochs": "many"}})
    assert "epochs" in words(page(material))
