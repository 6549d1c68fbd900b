"""Settings: presets, overrides, and mistakes answered with file, line and the nearest valid name."""

from pathlib import Path

import pytest

from workbench.config import Settings, describe, load_settings, preset_names
from workbench.errors import ConfigError


def test_every_preset_loads_and_says_what_it_is() -> None:
    assert preset_names() == ("accurate", "fast", "reference", "skewed")
    assert all(load_settings(name).description for name in preset_names())


def test_the_reference_preset_is_the_reports() -> None:
    settings = load_settings("reference")
    training = settings.training
    assert (training.batch_size, training.generator_batch, training.pictures_per_epoch) == (32, 128, 1280)
    assert (training.epochs, training.optimizer, settings.dataset.size) == (10, "sgd", 200)
    assert settings.model.architecture == "reference"
    active = {name for name, operation in settings.augment if operation.probability > 0}
    assert active == {"rotate", "blur", "brightness", "pan", "zoom"}


def test_later_sources_win(tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text("[training]\nepochs = 4\nbatch_size = 8\n")
    base = {"training": {"epochs": 2, "batch_size": 2}, "dataset": {"size": 64}}
    settings = load_settings(preset, ["training.batch_size=16", "training.optimizer=sgd"], base)
    assert (settings.dataset.size, settings.training.epochs, settings.training.batch_size) == (64, 4, 16)
    assert settings.training.optimizer == "sgd"


def test_an_operation_keeps_its_usual_range_when_only_its_probability_is_given(tmp_path: Path) -> None:
    preset = tmp_path / "mine.toml"
    preset.write_text("[augment]\nzoom = { probability = 0.5 }\n")
    zoom = load_settings(preset).augment.zoom
    assert (zoom.probability, zoom.low, zoom.high) == (0.5, 0.85, 1.15)


def test_settings_survive_json() -> None:
    settings = load_settings("accurate", ["training.seed=3"])
    assert Settings.from_dict(settings.to_dict()) == settings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[training]\n\nepochs = 4\nlearning_rat = 1\n",
            r"mine\.toml:4: unknown key .*did you mean 'learning_rate'",
        ),
        ("[trainin]\nepochs = 4\n", r"mine\.toml:1: unknown key 'trainin'.*did you mean 'training'"),
        (
            "[training]\nepochs = 0\n",
            r"mine\.toml:2: training\.epochs: .*greater than or equal to 1; received 0",
        ),
        ("training.epochs = 'many'\n", r"mine\.toml:1: training\.epochs: .*integer.*received 'many'"),
        ("[training]\nlearning_rate = nan\n", r"mine\.toml:2: training\.learning_rate"),
        ("[dataset.split]\ntrain = 0.5\n", r"train \+ validation \+ test must be 1"),
        ("[augment]\nzoom = { probability = 1.5 }\n", r"mine\.toml:2: augment\.zoom"),
        ("[augment.rotate]\nlow = 9\nhigh = 3\n", "low must not be above high"),
        ("[augment.blur]\nlow = -1\nhigh = 3\n", "blur must lie between 0 and 20"),
        ("[training]\noptimizer = 'sdg'\n", "'sgd', 'rmsprop', 'adam' or 'adamw'; received 'sdg'"),
        ("[training\n", "not TOML"),
        ("\xff", "not UTF-8 at byte 0"),
    ],
)
def test_a_mistake_names_file_line_and_cure(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=message) as caught:
        load_settings(path)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epocs=3", "did you mean 'epochs'"),
        ("epochs", "expected key=value"),
        ("training.epochs=x", "received 'x'"),
        ("=3", "expected key=value"),
        ("training.epochs.deep=3", "training.epochs"),
    ],
)
def test_a_wrong_override_is_refused(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings("fast", [override])


def test_an_unknown_preset_and_a_schema_in_its_place() -> None:
    with pytest.raises(ConfigError, match="did you mean 'fast'"):
        load_settings("fats")
    with pytest.raises(ConfigError, match="this is a schema, not a preset"):
        load_settings("face")


def test_a_huge_file_is_no_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * (2 << 20))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load_settings(path)


def test_every_setting_is_described_and_can_be_set_to_what_it_is() -> None:
    settings = load_settings("fast")
    fields = describe(settings)
    assert len({field.key for field in fields}) == len(fields) > 40
    for field in fields:
        assert field.meaning, field.key
        assert field.valid, field.key
        value = str(field.value).lower() if isinstance(field.value, bool) else field.value
        assert load_settings("fast", [f"{field.key}={value}"]) == settings


def test_overrides_that_only_make_sense_together_are_taken_together() -> None:
    split = ("dataset.split.train=0.8", "dataset.split.validation=0.1", "dataset.split.test=0.1")
    assert load_settings("fast", split).dataset.split.train == 0.8
    with pytest.raises(ConfigError, match=r"--set dataset.split.train=0.8: .* must be 1"):
        load_settings("fast", split[:2])
    with pytest.raises(ConfigError, match=r"--set training.epochs=0: "):
        load_settings("fast", ["training.batch_size=8", "training.epochs=0"])
