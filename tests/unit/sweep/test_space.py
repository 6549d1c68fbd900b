"""What a study varies: read from a file, and every mistake named with its line before a start."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sweep.conftest import GRID, RANGES, WriteSpace
from workbench.bench import Bench
from workbench.config import load_settings, preset_names
from workbench.errors import ConfigError
from workbench.sweep.parameter import Parameter
from workbench.sweep.plan import Plan, make_plan
from workbench.sweep.space import grid, read_space, space_names


def test_the_optimisers_of_the_reference_are_compared_at_equal_terms(bench: Bench) -> None:
    assert space_names() == ("optimisers",)
    assert "optimisers" not in preset_names(), "it is no preset"
    plan = make_plan(bench, "optimisers", read_space("optimisers"))
    optimisers, rates = plan.parameters
    assert optimisers.choices == ("sgd", "rmsprop", "adam", "adamw")
    assert rates.choices == (0.1, 0.01, 0.001, 0.0001)
    training = plan.settings.training
    assert (training.momentum, training.schedule, training.warmup_epochs) == (0.0, "constant", 0.0)
    assert (plan.preset, plan.trials, plan.metric) == ("fast", 16, "val_macro_f1")
    assert training.checkpoint_metric == "val_macro_f1", "the epoch that counts is the one that is kept"


def test_later_sources_win(bench: Bench, write_space: WriteSpace) -> None:
    plan = make_plan(bench, "mine", write_space(GRID), config="reference", overrides=["training.seed=5"])
    training = plan.settings.training
    assert (training.epochs, training.seed, training.batch_size) == (4, 5, 32)
    assert plan.settings.model.architecture == "reference"
    assert plan.settings_of({"training.optimizer": "adam"}).training.optimizer == "adam"


def test_a_grid_is_gone_through_in_the_order_of_its_file(plan: Plan) -> None:
    pairs = [tuple(values.values()) for values in grid(plan.parameters)]
    assert pairs[:4] == [("sgd", 0.1), ("sgd", 0.01), ("sgd", 0.001), ("adam", 0.1)]
    assert len(set(pairs)) == plan.trials == 6


def test_values_become_what_their_settings_are(bench: Bench, write_space: WriteSpace) -> None:
    found = {one.name: one for one in make_plan(bench, "mine", write_space(RANGES)).parameters}
    assert found["width"].whole
    assert not found["learning_rate"].whole
    assert found["schedule"].choices == ("constant", "cosine")
    [rate] = write_space("[parameters.training]\nlearning_rate = [1, 2]").parameters(load_settings())
    assert all(isinstance(value, float) for value in rate.choices)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[parameters.training]\nlearning_rat = [1]",
            r":2: unknown key 'training\.learning_rat'; did you mean",
        ),
        ("[parameters.training]\nepochs = [1, 'many']", r":2: training\.epochs: .*integer.*'many'"),
        ("[parameters.training]\nepochs = [1, 0]", r":2: training\.epochs: .*greater than or equal to 1"),
        ("[parameters.training]\noptimizer = ['lion']", r":2: training\.optimizer: .*'sgd', 'rmsprop'"),
        ("[parameters.training]\noptimizer = []", r":2: training\.optimizer: the list is empty"),
        ("[parameters.training]\nepochs = [2, 2]", r":2: training\.epochs: 2 stands there twice"),
        ("[parameters.training]\nepochs = 2", r":2: training\.epochs: expected choices or a range"),
        ("[parameters.training]\nepochs = { low = 2 }", r":2: training\.epochs: the key 'high' is missing"),
        ("[parameters.training]\nepochs = { low = 5, high = 2 }", r":2: .*low must be below high"),
        ("[parameters.training]\nepochs = { low = 1.5, high = 2 }", r":2: training\.epochs: .*integer"),
        ("[parameters.training]\nepochs = { low = 1, high = 5, step = 9 }", r":2: .*step must lie between"),
        ("[parameters.training]\nepochs = { low = 1, high = 5, step = 1.5 }", r":2: .*a whole number"),
        (
            "[parameters.training]\nmomentum = { low = 0, high = 0.9, log = true }",
            r":2: .*low must be above 0",
        ),
        ("[parameters.training]\noptimizer = { low = 0, high = 1 }", r":2: training\.optimizer"),
        ("[parameters.training]\ncheckpoint_metric = ['loss']", r":2: .*cannot differ.*use 'metric'"),
        (
            "[parameters.dataset.split]\nseed = [1, 2]",
            r":2: dataset\.split\.seed cannot differ between trials",
        ),
        ("[parameters]", r"no parameter is varied"),
        (
            "sampler = 'grid'\n[parameters.training]\nepochs = {low = 1, high = 2}",
            r":3: .*a grid needs choices",
        ),
        ("sampler = 'all'\n[parameters]", r":1: sampler: .*'grid', 'tpe' or 'random'"),
        ("sample = 'grid'\n[parameters]", r":1: unknown key 'sample'; did you mean 'sampler'"),
        ("trials = 0\n[parameters]", r":1: trials: .*greater than or equal to 1"),
        ("[settings.training]\nepoch = 3\n[parameters]", r":2: unknown key .*epoch'; did you mean 'epochs'"),
        ("config = 'slow'\n[parameters]", r"no preset is named 'slow'"),
        ("metric = 'val_f1'\n[parameters]", r"no metric is named 'val_f1'; did you mean 'val_macro_f1'"),
        ("[parameters.model]\narchitecture = ['trunk', 'none']", r"'none'"),
        ("parameters = 3", r":1: parameters: .*dictionary"),
        ("[parameters", r"not TOML"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    bench: Bench, write_space: WriteSpace, text: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        make_plan(bench, "mine", write_space(text))
    assert "\n" not in str(refused.value)


def test_what_the_study_varies_cannot_be_set_too(bench: Bench, write_space: WriteSpace) -> None:
    with pytest.raises(ConfigError, match=r"--set: training\.optimizer is varied by the study"):
        make_plan(bench, "mine", write_space(GRID), overrides=["training.optimizer=sgd"])


def test_a_grid_without_end_is_refused(bench: Bench, write_space: WriteSpace) -> None:
    text = "sampler = 'grid'\n[parameters.training]\n"
    text += "".join(f"{key} = {list(range(1, 101))}\n" for key in ("epochs", "batch_size"))
    with pytest.raises(ConfigError, match="the grid has 10000 trials; at most 1000"):
        make_plan(bench, "mine", write_space(text))


def test_an_unknown_study_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no study is named 'optimizers'; did you mean 'optimisers'"):
        read_space("optimizers")
    with pytest.raises(ConfigError, match="no such file"):
        read_space(tmp_path / "none.toml")


def test_a_plan_survives_json(plan: Plan) -> None:
    again = Plan.from_dict(plan.to_dict(), "study")
    assert again == plan
    assert again.difference(plan) == ""
    with pytest.raises(ConfigError, match="does not say what it varies"):
        Plan.from_dict({"name": "foreign"}, "study")


def test_another_plan_is_told_apart_by_what_differs(
    bench: Bench, write_space: WriteSpace, plan: Plan
) -> None:
    def other(text: str = GRID, **asked: object) -> Plan:
        return make_plan(bench, "mine", write_space(text), **asked)  # type: ignore[arg-type]

    assert plan.difference(other()) == ""
    assert plan.difference(other(metric="val_loss")) == "the metric val_macro_f1, not val_loss"
    assert plan.difference(other(GRID.replace("0.1, ", ""))) == "other parameters"
    assert plan.difference(other(overrides=["training.epochs=9"])) == "training.epochs = 4, not 9"
    assert plan.difference(other(overrides=["screen.picture=halves"])) == "", "no run depends on it"


@given(
    st.lists(st.floats(1e-9, 1e9), min_size=2, max_size=8, unique=True),
    st.booleans(),
)
def test_places_keep_the_order_of_the_values(values: list[float], log: bool) -> None:
    low, high = min(values), max(values)
    parameter = Parameter("a.b", (), low, high, log)
    places = [parameter.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)


def test_words_stand_at_equal_distances() -> None:
    parameter = Parameter("a.b", ("one", "two", "three"))
    assert [parameter.place(one) for one in parameter.choices] == [0, 0.5, 1]
    assert Parameter("a.b", ("only",)).place("only") == 0
    assert Parameter("a.b", (0.001, 0.01, 0.1)).place(0.01) == pytest.approx(0.5)
