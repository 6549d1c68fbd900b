"""Predicting: which networks are loaded, answers for files, and that a strange file is never fatal."""

import csv
import itertools
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.conftest import write_pictures
from tests.engine.conftest import MakeRun
from workbench.errors import Cancelled, InputError, RunError
from workbench.evaluation.predict import Predictor, predict_files, predict_to_files
from workbench.training.run import RunFolder

ImagesOf = Callable[[RunFolder], Path]


def test_answers_are_probabilities_of_every_head(make_run: MakeRun) -> None:
    predictor = Predictor(make_run(6))
    found = predictor.probabilities(np.zeros((5, 32, 32, 3), dtype=np.uint8))
    assert {name: chances.shape for name, chances in found.items()} == {
        head.name: (5, len(head.classes)) for head in predictor.schema.heads
    }
    for chances in found.values():
        assert chances.dtype == np.float32
        assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)


def test_files_are_answered_in_order_and_broken_ones_by_reason(
    make_run: MakeRun, images_of: ImagesOf, tmp_path: Path
) -> None:
    run = make_run(7)
    paths = sorted(images_of(run).iterdir())
    (tmp_path / "empty.jpg").write_bytes(b"")
    paths.insert(2, tmp_path / "empty.jpg")
    predictor = Predictor(run)
    found = list(predict_files(predictor, paths, batch_size=3))
    assert [one.path for one in found] == paths
    assert found[2].reason == "empty file"
    for one in found[:2] + found[3:]:
        assert set(one.answers) == set(predictor.schema.head_names)
        for head, (name, chance) in one.answers.items():
            assert predictor.schema.head(head).by_name(name) is not None
            assert 0 < chance <= 1


def test_the_size_of_batches_does_not_change_an_answer(make_run: MakeRun, images_of: ImagesOf) -> None:
    run = make_run(5)
    paths = sorted(images_of(run).iterdir())
    predictor = Predictor(run)
    one, many = (list(predict_files(predictor, paths, batch_size=size)) for size in (1, 5))
    for first, second in zip(one, many, strict=True):
        for head, (name, chance) in first.answers.items():
            assert second.answers[head][0] == name
            assert second.answers[head][1] == pytest.approx(chance, abs=1e-4)


def test_files_are_taken_from_an_endless_stream(make_run: MakeRun, images_of: ImagesOf) -> None:
    run = make_run(3)
    paths = sorted(images_of(run).iterdir())

    stream = predict_files(Predictor(run), itertools.cycle(paths), batch_size=4)
    assert [next(stream).path for _ in range(9)] == paths * 3


def test_predicting_can_be_interrupted(make_run: MakeRun, images_of: ImagesOf) -> None:
    run = make_run(3)
    with pytest.raises(Cancelled):
        list(predict_files(Predictor(run), images_of(run).iterdir(), cancelled=lambda: True))


def test_csv_and_drawn_copies(make_run: MakeRun, images_of: ImagesOf, tmp_path: Path) -> None:
    run = make_run(4)
    folder = images_of(run)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "broken.png").write_bytes(b"no picture")
    told: list[tuple[int, int]] = []
    result = predict_to_files(
        run,
        [folder, tmp_path / "other"],
        tmp_path / "out.csv",
        overlay=folder,  # of all places
        progress=lambda *at: told.append(at),
    )
    assert (result.predicted, result.overlays, told[-1]) == (4, 4, (5, 5))
    assert [Path(name).name for name, _ in result.set_aside] == ["broken.png"]
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert rows[0]["hair_colour"] in [one.name for one in run.schema().head("hair_colour").classes]
    assert "no picture" in rows[4]["set_aside"]
    assert {path: path.read_bytes() for path in before} == before, "inputs are as they were"


def test_pictures_larger_than_memory_wants_are_answered(make_run: MakeRun, tmp_path: Path) -> None:
    path = write_pictures(tmp_path / "large", 1, size=2500)[0]
    result = predict_to_files(make_run(3), [path], tmp_path / "out.csv", overlay=tmp_path / "drawn")
    assert result.predicted == 1


def test_a_mistaken_path_is_found_before_the_network_is_loaded(make_run: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such picture or folder"):
        predict_to_files(make_run(3, network=False), [tmp_path / "nowhere.jpg"], tmp_path / "out.csv")


def test_a_lambda_layer_is_refused(make_run: MakeRun) -> None:
    run = make_run(3)
    inputs = keras.Input((32, 32, 3))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs)).save(run.model)
    with pytest.raises(RunError, match="holds a Lambda layer, which is code from outside"):
        Predictor(run)


def test_a_network_of_other_heads_is_refused(make_run: MakeRun) -> None:
    run = make_run(3)
    inputs = keras.Input((32, 32, 3))
    flat = keras.layers.Flatten()(inputs)
    keras.Model(inputs, {"glasses": keras.layers.Dense(3, activation="softmax")(flat)}).save(run.model)
    with pytest.raises(RunError, match="heads or picture size are not those of the run"):
        Predictor(run)


def test_damaged_weights_are_one_line(make_run: MakeRun) -> None:
    import zipfile

    run = make_run(3)
    with zipfile.ZipFile(run.model) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(run.model, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, b"no weights" if name.endswith(".h5") else content)
    with pytest.raises(RunError) as caught:
        Predictor(run)
    assert "the network cannot be loaded" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_file_that_is_no_network_is_refused(make_run: MakeRun) -> None:
    run = make_run(3, network=False)
    run.model.write_bytes(b"\x80\x04\x95pickle")
    with pytest.raises(RunError, match=r"not a \.keras file"):
        Predictor(run)
