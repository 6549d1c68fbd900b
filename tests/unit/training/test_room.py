"""What checkpoints take of the disk is known before a run starts."""

from pathlib import Path

import pytest

from workbench.config import load_settings
from workbench.errors import InputError
from workbench.model.sizes import parameters
from workbench.schema import Schema
from workbench.training.room import check_room, checkpoint_bytes, megabytes


@pytest.mark.parametrize(
    ("overrides", "times"),
    [
        (("training.optimizer=adamw",), 3),
        (("training.optimizer=adam", "training.average_weights=0.9"), 4),
        (("training.optimizer=sgd",), 2),
        (("training.optimizer=sgd", "training.momentum=0"), 1),
        (("training.optimizer=rmsprop", "training.momentum=0"), 2),
        (("training.optimizer=rmsprop", "training.swa_from=0.5"), 4),
    ],
)
def test_each_weight_is_kept_with_what_its_optimiser_knows_of_it(
    overrides: tuple[str, ...], times: int, face_schema: Schema
) -> None:
    settings = load_settings("fast", overrides)
    weights = parameters(settings.model, face_schema, settings.dataset.size)
    assert checkpoint_bytes(settings, face_schema) == 4 * weights * times


@pytest.mark.parametrize(("size", "text"), [(0, "0.0 MB"), (1 << 20, "1.0 MB"), (12 << 20, "12 MB")])
def test_megabytes(size: int, text: str) -> None:
    assert megabytes(size) == text


def test_a_disk_is_asked_before_anything_is_trained(tiny_disk: Path, face_schema: Schema) -> None:
    small = load_settings("fast", ["model.width=4", "model.depth=2", "training.keep_checkpoints=2"])
    said = check_room(small, face_schema, tiny_disk)
    assert said.startswith("a checkpoint is about ")
    assert said.endswith("; the last 2 epochs and the best are kept")
    many = load_settings("fast", ["model.width=4", "model.depth=2", "training.keep_checkpoints=1000"])
    assert "are free: lower training.keep_checkpoints" in check_room(many, face_schema, tiny_disk)
    with pytest.raises(InputError, match=r"only [56]\.\d MB of the disk are free; free some space"):
        check_room(load_settings("reference"), face_schema, tiny_disk)
