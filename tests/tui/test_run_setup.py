"""Setting a run up: presets, changes that are checked together, and what a refused value leaves behind."""

import pytest

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.config import SettingField, preset_names
from workbench.errors import ConfigError
from workbench.tui.run_setup import DEFAULTS, RunSetup, shown


@pytest.fixture
def setup(make_bench: MakeBench) -> RunSetup:
    """A set-up on a fresh bench."""
    return RunSetup(make_bench(0))


def field(setup: RunSetup, key: str) -> SettingField:
    """One setting."""
    return next(one for one in setup.fields if one.key == key)


def test_every_preset_can_be_taken_and_says_what_it_is_for(setup: RunSetup) -> None:
    assert setup.preset == "fast"
    assert setup.presets == (*preset_names(), DEFAULTS)
    seen = []
    for _ in setup.presets:
        seen.append(setup.preset)
        assert setup.descriptions[setup.preset]
        assert setup.next_preset() == ""
    assert sorted(seen) == sorted(setup.presets)
    assert setup.preset == "fast"
    setup.next_preset(-1)
    assert setup.preset == seen[-1]


def test_no_preset_is_remembered_as_none(setup: RunSetup) -> None:
    while setup.preset != DEFAULTS:
        setup.next_preset()
    assert setup.preset_name == ""
    setup.next_preset()
    assert setup.preset_name == setup.preset


def test_every_setting_has_a_meaning_and_a_valid_range(setup: RunSetup) -> None:
    assert len(setup.fields) > 50
    for one in setup.fields:
        assert one.meaning, one.key
        assert one.valid, one.key


def test_a_change_is_taken_and_taken_back(setup: RunSetup) -> None:
    before = setup.settings
    setup.change("training.epochs", " 3 ")
    assert setup.settings.training.epochs == 3
    assert setup.is_changed(field(setup, "training.epochs"))
    assert not setup.is_changed(field(setup, "training.batch_size"))
    setup.reset("training.epochs")
    assert setup.settings == before
    assert not setup.changed


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("training.epochs", "0", "greater than or equal to 1"),
        ("training.epochs", "many", "valid integer"),
        ("training.epochs", "", "expected a value"),
        ("training.epochs", "3; nonsense", "name = value"),
        ("training.epochs", "3; epohcs = 4", "unknown key"),
        ("training.optimizer", "sgdd", "'adamw'"),
        ("training.learning_rate", "nan", "finite"),
        ("training.learning_rate", "1e999", "finite"),
        ("training.epochs", "{}", "integer"),
        ("training.epochs", "3, batch_size = 5", "integer"),
        ("training.epochs", '"3" }\nx = { a = 1', "integer"),
        ("dataset.split.train", "0.8", "must be 1"),
        ("augment.rotate.low", "100", "low must not be above high"),
        ("augment.zoom.high", "11", "must lie between"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_and_changes_nothing(
    setup: RunSetup, key: str, typed: str, said: str
) -> None:
    setup.change("training.batch_size", "16")
    before, changed = setup.settings, dict(setup.changed)
    with pytest.raises(ConfigError) as refused:
        setup.change(key, typed)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "--set" not in str(refused.value)
    assert setup.settings == before
    assert dict(setup.changed) == changed


def test_shares_that_must_add_up_are_changed_together(setup: RunSetup) -> None:
    setup.change("dataset.split.train", "0.8; validation = 0.1; test = 0.1")
    split = setup.settings.dataset.split
    assert (split.train, split.validation, split.test) == (0.8, 0.1, 0.1)
    setup.change("training.epochs", "3")
    assert setup.settings.dataset.split.train == 0.8
    with pytest.raises(ConfigError, match="must be 1"):
        setup.reset("dataset.split.test")
    setup.reset_all()
    assert setup.settings.dataset.split.train == 0.7


def test_words_of_any_kind_are_words(setup: RunSetup) -> None:
    for word in ("val_loss", 'a "quoted" = word', "日本 🙂", "true story", "1 2"):
        setup.change("training.checkpoint_metric", word)
        assert setup.settings.training.checkpoint_metric == word


def test_choices_go_round(setup: RunSetup) -> None:
    seen = []
    for _ in range(5):
        seen.append(setup.settings.training.schedule)
        assert setup.cycle(field(setup, "training.schedule"), 1)
    assert sorted(seen) == ["constant", "cosine", "one_cycle", "plateau", "step"]
    assert setup.settings.training.schedule == seen[0]
    assert setup.cycle(field(setup, "dataset.cache"), -1)
    assert setup.settings.dataset.cache is False
    assert not setup.cycle(field(setup, "training.epochs"), 1)


def test_changes_go_along_to_another_preset_where_they_fit(setup: RunSetup) -> None:
    setup.change("training.epochs", "3")
    assert setup.next_preset() == ""
    assert setup.settings.training.epochs == 3
    while setup.preset != "reference":
        setup.next_preset()
    setup.change("augment.rotate.low", "15")  # below the 20 of this preset, above the 8 of another one
    said = ""
    for _ in setup.presets:
        said = said or setup.next_preset()
    assert "dropped" in said
    assert "low must not be above high" in said
    assert not setup.changed


def test_the_bench_lies_under_every_preset(make_bench: MakeBench) -> None:
    bench = make_bench(0)
    path = bench.root / "bench.toml"
    path.write_text(path.read_text() + "model.dense = 77\ntraining.epochs = 2\n")
    setup = RunSetup(Bench.open(bench.root))
    assert setup.settings.model.dense == 77
    assert setup.settings.training.epochs == make_bench(0, name="plain").settings("fast").training.epochs != 2
    dense = field(setup, "model.dense")
    assert dense.value != dense.default
    assert not setup.is_changed(dense)


@pytest.mark.parametrize("value", [True, 3, 0.002, 1e-07, "cosine", 123456789.0])
def test_what_is_shown_can_be_typed(value: object) -> None:
    typed = shown(value)
    assert (typed == "true") if value is True else (type(value)(typed) == value)  # type: ignore[call-arg]
