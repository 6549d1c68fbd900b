"""What a study varies, from a TOML file: parameters by setting, how they are chosen, when one is given up.

metric = "val_macro_f1"
sampler = "tpe"          # or grid, random
pruner = "median"        # or none
[settings.training]      # what all trials have in common, over the preset
epochs = 15
[parameters.training]    # what differs
optimizer = ["sgd", "adamw"]
learning_rate = { low = 1e-4, high = 0.1, log = true }
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from workbench.config import describe
from workbench.errors import ConfigError
from workbench.resources import resource
from workbench.settings import Section, Settings
from workbench.sweep.parameter import Parameter, Range, Value, parse_parameter
from workbench.toml import line_of, read_toml, suggestion, validate

MOST_TRIALS = 1000
_SUFFIX = ".toml"
_OF_THE_STUDY = ("training.checkpoint_metric", "dataset.split.")
"""Trials are compared by one metric on the same pictures."""


class SpaceFile(Section):
    """A study's file as it stands."""

    description: str = ""
    config: str = Field("fast", description="the preset under every trial")
    metric: str = "val_macro_f1"
    sampler: Literal["grid", "tpe", "random"] = "tpe"
    pruner: Literal["median", "none"] = "median"
    trials: int = Field(20, ge=1, le=MOST_TRIALS)
    settings: dict[str, Any] = Field(default_factory=dict)
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Space:
    """A study's file, read; its parameters are checked when the settings under them are known.

    Attributes:
        name: The file's name without its suffix, or what it was called by.
        file: What stands in it.
        where: The file, for messages.
        text: Its text, for the number of a line.
    """

    name: str
    file: SpaceFile
    where: str = "study"
    text: str = ""

    def parameters(self, base: Settings) -> tuple[Parameter, ...]:
        """The parameters, every value of them a valid setting.

        Args:
            base: The settings under every trial.

        Raises:
            ConfigError: An unknown key, or a value that its setting cannot have; with file and line.
        """
        known = [one.key for one in describe(base)]
        found = []
        for key, entry in _entries(self.file.parameters, ""):
            where = self._line(key)
            if key not in known:
                raise ConfigError(f"unknown key {key!r}", where=where, cure=suggestion(key, known))
            if key.startswith(_OF_THE_STUDY):
                cure = "use 'metric'" if key in _OF_THE_STUDY else "remove it"
                raise ConfigError(f"{key} cannot differ between trials", where=where, cure=cure)
            found.append(parse_parameter(key, entry, base, where))
        if not found:
            raise ConfigError("no parameter is varied", where=self.where, cure="see: [parameters.training]")
        if self.file.sampler == "grid":
            self._check_grid(found)
        return tuple(found)

    def _check_grid(self, parameters: list[Parameter]) -> None:
        """Refuse a grid that has ranges, or too many trials."""
        if ranged := next((one for one in parameters if not one.choices), None):
            raise ConfigError(
                f"{ranged.key}: a grid needs choices", where=self._line(ranged.key), cure="give a list"
            )
        count = math.prod(len(one.choices) for one in parameters)
        if count > MOST_TRIALS:
            cure = f"at most {MOST_TRIALS}; use sampler = 'tpe'"
            raise ConfigError(f"the grid has {count} trials", where=self.where, cure=cure)

    def _line(self, key: str) -> str:
        """The file and the line of a parameter."""
        line = line_of(self.text, ("parameters", *key.split("."))) if self.text else 0
        return f"{self.where}:{line}" if line else self.where


def grid(parameters: Sequence[Parameter]) -> Iterator[dict[str, Value]]:
    """Every combination, the last parameter changing fastest."""
    keys = [one.key for one in parameters]
    for values in itertools.product(*(one.choices for one in parameters)):
        yield dict(zip(keys, values, strict=True))


def in_words(values: Mapping[str, Value]) -> str:
    """ "optimizer sgd, learning_rate 0.1"."""
    return ", ".join(f"{key.rpartition('.')[2]} {as_word(value)}" for key, value in values.items())


def as_word(value: Value) -> str:
    """A value, short."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else str(value)


def space_names() -> tuple[str, ...]:
    """The studies that come with the program."""
    return tuple(sorted(path.stem for path in (resource("configs") / "studies").glob(f"*{_SUFFIX}")))


def read_space(name_or_path: str | Path) -> Space:
    """Read a study's file, by path or by the name of one that comes with the program.

    Raises:
        ConfigError: No such file; not TOML; an unknown key or a wrong type, with file and line.
    """
    path = Path(name_or_path)
    if path.suffix != _SUFFIX and len(path.parts) == 1 and not path.is_file():
        path = resource("configs") / "studies" / f"{name_or_path}{_SUFFIX}"
        if not path.is_file():
            cure = suggestion(str(name_or_path), space_names())
            raise ConfigError(f"no study is named {str(name_or_path)!r}", where="--space", cure=cure)
    table, text = read_toml(path)
    return Space(path.stem, validate(SpaceFile, table, where=path, text=text), str(path), text)


def _entries(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    """Parameters of a table and of the tables in it: one that says `low = 1`, or the like, is a range."""
    for name, entry in table.items():
        key = f"{prefix}{name}"
        if isinstance(entry, Mapping) and not _is_range(entry):
            yield from _entries(entry, f"{key}.")
        else:
            yield key, entry


def _is_range(entry: Mapping[str, Any]) -> bool:
    """Whether a table is a range; `augment.rotate` has settings that are named `low` and `high` too."""
    return any(not isinstance(entry.get(name, {}), Mapping | list) for name in Range.model_fields)
