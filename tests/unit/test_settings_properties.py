"""Settings and TOML as properties: what is valid comes back, what is not is one line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from workbench.config import SettingField, Settings, describe, load_settings, preset_names
from workbench.errors import ConfigError
from workbench.resources import resource
from workbench.toml import line_of, suggestion

FIELDS = {field.key: field for field in describe(Settings())}
FOLDER = [HealthCheck.function_scoped_fixture]
quick = tried(max_examples=30, deadline=None, suppress_health_check=FOLDER)
KEYS = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def limits(field: SettingField) -> tuple[float | None, float | None]:
    """The least and the greatest value of a number, as its range says in words."""
    low = re.match(r"(-?[\d.e+-]+) [≤<] ", field.valid)
    high = re.search(r" [≤<] (-?[\d.e+-]+)$", field.valid)
    return (float(low[1]) if low else None), (float(high[1]) if high else None)


NUMBERS = sorted(key for key, one in FIELDS.items() if "number" in one.valid and limits(one) != (None, None))


@pytest.mark.parametrize("key", NUMBERS)
def test_the_range_that_is_shown_is_the_range_that_is_held(key: str) -> None:
    field = FIELDS[key]
    low, high = limits(field)
    step = 1 if "whole" in field.valid else 0.001
    strict = (re.match(r"\S+ < ", field.valid), re.search(r" < \S+$", field.valid))
    for limit, outside, open_end in zip((low, high), (-step, step), strict, strict=True):
        if limit is None:
            continue
        beyond = limit + outside
        wrong = str(int(beyond)) if step == 1 else str(beyond)
        with pytest.raises(ConfigError, match=re.escape(key.rpartition(".")[2])) as caught:
            load_settings(None, [f"{key}={wrong}"])
        assert str(caught.value).startswith(f"--set {key}={wrong}: ")
        if not open_end and ".split." not in key and key.rpartition(".")[2] not in ("low", "high"):
            right = str(int(limit)) if step == 1 else str(limit)
            held = load_settings(None, [f"{key}={right}"])
            assert {one.key: one.value for one in describe(held)}[key] == limit


@pytest.mark.parametrize("key", sorted(key for key, one in FIELDS.items() if "|" in one.valid))
def test_every_choice_that_is_shown_can_be_made_and_no_other(key: str) -> None:
    for choice in FIELDS[key].valid.split(" | "):
        made = {one.key: one.value for one in describe(load_settings(None, [f"{key}={choice}"]))}
        assert str(made[key]).lower() == choice.lower()
    with pytest.raises(ConfigError, match="received 'nonsense'"):
        load_settings(None, [f"{key}=nonsense"])


@quick
@given(name=KEYS, table=st.sampled_from(["training", "dataset", "model", "augment", "dataset.split"]))
def test_a_key_that_does_not_exist_is_always_refused_with_what_does(name: str, table: str) -> None:
    assume(f"{table}.{name}" not in FIELDS and not any(key.startswith(f"{table}.{name}.") for key in FIELDS))
    with pytest.raises(ConfigError) as caught:
        load_settings(None, [f"{table}.{name}=1"])
    said = str(caught.value)
    assert f"unknown key '{table}.{name}'" in said
    assert "did you mean" in said or "valid: " in said
    nearest = re.search(r"did you mean '(\w+)'", said)
    assert nearest is None or any(key.startswith(f"{table}.{nearest[1]}") for key in FIELDS)


@quick
@given(
    epochs=st.integers(1, 10_000),
    rate=st.floats(1e-9, 10),
    train=st.floats(0.1, 0.9),
    share=st.floats(0.2, 0.8),
    optimizer=st.sampled_from(["sgd", "rmsprop", "adam", "adamw"]),
)
def test_valid_settings_come_back_from_json_and_from_toml(
    tmp_path: Path, epochs: int, rate: float, train: float, share: float, optimizer: str
) -> None:
    validation = (1 - train) * share
    test = 1 - train - validation
    assume(min(validation, test) >= 0.01 and max(validation, test) <= 0.6)
    path = tmp_path / "mine.toml"
    path.write_text(
        f"[training]\nepochs = {epochs}\nlearning_rate = {rate!r}\noptimizer = '{optimizer}'\n"
        f"[dataset.split]\ntrain = {train!r}\nvalidation = {validation!r}\ntest = {test!r}\n"
    )
    made = load_settings(path)
    assert (made.training.epochs, made.training.learning_rate) == (epochs, rate)
    assert made.dataset.split.train == train
    assert Settings.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    again = load_settings(None, [f"{one.key}={json.dumps(one.value)}" for one in describe(made)
                                 if not one.key.startswith("dataset.split.")])  # fmt: skip
    assert again.training == made.training
    assert load_settings(None, [], made.to_dict()) == made


@quick
@given(value=JSON)
def test_any_value_in_the_place_of_a_setting_is_taken_or_refused_in_one_line(value: Any) -> None:
    for key in ("training.epochs", "training", "augment.zoom", "dataset.cache", "training.early_stopping"):
        table: Any = value
        for part in reversed(key.split(".")):
            table = {part: table}
        try:
            Settings.from_dict(table)
        except ConfigError as error:
            said = str(error)
            assert said.startswith("settings")
            assert said.isprintable() or "\u200d" in said
            assert len(said) < 600  # the names of all keys of a table are among it


@pytest.mark.parametrize("preset", preset_names())
def test_overrides_lie_over_a_preset_and_leave_the_rest_alone(preset: str) -> None:
    plain, changed = (load_settings(preset, over) for over in ((), ("training.epochs=7", "model.dense=9")))
    differing = {
        one.key
        for one, other in zip(describe(plain), describe(changed), strict=True)
        if one.value != other.value
    }
    assert differing == {"training.epochs", "model.dense"}
    assert load_settings(preset, ("training.epochs=3", "training.epochs=7", "model.dense=9")) == changed


def test_a_preset_is_found_by_its_name_and_another_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fast").mkdir()
    assert load_settings("fast") == load_settings(resource("configs") / "fast.toml")
    (tmp_path / "fast.toml").write_text("[training]\nepochs = 2\n")
    assert load_settings("fast.toml").training.epochs == 2
    assert load_settings("./fast.toml").training.epochs == 2
    assert load_settings("fast").training.epochs != 2
    with pytest.raises(ConfigError, match=r"gone\.toml: no such file; check the path"):
        load_settings("gone.toml")


@quick
@given(path=st.lists(KEYS, min_size=1, max_size=3, unique=True), before=st.integers(0, 4), data=st.data())
def test_a_key_is_found_on_its_line_however_it_is_written(path: list[str], before: int, data: Any) -> None:
    *tables, last = path
    lines = ["# a comment = no key"] * before
    cut = data.draw(st.integers(0, len(tables)))
    if tables[:cut]:
        lines.append(f"[{'.'.join(tables[:cut])}]")
    lines += [f'"{".".join([*tables[cut:], last])}" = 1' if not tables[cut:] else
              f"  {'.'.join([*tables[cut:], last])}  =  1"]  # fmt: skip
    assert line_of("\n".join(lines), tuple(path)) == len(lines)
    assert line_of("\n".join(lines), (*path, "other")) == 0


@quick
@given(name=st.text(max_size=12), valid=st.lists(KEYS, max_size=5, unique=True))
def test_a_suggestion_only_names_what_is_valid(name: str, valid: list[str]) -> None:
    said = suggestion(name, valid)
    quoted = re.findall(r"did you mean '(.*)'\?", said)
    assert quoted in ([], *([one] for one in valid))
    assert quoted or said in (f"valid: {', '.join(valid)}", "remove it")
    if name in valid:
        assert quoted == [name]
