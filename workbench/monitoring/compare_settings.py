"""The settings and circumstances of several runs, laid flat, and which of them differ."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workbench.config import NOT_OF_A_RUN, leaves, quoted_key
from workbench.errors import ConfigError
from workbench.settings import Settings
from workbench.training.tail import part

_FACTS = ("preset", "parent", "schema_fingerprint", "versions", "program", "host", "study")


@dataclass(frozen=True)
class Difference:
    """One setting or circumstance that is not the same in all runs.

    Attributes:
        key: Such as "training.epochs".
        values: One a run, plain; None where a run does not have it.
    """

    key: str
    values: tuple[Any, ...]


def flat_settings(described: Mapping[str, Any]) -> dict[str, Any]:
    """A run's settings by dotted key; those that its program did not know yet have their defaults.

    Args:
        described: Its run.json.
    """
    table = dict(part(described, "settings"))
    with suppress(ConfigError):  # of another version: as they stand there
        table = Settings.from_dict(table).to_dict()
    return _flat({name: value for name, value in table.items() if name not in NOT_OF_A_RUN})


def flat_facts(described: Mapping[str, Any]) -> dict[str, Any]:
    """What else a run came from: preset, parent, schema, versions, machine."""
    return _flat({name: described[name] for name in _FACTS if name in described})


def differing(runs: Sequence[Mapping[str, Any]]) -> tuple[tuple[Difference, ...], int]:
    """What is not the same in all runs, in the order of the first, and how many things are the same.

    Args:
        runs: Key → plain value of each.
    """
    keys = dict.fromkeys(key for run in runs for key in run)
    rows = [Difference(key, tuple(run.get(key) for run in runs)) for key in keys]
    found = tuple(row for row in rows if len({_comparable(value) for value in row.values}) > 1)
    return found, len(rows) - len(found)


def _comparable(value: Any) -> str:
    """1 and 1.0 are the same setting; True is not 1."""
    plain = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return json.dumps(plain, sort_keys=True, default=str)


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Tables in tables by dotted key; a table without anything in it is nothing."""
    return {".".join(map(quoted_key, keys)): value for keys, value in leaves(table)}
