"""What a run is to be started with: a preset and the values that a person changed, always valid together."""

import json
import tomllib
from collections.abc import Mapping

from workbench.bench import Bench
from workbench.config import SettingField, Settings, describe, preset_names
from workbench.errors import ConfigError

DEFAULTS = "defaults"
"""The name under which no preset at all can be chosen: the program's defaults and `bench.toml`."""
_FIRST = "fast"
_SEVERAL = ";"


class RunSetup:
    """Settings of a run in the making. A value that is refused changes nothing.

    Args:
        bench: The bench, whose own settings lie under every preset.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.presets = (*preset_names(), DEFAULTS)
        self.preset = _FIRST if _FIRST in self.presets else self.presets[0]
        self.changed: Mapping[str, str] = {}
        self.descriptions = {name: self._settings(name, {}).description for name in self.presets}
        self.descriptions[DEFAULTS] = "the program's defaults and what bench.toml says"
        self.settings = self._settings(self.preset, {})
        self.unchanged = self._values()

    def _settings(self, preset: str, changed: Mapping[str, str]) -> Settings:
        """Settings of a preset with changes, grouped by table: only together need they be valid."""
        tables: dict[str, list[str]] = {}
        for key, raw in changed.items():
            table, _, name = key.rpartition(".")
            tables.setdefault(table, []).append(f"{name} = {_as_toml(raw)}")
        overrides = [f"{table}={{{', '.join(values)}}}" for table, values in tables.items()]
        try:
            return self._bench.settings(None if preset == DEFAULTS else preset, overrides)
        except ConfigError as error:
            where = "" if error.where.startswith("--set") else error.where
            raise ConfigError(error.what.partition("; received {")[0], where=where, cure=error.cure) from None

    def _values(self) -> dict[str, object]:
        """The preset's own values."""
        return {field.key: field.value for field in describe(self._settings(self.preset, {}))}

    @property
    def preset_name(self) -> str:
        """The preset as the run remembers it; "" for none."""
        return "" if self.preset == DEFAULTS else self.preset

    @property
    def fields(self) -> tuple[SettingField, ...]:
        """Every setting."""
        return describe(self.settings)

    def is_changed(self, field: SettingField) -> bool:
        """Whether a person changed it."""
        return field.key in self.changed and field.value != self.unchanged.get(field.key)

    def next_preset(self, step: int = 1) -> str:
        """Take another preset; changes stay where they fit it.

        Returns:
            Why the changes were dropped; "" if they were not.
        """
        self.preset = self.presets[(self.presets.index(self.preset) + step) % len(self.presets)]
        self.unchanged = self._values()
        try:
            self.settings = self._settings(self.preset, self.changed)
        except ConfigError as error:
            self.changed, self.settings = {}, self._settings(self.preset, {})
            return f"your changes do not fit this preset and were dropped: {error}"
        return ""

    def change(self, key: str, typed: str) -> None:
        """Give a setting another value, or several of its table: "0.8; validation = 0.1; test = 0.1".

        Raises:
            ConfigError: It is refused; everything stays as it was.
        """
        first, *more = typed.split(_SEVERAL)
        changes = {key: first.strip()}
        for one in more:
            name, equals, raw = one.partition("=")
            if not equals or not name.strip():
                raise ConfigError(
                    "expected name = value after each ;", cure="such as 0.8; validation = 0.1; test = 0.1"
                )
            changes[f"{key.rpartition('.')[0]}.{name.strip()}"] = raw.strip()
        if not first.strip():
            raise ConfigError("expected a value; received nothing", cure="escape keeps the old one")
        self._take({**self.changed, **changes})

    def cycle(self, field: SettingField, step: int) -> bool:
        """Take the next of a setting's choices.

        Returns:
            Whether it has choices.
        """
        choices = field.valid.split(" | ")
        if len(choices) < 2:
            return False
        at = choices.index(shown(field.value))
        self.change(field.key, choices[(at + step) % len(choices)])
        return True

    def reset(self, key: str) -> None:
        """Take back what a person changed.

        Raises:
            ConfigError: The other changes are not valid without it.
        """
        self._take({name: raw for name, raw in self.changed.items() if name != key})

    def reset_all(self) -> None:
        """Take back everything."""
        self._take({})

    def _take(self, changed: Mapping[str, str]) -> None:
        """Check, then remember."""
        self.settings = self._settings(self.preset, changed)
        self.changed = changed


def shown(value: object) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _as_toml(raw: str) -> str:
    """What was typed as a TOML value: a number or a truth as such, everything else as a word."""
    try:
        value = tomllib.loads(f"value = {raw}")["value"] if "\n" not in raw else raw
    except tomllib.TOMLDecodeError:
        value = raw
    if isinstance(value, bool):
        return shown(value)
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value if isinstance(value, str) else raw, ensure_ascii=False)
