"""Settings that contradict themselves are refused with the way out; odd ones are obeyed, and said."""

import pytest

from workbench.config import load_settings, preset_names
from workbench.errors import ConfigError
from workbench.settings import TrainingSettings
from workbench.training.contradictions import check_consistent, doubts


def training(*overrides: str) -> TrainingSettings:
    return load_settings(None, [f"training.{one}" for one in overrides]).training


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            ("epochs=3", "warmup_epochs=4.5"),
            "training.warmup_epochs: a warm-up of 4.5 epochs is longer than all 3; at most 3",
        ),
        (
            ("swa_from=0.7", "average_weights=0.99"),
            "swa_from: weights are averaged twice: by average_weights = 0.99 too; set one of them to 0",
        ),
        (
            ("schedule=plateau", "plateau.patience=8", "early_stopping.patience=5"),
            "training.plateau.patience: the rate would fall after 8 epochs without a better val_loss, but "
            "early_stopping.patience = 5 ends the training before; below 5",
        ),
        (
            ("schedule=plateau", "plateau.patience=1", "early_stopping.patience=1"),
            "ends the training before; raise early_stopping.patience",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_in_one_line_with_the_way_out(
    overrides: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_consistent(training(*overrides))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "overrides",
    [
        ("epochs=3", "warmup_epochs=3"),
        ("epochs=3", "warmup_epochs=4", "schedule=one_cycle"),  # which has a rise of its own
        ("schedule=plateau", "plateau.patience=4", "early_stopping.patience=5"),
        ("schedule=plateau", "plateau.patience=8"),
        ("schedule=cosine", "plateau.patience=8", "early_stopping.patience=5"),
        (
            "schedule=plateau",
            "plateau.patience=8",
            "plateau.metric=val_accuracy",
            "early_stopping.patience=5",
        ),
        ("swa_from=0.7",),
        ("learning_rate=1e9",),
    ],
)
def test_what_can_be_meant_is_let_through(overrides: tuple[str, ...]) -> None:
    check_consistent(training(*overrides))


@pytest.mark.parametrize("preset", preset_names())
def test_no_preset_is_refused_or_doubted(preset: str) -> None:
    how = load_settings(preset).training
    check_consistent(how)
    assert doubts(how) == ()


@pytest.mark.parametrize(
    ("optimizer", "rate", "doubted"),
    [
        ("sgd", 1.0, False),
        ("sgd", 1.5, True),
        ("rmsprop", 0.2, True),
        ("adam", 0.1, False),
        ("adam", 0.2, True),
        ("adamw", 1e9, True),
    ],
)
def test_an_absurd_rate_is_doubted_by_its_optimiser(optimizer: str, rate: float, doubted: bool) -> None:
    found = doubts(training(f"optimizer={optimizer}", f"learning_rate={rate}"))
    assert bool(found) == doubted
    if doubted:
        assert f"training.learning_rate = {rate:g} is absurdly large for {optimizer}" in found[0]


def test_averaging_while_the_rate_is_almost_nothing_is_doubted() -> None:
    assert "hardly move any more with schedule 'cosine'" in doubts(training("swa_from=0.5"))[0]
    assert doubts(training("swa_from=0.5", "schedule=constant")) == ()


def test_a_rate_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(ConfigError, match="less than or equal to 1000000000"):
        training("learning_rate=2e9")
