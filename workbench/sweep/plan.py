"""What all trials of a study have in common; written into the study when it is begun, and then fixed."""

import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from workbench.bench import Bench
from workbench.config import describe, load_settings
from workbench.errors import ConfigError
from workbench.settings import Settings
from workbench.sweep.parameter import Parameter, Value, with_values
from workbench.sweep.space import Space, SpaceFile, grid, in_words
from workbench.toml import validate
from workbench.training.metric_names import check_metric, larger_is_better
from workbench.training.start import check_settings

_OF_A_RUN = ("dataset.", "augment.", "model.", "training.")


class _SettingsTable(BaseModel):
    """The settings as they stand in a study's file, so that a mistake is found with its line."""

    settings: Settings


@dataclass(frozen=True)
class Plan:
    """A study before its first trial.

    Attributes:
        name: The study's name.
        space: What is varied, and how it is chosen.
        metric: What is to be best, such as "val_macro_f1".
        preset: The preset under the trials, for people.
        settings: The settings under the trials, complete.
        schema: The fingerprint of the heads.
        id: Parts this study from another one that had its name.
    """

    name: str
    space: SpaceFile
    metric: str
    preset: str
    settings: Settings
    schema: str
    id: str

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What is varied."""
        return Space(self.name, self.space, f"study {self.name}").parameters(self.settings)

    @property
    def larger_is_better(self) -> bool:
        """Whether the metric is to rise."""
        return larger_is_better(self.metric)

    @property
    def trials(self) -> int:
        """How many trials it has where nobody says: all of a grid, else what the space names."""
        if self.space.sampler == "grid":
            return math.prod(len(one.choices) for one in self.parameters)
        return self.space.trials

    def settings_of(self, values: Mapping[str, Value]) -> Settings:
        """The settings of one trial.

        Raises:
            ConfigError: Such settings cannot be.
        """
        return with_values(self.settings, values, in_words(values))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "space": self.space.model_dump(), "settings": self.settings.to_dict()}

    def difference(self, other: "Plan") -> str:
        """The first thing in which another plan varies or keeps something else, in words; "" if nothing."""
        if self.schema != other.schema:
            return "other heads"
        if self.metric != other.metric:
            return f"the metric {self.metric}, not {other.metric}"
        if self.space.parameters != other.space.parameters or self.space.sampler != other.space.sampler:
            return "other parameters"
        mine, others = ({one.key: one.value for one in describe(plan.settings)} for plan in (self, other))
        key = next((key for key in mine if mine[key] != others[key] and key.startswith(_OF_A_RUN)), "")
        return f"{key} = {mine[key]}, not {others[key]}" if key else ""

    @classmethod
    def from_dict(cls, table: Mapping[str, Any], where: str) -> "Plan":
        """The plan that `to_dict` gave.

        Raises:
            ConfigError: It is of another version, or damaged.
        """
        words = {key: str(table.get(key, "")) for key in ("name", "metric", "preset", "schema", "id")}
        space, settings = table.get("space"), table.get("settings")
        if not isinstance(space, Mapping) or not isinstance(settings, Mapping):
            raise ConfigError("the study does not say what it varies", where=where, cure="begin another one")
        return cls(
            space=validate(SpaceFile, space, where=where),
            settings=Settings.from_dict(settings, where),
            **words,
        )


def make_plan(
    bench: Bench,
    name: str,
    space: Space,
    *,
    config: str = "",
    overrides: Sequence[str] = (),
    metric: str = "",
) -> Plan:
    """Put a study's plan together; everything that can be refused is refused here.

    Args:
        bench: The bench.
        name: The study's name.
        space: What is varied.
        config: The preset under the trials; "" for the one that the space names.
        overrides: `key=value` over the preset and the space's own settings.
        metric: What is to be best; "" for what the space names.

    Raises:
        ConfigError: An unknown preset, key, metric or architecture, or a value that a setting cannot have.
    """
    preset, metric = config or space.file.config, metric or space.file.metric
    check_metric(metric, bench.schema, "--metric")
    settings = load_settings(None, overrides, _under(bench, preset, space))
    settings = with_values(settings, {"training.checkpoint_metric": metric}, "--metric")
    check_settings(settings, bench.schema)
    plan = Plan(
        name, space.file, metric, Path(preset).stem, settings, bench.schema.fingerprint, uuid.uuid4().hex[:12]
    )
    parameters = space.parameters(settings)
    twice = {override.partition("=")[0].strip() for override in overrides} & {one.key for one in parameters}
    if twice:
        raise ConfigError(f"{min(twice)} is varied by the study", where="--set", cure="leave it out")
    for values in _tried(space, parameters):
        check_settings(plan.settings_of(values), bench.schema)
    return plan


def _tried(space: Space, parameters: Sequence[Parameter]) -> Iterator[dict[str, Value]]:
    """What is tried before a start: all of a grid, else each parameter's values alone."""
    if space.file.sampler == "grid":
        yield from grid(parameters)
        return
    for parameter in parameters:
        for value in parameter.probes:
            yield {parameter.key: value}


def _under(bench: Bench, preset: str, space: Space) -> dict[str, Any]:
    """The settings of the preset on this bench, with those of the space over them."""
    table = _merged(bench.settings(preset).to_dict(), space.file.settings)
    validate(_SettingsTable, {"settings": table}, where=space.where, text=space.text)
    return table


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables into tables; other values are replaced."""
    merged = dict(under)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = (
            _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return merged
