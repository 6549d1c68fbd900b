"""A command is declared once; its binding, footer entry, palette entry and help line all derive from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.keys import _character_to_key

from workbench.text import neutralise

if TYPE_CHECKING:
    from textual.screen import Screen

EVERYWHERE = "Everywhere"
"""The section of the commands that work on every tab."""
_KEY_NAMES = {
    **{_character_to_key(chr(code)): chr(code) for code in range(33, 127) if not chr(code).isalnum()},
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "enter": "⏎",
    "escape": "esc",
    "delete": "del",
    "backspace": "⌫",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


@dataclass(frozen=True)
class Command:
    """One thing that a person can ask for.

    Attributes:
        id: Its name; the screen (or app) has a method `action_<id>`, unless `action` names another.
        keys: Textual's names of the keys that run it; the first is the one shown.
        title: What the palette and the help page call it.
        help: One sentence for the palette and the help page.
        section: The heading it stands under in the help page.
        label: Its word in the footer; empty keeps it out of the footer.
        action: The action to run where it is not `id`, such as "answer('1')" or "app.show('data')".
        key_text: How the footer writes the keys where that does not follow from `keys`, such as "←→".
        priority: Whether the key works even while text is typed into a field.
        runs: Whether the palette can run it; False for an entry that only explains keys.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    help: str
    section: str = "General"
    label: str = ""
    action: str = ""
    key_text: str = ""
    priority: bool = False
    runs: bool = True

    @property
    def run(self) -> str:
        """The action string that runs it."""
        return self.action or self.id

    @property
    def action_name(self) -> str:
        """The action without namespace and arguments, as `check_action` knows it."""
        return self.run.partition("(")[0].rpartition(".")[2]

    @property
    def shown_key(self) -> str:
        """The key as the footer writes it."""
        return self.key_text or (key_name(self.keys[0]) if self.keys else "")

    @property
    def all_keys(self) -> str:
        """Every key, as the help page writes them."""
        return "  ".join(key_name(key) for key in self.keys) or self.key_text

    def bindings(self) -> list[Binding]:
        """One binding a key; none where the screen takes the keys itself."""
        return [
            Binding(key, self.run, self.title, show=False, priority=self.priority, id=None)
            for key in self.keys
        ]


def key_name(key: str) -> str:
    """How a person writes a key that Textual calls `key`."""
    start, plus, last = key.rpartition("+")
    return f"{start}{plus}{_KEY_NAMES.get(last, last.upper() if _is_function(last) else last)}"


def typed_key(key: str) -> str:
    """How a person writes a key in a file: the character, where it is one."""
    name = key_name(key)
    return name if len(name) == 1 and name.isascii() else key


def _is_function(key: str) -> bool:
    """Whether it is F1 to F12."""
    return key[:1] == "f" and key[1:].isdigit()


def bindings_of(commands: Iterable[Command]) -> list[BindingType]:
    """The bindings of several commands, in order."""
    return [binding for command in commands for binding in command.bindings()]


@runtime_checkable
class HasCommands(Protocol):
    """A screen or app that offers commands."""

    def commands(self) -> tuple[Command, ...]:
        """What can be asked for now."""
        ...


@runtime_checkable
class ChoosesKeys(Protocol):
    """A screen that knows which keys a person gave to commands."""

    def keyed(self, command: Command) -> Command:
        """The command with the keys that run it here."""
        ...


def offered(screen: "Screen[Any]") -> list[Command]:
    """Every command that works on `screen` now: its own, then the app's (which a dialog lacks)."""
    found: list[Command] = []
    if isinstance(screen, HasCommands):
        found += [one for one in screen.commands() if screen.check_action(one.action_name, ())]
    if isinstance(screen.app, HasCommands) and not screen.is_modal:
        found += screen.app.commands()
    return [screen.keyed(one) for one in found] if isinstance(screen, ChoosesKeys) else found


def _runnable(screen: "Screen[Any]") -> list[Command]:
    """Those that the palette can run."""
    return [command for command in offered(screen) if command.runs]


class CommandProvider(Provider):
    """The palette (ctrl+p): each command that works on the present screen, by title and help."""

    async def search(self, query: str) -> Hits:
        """Commands whose title or help fits what was typed."""
        matcher = self.matcher(query)
        for command in _runnable(self.screen):
            title = self._title(command)
            in_title, in_help = matcher.match(title), matcher.match(command.help) * 0.5
            if max(in_title, in_help) > 0:
                display = matcher.highlight(title) if in_title else Content(title)
                yield Hit(max(in_title, in_help), display, self._runner(command), title, command.help)

    async def discover(self) -> Hits:
        """All commands, before anything is typed."""
        for command in _runnable(self.screen):
            title = self._title(command)
            yield DiscoveryHit(Content(title), self._runner(command), title, command.help)

    def _title(self, command: Command) -> str:
        """Title and key on one line."""
        return neutralise(f"{command.title}  ({command.all_keys})" if command.all_keys else command.title)

    def _runner(self, command: Command) -> Any:
        """A call that runs the command where it would run if its key were pressed."""
        screen = self.screen

        async def run() -> None:
            await screen.run_action(command.run)

        return run
