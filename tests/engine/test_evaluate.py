"""Evaluating a run: its own pictures and network, the figures, and every way in which there can be none."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.engine.conftest import MakeRun
from workbench.bench import Bench
from workbench.dataset.table import Table
from workbench.errors import Cancelled, InputError, RunError
from workbench.evaluation.evaluate import evaluate_run, schema_changes
from workbench.evaluation.metrics import head_metrics
from workbench.evaluation.predict import Predictor
from workbench.evaluation.report import read_evaluation
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess
from workbench.schema import Schema
from workbench.training.run import RunFolder


def bench_of(run: RunFolder) -> Bench:
    """The bench around a run."""
    return Bench.open(run.root.parent.parent)


def test_figures_are_those_of_the_networks_own_answers(make_run: MakeRun) -> None:
    run = make_run()
    found = evaluate_run(run)
    table, predictor = Table.load(run.data, run.schema()), Predictor(run)
    rows = table.rows("test")
    images = np.stack([preprocess(decode(Path(table.paths[row])), 32) for row in rows])
    answers = predictor.probabilities(images)
    for head in run.schema().heads:
        expected = head_metrics(
            table.codes[head.name][rows], answers[head.name], [one.name for one in head.classes], 0
        )
        result = found.splits["test"].heads[head.name]
        assert result.confusion == expected.confusion
        assert result.loss == pytest.approx(expected.loss, rel=1e-4)
    losses = [one.loss for one in found.splits["test"].heads.values()]
    assert found.splits["test"].loss == pytest.approx(sum(loss for loss in losses if loss is not None))
    assert sum(split.pictures for split in found.splits.values()) == 24


def test_the_result_lies_beside_the_run(make_run: MakeRun) -> None:
    run = make_run()
    found = evaluate_run(run)
    assert read_evaluation(run) == found
    assert json.loads(run.evaluation.read_text())["splits"]["test"]["heads"]["glasses"]["n"] > 0


def test_the_majority_is_that_of_the_training_split(make_run: MakeRun) -> None:
    run = make_run()
    table = Table.load(run.data, run.schema())
    train = table.codes["hair_top"][table.rows("train")]
    majority = int(np.bincount(train[train >= 0]).argmax())
    test = table.codes["hair_top"][table.rows("test")]
    result = evaluate_run(run).splits["test"].heads["hair_top"]
    assert result.majority_class == run.schema().head("hair_top").classes[majority].name
    assert result.majority == pytest.approx(float((test[test >= 0] == majority).mean()))


def test_one_split_after_another_is_kept(make_run: MakeRun) -> None:
    run = make_run()
    assert list(evaluate_run(run, splits=["test"]).splits) == ["test"]
    assert list(evaluate_run(run, splits=["train"]).splits) == ["train"]
    stored = read_evaluation(run)
    assert stored is not None
    assert list(stored.splits) == ["train", "test"]


def test_the_same_network_gives_the_same_figures(make_run: MakeRun) -> None:
    run = make_run()
    assert evaluate_run(run).to_dict() == evaluate_run(run).to_dict()


def test_pictures_that_are_gone_are_named_and_the_rest_evaluated(make_run: MakeRun) -> None:
    run = make_run()
    gone = Path(Table.load(run.data, run.schema()).paths[3])
    gone.unlink()
    found = evaluate_run(run)
    assert found.set_aside == {gone.name: "the file is no longer there"}
    assert sum(split.pictures for split in found.splits.values()) == 23


def test_cached_pixels_outlive_the_pictures(make_run: MakeRun) -> None:
    run = make_run()
    before = evaluate_run(run)
    for path in bench_of(run).images_root.iterdir():
        path.unlink()
    assert evaluate_run(run).splits == before.splits


def test_without_any_picture_the_error_is_one_line(make_run: MakeRun) -> None:
    run = make_run()
    for path in bench_of(run).images_root.iterdir():
        path.unlink()
    with pytest.raises(InputError, match="none of the 24 labelled pictures can be read"):
        evaluate_run(run)
    assert not run.evaluation.exists()


def test_a_bench_that_was_moved_is_evaluated_where_it_is(make_run: MakeRun, tmp_path: Path) -> None:
    run = make_run()
    before = evaluate_run(run)
    moved = bench_of(run).root.rename(tmp_path / "moved")
    again = RunFolder(moved / "runs" / run.name)
    assert evaluate_run(again).splits == before.splits
    assert not run.root.exists(), "nothing is made where the bench was"


def test_a_run_that_died_before_its_first_checkpoint_says_so(make_run: MakeRun) -> None:
    run = make_run(6, network=False)
    run.log.write_text("Killed")
    with pytest.raises(RunError) as caught:
        evaluate_run(run)
    assert "the run died before its first checkpoint" in str(caught.value)
    assert f"its log: {run.log}" in str(caught.value)


def test_a_run_that_failed_says_why(make_run: MakeRun) -> None:
    run = make_run(6, network=False)
    run.log.write_text("")
    event = {"seq": 1, "wall": 1.0, "mono": 1.0, "type": "failed", "error": "out of memory"}
    run.events.write_text(json.dumps(event) + "\n")
    with pytest.raises(RunError, match="no network: the run failed"):
        evaluate_run(run)


def test_a_run_that_has_not_begun_is_waited_for(make_run: MakeRun) -> None:
    with pytest.raises(RunError, match="no network yet; it is starting"):
        evaluate_run(make_run(6, network=False))


def test_a_network_that_diverged_is_not_given_figures(make_run: MakeRun) -> None:
    import keras

    run = make_run()
    model = keras.saving.load_model(run.model, compile=False)
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    model.save(run.model)
    with pytest.raises(RunError, match="the training diverged; train again with a lower learning rate"):
        evaluate_run(run)
    assert not run.evaluation.exists()


def test_an_interruption_leaves_the_old_result(make_run: MakeRun) -> None:
    run = make_run()
    evaluate_run(run)
    before = run.evaluation.read_bytes()
    with pytest.raises(Cancelled):
        evaluate_run(run, cancelled=lambda: True)
    assert run.evaluation.read_bytes() == before


def test_progress_ends_at_the_number_of_pictures(make_run: MakeRun) -> None:
    told: list[tuple[int, int]] = []
    evaluate_run(make_run(), progress=lambda *at: told.append(at))
    assert told[-1] == (24, 24)


def test_a_read_only_bench_is_evaluated_without_saving(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, whom no mode stops
    found = evaluate_run(run)
    assert "not saved: the run's folder is read-only" in found.notes
    assert not run.evaluation.exists()


def changed(schema: Schema, **heads: list[str] | None) -> Schema:
    """The schema with other classes; None takes a head out."""
    tables = [
        {"name": head.name, "classes": list(heads.get(head.name) or (one.name for one in head.classes))}
        for head in schema.heads
        if heads.get(head.name, ()) is not None
    ]
    tables += [
        {"name": name, "classes": list(found or ())}
        for name, found in heads.items()
        if name not in schema.head_names
    ]
    return Schema.from_dict({"name": "changed", "heads": tables})


def test_a_schema_that_changed_since_is_noted(make_run: MakeRun, face_schema: Schema) -> None:
    run = make_run()
    assert evaluate_run(run).notes == ()
    now = changed(face_schema, glasses=["none", "normal", "monocle"], wrinkles=None, beard=["none", "full"])
    notes = evaluate_run(run, now).notes
    assert notes == (
        "the schema no longer has the head 'wrinkles'",
        "head 'glasses' no longer has the class 'sunglasses'",
        "head 'glasses' has the new class 'monocle', which the network cannot answer",
        "the schema has the new head 'beard', which the network cannot answer",
    )


def test_another_order_of_classes_is_a_change(face_schema: Schema) -> None:
    now = changed(face_schema, freckles=["yes", "none"])
    assert schema_changes(face_schema, now) == ("the classes of head 'freckles' stand in another order",)
    assert schema_changes(face_schema, face_schema) == ()
