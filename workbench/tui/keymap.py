"""The keys that a person gave to commands, checked against every screen, and laid over the usual ones."""

import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from textual.binding import BindingsMap
from textual.keys import Keys, _character_to_key

from workbench.bench import Bench
from workbench.errors import ConfigError
from workbench.keys import KeyChoice, load_user_keys
from workbench.schema import Schema
from workbench.text import neutralise
from workbench.toml import suggestion
from workbench.tui.commands import Command, key_name

_NAMED = frozenset(key.value for key in Keys if "<" not in key.value)
_SAME = {"ctrl+m": "enter", "ctrl+i": "tab", "return": "enter"}
"""Keys that a terminal cannot tell from others."""
_MODIFIED = re.compile(r"(?:(?:ctrl|shift|alt)\+)+(.+)")


@dataclass(frozen=True)
class KeyMap:
    """Command → keys, for the commands whose keys a person chose."""

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def apply(self, command: Command, taken: Iterable[str] = ()) -> Command:
        """The command with the keys that run it.

        Args:
            command: As it is declared.
            taken: Keys that mean something else where it is offered, such as a class of the schema.
        """
        keys = self.keys.get(command.id, command.keys)
        keys = tuple(key for key in keys if key not in set(taken))
        return command if keys == command.keys else replace(command, keys=keys, key_text="")

    def rebind(self, bindings: BindingsMap, commands: Iterable[Command]) -> None:
        """Let the chosen keys run their commands, and the usual ones no more."""
        changed = [command for command in commands if command.id in self.keys]
        actions = {command.run for command in changed}
        if not changed:
            return
        kept = {
            key: [one for one in some if one.action not in actions]
            for key, some in bindings.key_to_bindings.items()
        }
        for command in changed:
            for binding in self.apply(command).bindings():
                kept.setdefault(binding.key, []).insert(0, binding)
        bindings.key_to_bindings = {key: some for key, some in kept.items() if some}


NO_CHOICES = KeyMap()


def load_key_map(bench: Bench) -> KeyMap:
    """The keys that the person chose, for all benches and over that for this one.

    Raises:
        ConfigError: An unknown command or key, or a key with two meanings; with file and line.
    """
    choices = chosen_keys(bench)
    return check_keys(choices, bench.schema) if choices else NO_CHOICES


def chosen_keys(bench: Bench | None = None) -> tuple[KeyChoice, ...]:
    """What the person chose for all benches, and over that for this one."""
    choices = (*load_user_keys(), *(bench.keys if bench is not None else ()))
    return tuple({one.command: one for one in choices}.values())


def all_commands() -> dict[str, tuple[Command, ...]]:
    """Every command whose keys can be chosen, each once, under the screen that has it first."""
    from workbench.tui.app import APP_COMMANDS

    found = {"everywhere": APP_COMMANDS}
    known = {one.id for one in APP_COMMANDS}
    for screen, commands in _offers():
        new = {one.id: one for one in commands if one.id not in known}
        if new:
            found[re.sub(r"(?<=[a-z])(?=[A-Z])", " ", screen).lower()] = tuple(new.values())
            known |= new.keys()
    return found


def check_keys(choices: Sequence[KeyChoice], schema: Schema) -> KeyMap:
    """Make a map of what was chosen.

    Raises:
        ConfigError: See `load_key_map`.
    """
    offers = dict(_offers())
    known = {command.id for commands in offers.values() for command in commands}
    for choice in choices:
        if choice.command not in known:
            raise ConfigError(
                f"no command is named {choice.command!r}",
                where=choice.place,
                cure=suggestion(choice.command, sorted(known)),
            )
    places = {choice.command: choice.place for choice in choices}
    keymap = KeyMap(
        {one.command: tuple(_textual(one.command, key, one.place) for key in one.keys) for one in choices}
    )
    answers = answer_keys(schema)
    for screen, commands in offers.items():
        meanings: dict[str, str] = dict(answers) if screen == "LabelScreen" else {}
        for command in sorted(commands, key=lambda one: one.id in places):  # a chosen key is the one at fault
            mapped = keymap.apply(command, () if command.id in places else answers)
            for key in mapped.keys:
                if key in meanings and command.id in places:
                    raise ConfigError(
                        f"{command.id}: the key {key_name(key)} is taken by {meanings[key]}",
                        where=places[command.id],
                        cure="choose another key",
                    )
                meanings[key] = f"the command {command.id!r}"
    return keymap


def answer_keys(schema: Schema) -> dict[str, str]:
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
        cure=suggestion(name, sorted(_NAMED | _named_characters())),
    )


def _named_characters() -> frozenset[str]:
    """Names of the characters on a keyboard, such as "slash"."""
    return frozenset(_character_to_key(chr(code)) for code in range(33, 127) if not chr(code).isalnum())


def _offers() -> Iterator[tuple[str, tuple[Command, ...]]]:
    """Every screen and dialog with its commands; on a tab those of the app too."""
    from workbench.tui.app import APP_COMMANDS, SCREENS  # the app imports this module
    from workbench.tui.screens.base import WorkbenchDialog, WorkbenchScreen

    for _, _, _, module, _ in SCREENS:
        importlib.import_module(module)
    for kind in _all_subclasses(WorkbenchScreen):
        yield kind.__name__, (*kind.KEY_COMMANDS, *APP_COMMANDS)
    for kind in _all_subclasses(WorkbenchDialog):
        yield kind.__name__, kind.KEY_COMMANDS


def _all_subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    """Of every generation."""
    for child in kind.__subclasses__():
        yield child
        yield from _all_subclasses(child)
