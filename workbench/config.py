"""Settings out of files: presets by name or path, a bench's own, overrides; and each setting described.

Settings come from, later ones over earlier ones: the defaults in `settings.py`, the bench's `[settings]`, a
preset, and `--set key=value`. An unknown key is refused with file, line and the nearest valid name.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from workbench.errors import ConfigError
from workbench.resources import resource
from workbench.settings import (
    AugmentSettings,
    DatasetSettings,
    EarlyStopping,
    ModelSettings,
    Operation,
    Section,
    Settings,
    SplitSettings,
    TrainingSettings,
)
from workbench.settings.model import anchored
from workbench.toml import read_toml, suggestion, validate

__all__ = [
    "AugmentSettings",
    "DatasetSettings",
    "EarlyStopping",
    "ModelSettings",
    "Operation",
    "Section",
    "SettingField",
    "Settings",
    "SplitSettings",
    "TrainingSettings",
    "describe",
    "load_settings",
    "preset_names",
]


NOT_OF_A_RUN = ("description", "suggestions", "screen")
"""Settings that say nothing of how a network is trained."""


@dataclass(frozen=True)
class SettingField:
    """One setting as the Train screen shows it."""

    key: str
    value: object
    default: object
    meaning: str
    valid: str


def preset_names() -> tuple[str, ...]:
    """The presets that come with the program; schemas, which lie beside them, left out."""
    found = (path for path in resource("configs").glob("*.toml") if "heads" not in read_toml(path)[0])
    return tuple(sorted(path.stem for path in found))


def load_settings(
    name_or_path: str | Path | None = None,
    overrides: Sequence[str] = (),
    base: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Put settings together.

    Args:
        name_or_path: A preset's name ("fast"), the path of a TOML file, or None for the defaults.
        overrides: `key=value` each, such as "training.epochs=3"; the value is TOML, or else a plain word.
        base: Settings under the preset, from the bench.
        folder: Where relative paths in `base` and `overrides` begin, by default here; those of a preset
            begin at its file.

    Raises:
        ConfigError: Unknown name or key, or a value out of its range; with file, line and what is valid.
    """
    folder = folder or Path()
    merged: dict[str, Any] = _merge({}, anchored(base or {}, folder))
    if base:
        validate(Settings, merged, where="bench.toml [settings]")
    if name_or_path is not None:
        path = _preset_path(name_or_path)
        table, text = read_toml(path)
        if "heads" in table:
            raise ConfigError(
                "this is a schema, not a preset", where=path, cure=f"presets: {', '.join(preset_names())}"
            )
        validate(Settings, _merge(merged, table), where=path, text=text)
        merged = _merge(merged, anchored(table, path.parent))
    return _overridden(merged, [(one, anchored(_parse_override(one), folder)) for one in overrides])


def _overridden(merged: Mapping[str, Any], overrides: Sequence[tuple[str, Mapping[str, Any]]]) -> Settings:
    """All overrides at once, as some only make sense together; a mistake bears the name of its override."""
    steps = [merged]
    for _, given in overrides:
        steps.append(_merge(steps[-1], given))
    try:
        return validate(Settings, steps[-1], where="settings")
    except ConfigError:
        for (override, _), table in zip(overrides, steps[1:], strict=True):
            validate(Settings, table, where=f"--set {override}")
        raise


def _preset_path(name_or_path: str | Path) -> Path:
    """The file of a preset given by name or path."""
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1 or path.is_file():
        return path
    named = resource("configs") / f"{name_or_path}.toml"
    if named.exists():
        return named
    raise ConfigError(
        f"no preset is named {str(name_or_path)!r}", cure=suggestion(str(name_or_path), preset_names())
    )


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables into tables; other values are replaced."""
    merged = dict(under)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _parse_override(override: str) -> dict[str, Any]:
    """`a.b=1` as {"a": {"b": 1}}."""
    key, equals, raw = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(
            "expected key=value", where=f"--set {override}", cure="for example --set training.epochs=3"
        )
    try:
        value: Any = tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        value = raw.strip()
    table: dict[str, Any] = {}
    inner = table
    *parents, last = _key_parts(key.strip())
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = value
    return table


def _key_parts(key: str) -> list[str]:
    """A dotted key's parts; one in quotes may hold dots, as in `training.heads."x.y".weight`."""
    try:
        inner: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        return key.split(".")  # a word that is no key in TOML can still be a head's name
    parts: list[str] = []
    while isinstance(inner, dict):
        if len(inner) != 1:
            return key.split(".")
        [(part, inner)] = inner.items()
        parts.append(part)
    return parts


def describe(settings: Settings) -> tuple[SettingField, ...]:
    """Every setting with its value, meaning and valid range, in the order of this file."""
    return tuple(_fields(settings, ""))


def _fields(section: Section, prefix: str) -> Iterator[SettingField]:
    """The settings of one table and of the tables in it."""
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        key = f"{prefix}{name}"
        if key in NOT_OF_A_RUN:
            continue
        if isinstance(value, Operation):
            for part, info in type(value).model_fields.items():
                meaning = f"{field.description}: {info.description}"
                default = getattr(field.default, part)
                yield SettingField(f"{key}.{part}", getattr(value, part), default, meaning, _valid(info))
        elif isinstance(value, Section):
            yield from _fields(value, f"{key}.")
        elif isinstance(value, Mapping):
            for entry, inner in value.items():
                yield from _given(inner, f"{key}.{quoted_key(entry)}")
        else:
            yield SettingField(key, value, field.default, field.description or "", _valid(field))


def _given(section: Section, prefix: str) -> Iterator[SettingField]:
    """Those settings of a table that are given at all; of a table of weights each by itself."""
    for name, field in type(section).model_fields.items():
        value, meaning = getattr(section, name), field.description or ""
        if isinstance(value, Mapping):
            for entry, weight in value.items():
                yield SettingField(f"{prefix}.{name}.{quoted_key(entry)}", weight, 1.0, meaning, "number > 0")
        elif value is not None:
            yield SettingField(f"{prefix}.{name}", value, field.default, meaning, _valid(field))


def leaves(table: Mapping[str, Any], *before: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values in a table and in the tables in it, each with the keys that lead to it."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, *before, str(key))
        else:
            yield (*before, str(key)), value


def quoted_key(name: str) -> str:
    """A key as TOML and `--set` take it."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _valid(field: FieldInfo) -> str:
    """The range or the choices of a setting, in words."""
    annotation = field.annotation
    choices: tuple[Any, ...] = getattr(annotation, "__args__", ())
    if type(None) in choices:  # what a head need not give
        annotation = choices[0]
        choices = getattr(annotation, "__args__", ())
    if choices:
        return " | ".join(map(str, choices))
    if annotation is bool:
        return "true | false"
    low = high = ""
    for limit in field.metadata:
        if isinstance(limit, Ge):
            low = f"{limit.ge} ≤ "
        elif isinstance(limit, Gt):
            low = f"{limit.gt} < "
        elif isinstance(limit, Le):
            high = f" ≤ {limit.le}"
        elif isinstance(limit, Lt):
            high = f" < {limit.lt}"
    kind = {int: "whole number", float: "number", str: "text"}.get(cast(type, annotation), "value")
    return f"{low}{kind}{high}"
