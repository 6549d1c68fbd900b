"""Trainings in short numbers, with pictures changed on the device, and on devices that share each batch."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.engine.shared_steps import SCHEMA, batches, learner, steps
from workbench.config import ModelSettings, load_settings
from workbench.errors import RunError
from workbench.model.precision import numbers
from workbench.model.registry import architecture_names, build
from workbench.settings import HardwareSettings
from workbench.training.checkpoint import Checkpoints, averaged, save_network
from workbench.training.distribution import masked_to, take_place

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a program found that parted its processor in two."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.shared_steps", tmp_path_factory.mktemp("checkpoints")],
        cwd=REPOSITORY,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_two_devices_that_share_each_batch_learn_exactly_what_one_learns(shared: Any) -> None:
    """Masks that differ between the halves, weights of classes, weights between heads that are learned, a
    mean of the weights, and batch normalisation over both halves."""
    found = shared["alike"]
    for mine, theirs in zip(found["two"], found["one"], strict=True):
        assert mine == pytest.approx(theirs, abs=1e-4)
    assert found["weights"] < 1e-4
    assert found["answers"] < 1e-5
    assert found["one"][0] != pytest.approx(found["one"][-1], rel=0.05), "it learned something"


def test_a_run_tells_how_many_devices_it_has_and_each_has_its_part_ahead_of_time(shared: Any) -> None:
    assert shared["alike"]["place"] == {"device": "cpu:0", "replicas": 2, "precision": "float32"}
    assert [part.rpartition("/")[2] for part in shared["alike"]["parts"]] == ["device:CPU:0", "device:CPU:1"]


def test_the_rest_of_an_epoch_that_cannot_be_shared_evenly_is_learned_too(shared: Any) -> None:
    [rest] = shared["alike"]["rest"]
    assert all(np.isfinite(loss) for loss in rest.values())
    assert rest["two"] == 0.0, "nothing of it has a label"


def test_a_checkpoint_of_two_devices_is_gone_on_with(shared: Any) -> None:
    found = shared["resumed"]
    assert found["again"] == found["then"]
    assert found["factor"] == 0.5
    assert found["values"] > 50
    assert found["equal"] == found["values"], "a new learner holds all of it, on both devices"


def test_pictures_that_fill_up_a_batch_have_no_label() -> None:
    assert masked_to(4, np.array([1, 0, 2], np.int32)).tolist() == [1, 0, 2, -1]
    mixed = np.array([[1, 0, 0.75]], np.float32)
    assert masked_to(2, mixed).tolist() == [[1, 0, 0.75], [-1, -1, 1]]
    assert masked_to(1, mixed).dtype == np.float32


@pytest.fixture(scope="module")
def long() -> list[dict[str, float]]:
    """The losses of ten steps in float32."""
    return steps(learner(), batches())


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_short_numbers_learn_what_float32_learns(
    precision: str, long: list[dict[str, float]], tmp_path: Path
) -> None:
    made = batches()
    short = learner(f"hardware.precision={precision}", "training.average_weights=0.9")
    for mine, theirs in zip(steps(short, made), long, strict=True):
        assert mine == pytest.approx(theirs, abs=0.15)
    assert {str(weight.dtype) for weight in short.model.variables} == {"float32"}
    assert isinstance(short.model.optimizer, keras.optimizers.LossScaleOptimizer) is (precision == "float16")
    assert keras.config.dtype_policy().name == "float32", "the next network is not touched"
    images = made[0][0]
    answers = short.answers(images)
    with averaged(short.model):
        assert not np.array_equal(short.answers(images)["one"], answers["one"])
    Checkpoints(tmp_path, short.model, {}).save((0, 3))
    after = steps(short, made[3:4])
    Checkpoints(tmp_path, short.model, {}).restore(pytest.fail)
    assert steps(short, made[3:4]) == after


def test_a_network_in_short_numbers_is_saved_for_plain_keras(tmp_path: Path) -> None:
    short, path = learner("hardware.precision=bfloat16", "hardware.augmentation=device"), tmp_path / "m.keras"
    save_network(short.network, path)
    with zipfile.ZipFile(path) as file:
        assert b"workbench" not in file.read("config.json"), "it needs nothing of ours"
    images = batches(1)[0][0]
    found = keras.saving.load_model(path, compile=False).predict_on_batch(images)
    for head, answer in short.answers(images).items():
        assert found[head].dtype == np.float32
        np.testing.assert_array_equal(found[head], answer)


@pytest.mark.parametrize("architecture", architecture_names())
def test_every_architecture_answers_in_float32_whatever_is_between_its_layers(architecture: str) -> None:
    settings = ModelSettings(architecture=architecture, width=4, depth=2, dense=8)
    with numbers("bfloat16"):
        network = build(settings, SCHEMA, 48)
    assert {output.dtype for output in network.output.values()} == {"float32"}
    assert {weight.dtype for weight in network.weights} <= {"float32", "uint32", "int64"}
    assert "bfloat16" in {layer.compute_dtype for layer in network.layers}


def test_pictures_are_changed_while_learning_and_not_while_answering() -> None:
    overrides = ("training.optimizer=sgd", "training.momentum=0", "model.dropout=0")
    changed = learner(
        *overrides, "hardware.augmentation=device", "augment.noise={probability=1, low=60, high=90}"
    )
    plain = learner(*overrides)
    made = batches(1)
    for head, answer in changed.answers(made[0][0]).items():
        np.testing.assert_array_equal(answer, plain.answers(made[0][0])[head])
    assert steps(changed, made) != steps(plain, made)
    assert changed.network.count_params() == plain.network.count_params()
    assert len(changed.network.layers) == len(plain.network.layers)


@pytest.mark.parametrize("what", [{"device": "gpu"}, {"replicas": 2}])
def test_a_gpu_that_tensorflow_does_not_see_is_one_line(what: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="TensorFlow sees no GPU; install tensorflow") as caught:
        take_place(HardwareSettings(**what))
    assert "\n" not in str(caught.value)


def test_one_processor_has_its_pictures_already() -> None:
    place = take_place(HardwareSettings())
    images = batches(1)[0][0]
    assert place.ahead(images) is images
    assert place.to_dict() == {"device": "cpu:0", "replicas": 1, "precision": "float32"}
    assert [place.compiled(xla) for xla in ("auto", "on", "off")] == [False, True, False]


def test_settings_of_hardware_are_part_of_every_preset() -> None:
    for preset in ("fast", "accurate", "reference"):
        assert load_settings(preset).hardware == HardwareSettings()
