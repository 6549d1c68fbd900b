"""Settings for all heads, and what single heads have otherwise: written, overridden, refused."""

from pathlib import Path

import pytest

from workbench.config import SettingField, describe, load_settings
from workbench.errors import ConfigError
from workbench.settings import Settings, head_plans
from workbench.tui.run_setup import DEFAULTS, RunSetup

OWN = """
[training]
class_weights = "effective"

[training.loss]
focal_gamma = 2.0
weight = 0.5

[training.sampling]
balanced = true

[training.heads.hair_colour]
class_weights = { blond = 3.0, "x.y" = 2 }
weight = 4
balanced = false

[training.heads."a.b"]
class_weights = "none"
focal_gamma = 0
"""


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    """Settings in which two heads differ from the others."""
    (tmp_path / "own.toml").write_text(OWN)
    return load_settings(tmp_path / "own.toml")


def shown(settings: Settings) -> dict[str, SettingField]:
    """The settings that belong to single heads, by key."""
    return {field.key: field for field in describe(settings) if ".heads." in field.key}


def test_by_default_no_head_differs_from_what_it_was() -> None:
    for plan in head_plans(Settings().training, ["one", "two"]).values():
        assert (plan.class_weights, plan.focal_gamma, plan.label_smoothing) == ("none", 0, 0)
        assert (plan.logit_adjustment, plan.weight, plan.balanced) == (0, 1, False)


def test_a_head_overrides_single_values_and_keeps_the_rest(own: Settings) -> None:
    plans = head_plans(own.training, ["hair_colour", "a.b", "glasses"])
    assert plans["glasses"].class_weights == "effective"
    assert (plans["glasses"].focal_gamma, plans["glasses"].weight, plans["glasses"].balanced) == (
        2,
        0.5,
        True,
    )
    hair = plans["hair_colour"]
    assert hair.class_weights == {"blond": 3.0, "x.y": 2.0}
    assert (hair.focal_gamma, hair.weight, hair.balanced) == (2, 4, False)
    assert (plans["a.b"].class_weights, plans["a.b"].focal_gamma) == ("none", 0)


def test_what_a_head_has_otherwise_is_shown_and_comes_back(own: Settings) -> None:
    fields = shown(own)
    assert fields["training.heads.hair_colour.class_weights.blond"].value == 3.0
    assert fields["training.heads.hair_colour.weight"].valid == "0 ≤ number ≤ 10000"
    assert fields["training.heads.hair_colour.balanced"].valid == "true | false"
    assert fields['training.heads."a.b".focal_gamma'].value == 0
    assert all(field.meaning for field in fields.values())
    assert "training.heads.hair_colour.focal_gamma" not in fields, "that is as for all heads"
    assert Settings.from_dict(own.to_dict()) == own
    values = [f"{key}={str(one.value).lower()}" for key, one in fields.items()]
    assert load_settings(None, values).training.heads == own.training.heads


def test_a_setting_of_a_head_is_changed_on_the_screen(tmp_path: Path, own: Settings) -> None:
    from workbench.bench import Bench

    (tmp_path / "faces").mkdir()
    bench = Bench.create(tmp_path / "bench", images=tmp_path / "faces")
    text = (bench.root / "bench.toml").read_text()
    (bench.root / "bench.toml").write_text(f"{text}\n[settings.training.heads.hair_colour]\nweight = 2\n")
    setup = RunSetup(Bench.open(bench.root))
    key = "training.heads.hair_colour.weight"
    setup.change(key, "3")
    assert setup.settings.training.heads["hair_colour"].weight == 3
    field = next(one for one in setup.fields if one.key == key)
    assert setup.is_changed(field)
    while setup.preset != DEFAULTS:
        assert setup.next_preset() == ""
    assert setup.settings.training.heads["hair_colour"].weight == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.heads.hair.focal_gama=1", "unknown key .*did you mean 'focal_gamma'"),
        ("training.heads.hair.focal_gamma=-1", "focal_gamma: .*greater than or equal to 0; received -1"),
        ("training.loss.focal_gamma=-1", "focal_gamma: .*greater than or equal to 0; received -1"),
        ("training.loss.label_smoothing=1", "less than 1; received 1"),
        ("training.heads.hair.logit_adjustment=6", "less than or equal to 5"),
        ("training.loss.head_weights=sped", "'fixed', 'uncertainty' or 'speed'; received 'sped'"),
        (
            "training.heads.hair.class_weights=efective",
            "'none', 'effective' or a table .*received 'efective'",
        ),
        ("training.heads.hair.class_weights={blond = 0}", "weights above 0"),
        ("training.heads.hair.class_weights={blond = true}", "weights above 0"),
        ("training.heads.hair.class_weights={}", "or a table"),
        ("training.heads.hair.class_weights=[1, 2]", r"or a table .*received \[1, 2\]"),
        ("training.heads.hair=1", "training.heads.hair"),
        ("training.heads=1", "training.heads"),
        ("training.sampling.most_repeats=0.5", "greater than or equal to 1"),
        ("training.mixing.cutmix=-1", "greater than or equal to 0"),
        ("#=1", "unknown key|valid"),
        ('training.heads."a.b"x=1', "training.heads|unknown key"),
    ],
)
def test_what_is_wrong_by_itself_is_refused_in_one_line(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load_settings("fast", [override])
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
