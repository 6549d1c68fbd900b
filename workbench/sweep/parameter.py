"""One setting that a study varies: a list of choices, or a range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import ConfigError
from workbench.settings import Section, Settings
from workbench.toml import validate

Value = str | int | float | bool


class Range(Section):
    """A range as it stands in a study's file."""

    low: float
    high: float
    log: bool = False
    step: float | None = None


@dataclass(frozen=True)
class Parameter:
    """A setting with the values that it may take.

    Attributes:
        key: The setting, such as "training.learning_rate".
        choices: The values, in their order; empty for a range.
        low: The least value of a range.
        high: The greatest.
        log: Whether the range is gone through by factors rather than by differences.
        step: The distance of neighbouring values; None for any.
        whole: Whether only whole numbers are meant.
    """

    key: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    whole: bool = False

    @property
    def name(self) -> str:
        """The last part of the key, for headings."""
        return self.key.rpartition(".")[2]

    @property
    def probes(self) -> tuple[Value, ...]:
        """Values that must all be valid settings."""
        return self.choices or (self.low, self.high)

    @property
    def numbers(self) -> tuple[float, ...]:
        """Its numeric choices, or the ends of its range; empty for words."""
        found = [one for one in self.probes if isinstance(one, int | float) and not isinstance(one, bool)]
        return tuple(map(float, found)) if len(found) == len(self.probes) else ()

    @property
    def by_factors(self) -> bool:
        """Whether its values are better shown on a logarithmic axis."""
        numbers = self.numbers
        wide = bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) >= 10
        return self.log or (bool(self.choices) and wide)

    def place(self, value: Value) -> float:
        """Where a value stands between the first (0) and the last one (1)."""
        numbers = self.numbers
        if not numbers or isinstance(value, str | bool):
            last = len(self.choices) - 1
            return self.choices.index(value) / last if value in self.choices and last else 0.0
        scale = math.log if self.by_factors else float
        low, high = scale(min(numbers)), scale(max(numbers))
        return min(1.0, max(0.0, (scale(value) - low) / (high - low))) if high > low else 0.0


def parse_parameter(key: str, entry: object, base: Settings, where: str) -> Parameter:
    """A parameter from a study's file; its values become what the settings make of them (1 → 1.0).

    Raises:
        ConfigError: A value that the setting cannot have, a range upside down, or one of words.
    """
    if isinstance(entry, list):
        choices = tuple(valid_value(base, key, one, where) for one in entry)
        if not choices:
            raise ConfigError(f"{key}: the list is empty", where=where, cure="give at least one value")
        if twice := next((one for one in choices if choices.count(one) > 1), None):
            raise ConfigError(f"{key}: {twice!r} stands there twice", where=where, cure="remove one")
        return Parameter(key, choices)
    if not isinstance(entry, Mapping):
        cure = "give a list such as [1, 2], or a range such as { low = 1e-4, high = 0.1, log = true }"
        raise ConfigError(f"{key}: expected choices or a range; received {entry!r}", where=where, cure=cure)
    return _range(key, validate(Range, entry, where=f"{where}: {key}"), base, where)


def _range(key: str, found: Range, base: Settings, where: str) -> Parameter:
    """A range, checked."""
    low, high = (valid_value(base, key, one, where) for one in (found.low, found.high))
    if isinstance(low, str | bool) or isinstance(high, str | bool):
        raise ConfigError(f"{key}: a range needs a number", where=where, cure="give a list of choices")
    problem = ""
    if low >= high:
        problem = f"low must be below high; received {low} and {high}"
    elif found.log and low <= 0:
        problem = f"low must be above 0 where log is true; received {low}"
    elif found.log and found.step is not None:
        problem = "log and step exclude each other"
    elif found.step is not None and not 0 < found.step <= high - low:
        problem = f"step must lie between 0 and high - low; received {found.step}"
    whole = isinstance(low, int)
    if whole and found.step is not None and found.step != int(found.step):
        problem = f"step must be a whole number; received {found.step}"
    if problem:
        raise ConfigError(f"{key}: {problem}", where=where, cure="mend that range")
    return Parameter(key, (), low, high, found.log, found.step, whole)


def valid_value(base: Settings, key: str, value: object, where: str) -> Value:
    """A value as the settings hold it.

    Raises:
        ConfigError: The setting cannot have it.
    """
    found: Any = with_values(base, {key: value}, where)
    for part in key.split("."):
        found = getattr(found, part)
    if not isinstance(found, Value):
        raise ConfigError(f"{key}: only single values can be varied", where=where, cure="name a key in it")
    return found


def with_values(base: Settings, values: Mapping[str, object], where: str) -> Settings:
    """Settings in which some keys have other values.

    Raises:
        ConfigError: Such settings cannot be.
    """
    table = base.to_dict()
    for key, value in values.items():
        *parents, last = key.split(".")
        inner = table
        for part in parents:
            inner = inner[part]
        inner[last] = value
    return Settings.from_dict(table, where)
