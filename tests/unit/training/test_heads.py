"""What is refused and said of the heads' losses before a worker starts."""

import numpy as np
import pytest

from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.errors import ConfigError
from workbench.schema import Schema
from workbench.settings import TrainingSettings
from workbench.training.heads import check_class_weights, check_heads, loss_notes

SCHEMA = Schema.from_dict(
    {
        "name": "test",
        "heads": [
            {"name": "hair", "classes": ["brown", "black", "blond"]},
            {"name": "glasses", "classes": ["none", "some"]},
        ],
    }
)


def training(*overrides: str) -> TrainingSettings:
    """The defaults with changes of `training`."""
    return load_settings(None, [f"training.{one}" for one in overrides]).training


def table(hair: list[int], splits: list[str]) -> Table:
    """A divided table in which only the hair matters."""
    names = tuple(f"{number:032x}" for number in range(len(hair)))
    glasses = np.arange(len(hair), dtype=np.int16) % 2
    codes = {"hair": np.array(hair, dtype=np.int16), "glasses": glasses}
    return Table(names, names, names, codes, np.array(splits))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("heads.hiar.weight=2", r"training\.heads: no head is named 'hiar'; did you mean 'hair'\?"),
        ("heads.beard.weight=2", r"no head is named 'beard'; valid: hair, glasses"),
        ("heads.hair.class_weights={blnd = 2}", r"no class of hair is named 'blnd'; did you mean 'blond'\?"),
        (
            "heads.glasses.class_weights={brown = 2}",
            "no class of glasses is named 'brown'; valid: none, some",
        ),
        ("loss.weight=0", "every head weighs 0, so there is nothing to learn; give a head a weight above 0"),
    ],
)
def test_heads_and_classes_that_do_not_exist_are_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        check_heads(training(override), SCHEMA)
    assert "\n" not in str(caught.value)


def test_one_head_may_weigh_nothing_and_one_may_be_all() -> None:
    check_heads(training("heads.hair.weight=0"), SCHEMA)
    check_heads(training("loss.weight=0", "heads.hair.weight=1"), SCHEMA)
    check_heads(training(), SCHEMA)


def test_a_name_from_outside_is_shown_harmlessly() -> None:
    with pytest.raises(ConfigError) as caught:
        check_heads(training('heads."\\u202e\\u001b[2J".weight=2'), SCHEMA)
    assert str(caught.value).isprintable()


def test_the_weight_of_a_class_without_training_pictures_is_refused() -> None:
    how = training("heads.hair.class_weights={blond = 3}")
    where = ["train", "train", "train", "validation", "test"]
    with pytest.raises(
        ConfigError, match=r"no training picture is 'blond'; .* with pictures: brown, black"
    ) as caught:
        check_class_weights(how, SCHEMA, table([0, 1, -1, 2, 2], where))
    assert caught.value.where == "training.heads.hair.class_weights"
    check_class_weights(how, SCHEMA, table([0, 1, 2, 2, 2], where))
    check_class_weights(training("class_weights=effective"), SCHEMA, table([0, 1, -1, 2, 2], where))


def test_nothing_is_said_of_plain_losses() -> None:
    assert loss_notes(training(), SCHEMA) == ()


def test_the_losses_are_one_line() -> None:
    (line,) = loss_notes(training("heads.hair.focal_gamma=2", "heads.hair.weight=0.5"), SCHEMA)
    assert line == "losses: hair: focal γ 2 + weight 0.5; glasses: cross-entropy"
    (line,) = loss_notes(training("loss.label_smoothing=0.1", "loss.head_weights=speed"), SCHEMA)
    assert line == (
        "losses: hair, glasses: cross-entropy + label smoothing 0.1; weights between heads by speed"
    )
    (line,) = loss_notes(training("heads.hair.class_weights={blond = 3}"), SCHEMA)
    assert line == "losses: hair: cross-entropy + class weights blond 3; glasses: cross-entropy"


def test_how_pictures_are_drawn_and_mixed_is_said() -> None:
    notes = loss_notes(training("heads.hair.balanced=true", "mixing.mixup=0.2"), SCHEMA)
    assert notes[0] == "drawn with balanced classes: hair; no picture more than 8 × as often as on average"
    assert notes[1].startswith(
        "100% of the training pictures are mixed (mixup α 0.2): their loss and accuracy"
    )
    assert len(notes) == 2


def test_raising_the_rare_twice_is_warned_of() -> None:
    how = training("sampling.balanced=true", "heads.hair.logit_adjustment=1", "heads.glasses.balanced=false")
    warnings = [line for line in loss_notes(how, SCHEMA) if line.startswith("warning")]
    assert warnings == [
        "warning: hair: rare classes are raised twice, by balanced sampling and by logit adjustment"
    ]
