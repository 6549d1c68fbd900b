"""The keys that a person gave to commands, checked against every screen, and laid over the usual ones."""

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from textual.binding import BindingsMap
from textual.keys import Keys, _character_to_key

from workbench.errors import ConfigError
from workbench.text import neutralise
from workbench.tui.commands import Command, key_name

if TYPE_CHECKING:  # what reads settings takes a tenth of a second to import, and few people choose keys
    from workbench.bench import Bench
    from workbench.keys import KeyChoice
    from workbench.schema import Schema

_NAMED = frozenset(key.value for key in Keys if "<" not in key.value)
_SAME = {"ctrl+m": "enter", "ctrl+i": "tab", "return": "enter"}
"""Keys that a terminal cannot tell from others."""
_MONITOR = "workbench.tui.screens.monitor"
_MODIFIED = re.compile(r"(?:(?:ctrl|shift|alt)\+)+(.+)")


@dataclass(frozen=True)
class KeyMap:
    """The keys that a person chose.

    Attributes:
        keys: Of each command: "undo", or "sheet_screen.undo" for that screen only.
        usual: The keys of the first screen that has a command of this id. A choice for it holds on all
            screens that give the command the same keys; a namesake with other keys keeps its own.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    usual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, command: Command, scope: str = "") -> str:
        """Under which name a command's keys were chosen; "" where they were not."""
        if (name := f"{scope}.{command.id}") in self.keys:
            return name
        same = self.usual.get(command.id, command.keys) == command.keys
        return command.id if same and command.id in self.keys else ""

    def apply(self, command: Command, taken: Iterable[str] = (), scope: str = "") -> Command:
        """The command with the keys that run it.

        Args:
            command: As it is declared.
            taken: Keys that mean something else where it is offered, such as a class of the schema.
            scope: The screen that offers it.
        """
        keys, gone = self.keys.get(self.name(command, scope), command.keys), set(taken)
        keys = tuple(key for key in keys if key not in gone)
        return command if keys == command.keys else replace(command, keys=keys, key_text="")

    def rebind(self, bindings: BindingsMap, commands: Iterable[Command], scope: str = "") -> None:
        """Let the chosen keys run their commands, and the usual ones no more."""
        changed = [command for command in commands if self.name(command, scope)]
        actions = {command.run for command in changed}
        if not changed:
            return
        kept = {
            key: [one for one in some if one.action not in actions]
            for key, some in bindings.key_to_bindings.items()
        }
        for command in changed:
            for binding in self.apply(command, scope=scope).bindings():
                kept.setdefault(binding.key, []).insert(0, binding)
        bindings.key_to_bindings = {key: some for key, some in kept.items() if some}


NO_CHOICES = KeyMap()


def load_key_map(bench: "Bench") -> KeyMap:
    """The keys that the person chose, for all benches and over that for this one.

    Raises:
        ConfigError: An unknown command or key, or a key with two meanings; with file and line.
    """
    choices = chosen_keys(bench)
    return check_keys(choices, bench.schema) if choices else NO_CHOICES


def chosen_keys(bench: "Bench | None" = None) -> tuple["KeyChoice", ...]:
    """What the person chose for all benches, and over that for this one."""
    from workbench.keys import load_user_keys

    choices = (*load_user_keys(), *(bench.keys if bench is not None else ()))
    return tuple({one.command: one for one in choices}.values())


def all_commands() -> dict[str, dict[str, Command]]:
    """Screen → name → command, for every command whose keys can be chosen.

    A name is the command's id, on further screens that give it other keys screen and id.
    """
    found: dict[str, dict[str, Command]] = {}
    known: set[str] = set()
    offers = _offers()
    usual = _usual(offers)
    for scope, commands in offers:
        for one in commands:
            name = one.id if one.keys == usual[one.id] else f"{scope}.{one.id}"
            if name not in known:
                known.add(name)
                found.setdefault(scope, {})[name] = one
    return found


def _usual(offers: Iterable[tuple[str, tuple[Command, ...]]]) -> dict[str, tuple[str, ...]]:
    """Id → the keys that the first screen gives it."""
    found: dict[str, tuple[str, ...]] = {}
    for _, commands in offers:
        for one in commands:
            found.setdefault(one.id, one.keys)
    return found


def check_keys(choices: Sequence["KeyChoice"], schema: "Schema") -> KeyMap:
    """Make a map of what was chosen.

    Raises:
        ConfigError: See `load_key_map`.
    """
    offers = _offers()
    _check_names(choices, offers)
    places = {choice.command: choice.place for choice in choices}
    keys = {one.command: tuple(_textual(one.command, key, one.place) for key in one.keys) for one in choices}
    keymap = KeyMap(keys, _usual(offers))
    answers = answer_keys(schema)
    everywhere = offers[0][1]
    for scope, commands in offers[1:]:
        tab = scope not in _dialogs()
        _check_screen(keymap, places, scope, (*commands, *(everywhere if tab else ())), answers)
    return keymap


def _check_names(choices: Sequence["KeyChoice"], offers: list[tuple[str, tuple[Command, ...]]]) -> None:
    """Refuse what is no command."""
    from workbench.toml import suggestion

    known = {one.id for _, commands in offers for one in commands}
    known |= {f"{scope}.{one.id}" for scope, commands in offers for one in commands}
    for choice in choices:
        name = choice.command
        if name not in known:
            cure = suggestion(name, sorted(known))
            raise ConfigError(f"no command is named {name!r}", where=choice.place, cure=cure)


def _check_screen(
    keymap: KeyMap,
    places: Mapping[str, str],
    scope: str,
    commands: Sequence[Command],
    answers: Mapping[str, str],
) -> None:
    """Refuse a chosen key that means something else on a screen."""
    meanings = dict(answers) if scope == "label_screen" else {}
    for command in sorted(
        commands, key=lambda one: bool(keymap.name(one, scope))
    ):  # chosen keys are at fault
        name = keymap.name(command, scope)
        for key in keymap.apply(command, () if name else answers, scope).keys:
            if name and key in meanings:
                raise ConfigError(
                    f"{name}: the key {key_name(key)} is taken by {meanings[key]}",
                    where=places[name],
                    cure="choose another key",
                )
            meanings[key] = f"the command {command.id!r}"


def answer_keys(schema: "Schema") -> dict[str, str]:
    """Each key that answers something, with what it answers."""
    found = {
        _character_to_key(one.key): neutralise(f"the class {one.name!r} of {head.name!r}")
        for head in reversed(schema.heads)  # of several heads the first is named
        for one in head.classes
    }
    return {**found, _character_to_key(schema.exclusion.key): neutralise(f"{schema.exclusion.title!r}")}


def _textual(command: str, key: str, place: str) -> str:
    """A key as Textual names it.

    Raises:
        ConfigError: There is no such key, or a terminal cannot tell it from another.
    """
    if len(key) == 1 and key.isprintable():
        return "space" if key == " " else _character_to_key(key)
    name = key.lower()
    if name in _SAME:
        raise ConfigError(
            f"{command}: a terminal sends {_SAME[name]} for {name}", where=place, cure="choose another key"
        )
    modified = _MODIFIED.fullmatch(name)
    last = modified[1] if modified else name
    if name in _NAMED or last in _NAMED or len(last) == 1 or last in _named_characters():
        return name
    raise ConfigError(
        f"{command}: no key is named {key!r}",
        where=place,
        cure=_nearest(name),
    )


def _nearest(name: str) -> str:
    """The key that may have been meant."""
    from workbench.toml import suggestion

    return suggestion(name, sorted(_NAMED | _named_characters()))


def _named_characters() -> frozenset[str]:
    """Names of the characters on a keyboard, such as "slash"."""
    return frozenset(_character_to_key(chr(code)) for code in range(33, 127) if not chr(code).isalnum())


def scope_of(kind: type[Any]) -> str:
    """The name of a screen, or of the one that it has its commands from, such as "label_screen"."""
    owner = next((one for one in kind.__mro__ if "KEY_COMMANDS" in one.__dict__), kind)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", owner.__name__).lower()


def _offers() -> list[tuple[str, tuple[Command, ...]]]:
    """What works everywhere, then every screen and dialog, with their commands."""
    from workbench.tui.app import APP_COMMANDS, TABS  # the app imports this module
    from workbench.tui.screens.base import WorkbenchScreen

    for module in (*(tab.module for tab in TABS), _MONITOR):
        importlib.import_module(module)
    tabs = {scope_of(kind): kind.KEY_COMMANDS for kind in _all_subclasses(WorkbenchScreen)}
    found = dict(sorted(tabs.items())) | dict(sorted(_dialogs().items()))
    first = [scope_of(getattr(importlib.import_module(tab.module), tab.screen)) for tab in TABS]
    order = dict.fromkeys([*first, *found])
    return [("everywhere", APP_COMMANDS), *((scope, found[scope]) for scope in order if found[scope])]


def _dialogs() -> dict[str, tuple[Command, ...]]:
    """Every dialog with its commands."""
    from workbench.tui.screens.base import WorkbenchDialog

    return {scope_of(kind): kind.KEY_COMMANDS for kind in _all_subclasses(WorkbenchDialog)}


def _all_subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    """Of every generation."""
    for child in kind.__subclasses__():
        yield child
        yield from _all_subclasses(child)
