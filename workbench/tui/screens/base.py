"""What every screen and dialog has: header, footer, commands, and a line instead of a broken layout."""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from workbench.text import neutralise
from workbench.tui.commands import Command, bindings_of, offered
from workbench.tui.keymap import scope_of
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.tab_header import TabHeader

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.shell import Shell

LEAST = (80, 24)
"""Columns and rows for which the layouts are made, where a screen or app names no others."""
_ESCAPE = "escape"
Result = TypeVar("Result")


class TooSmall(Static):
    """Shown alone while the terminal is smaller than the layouts are made for."""


class _Offers:
    """Derives `BINDINGS` from `KEY_COMMANDS`, and knows how to hide a layout that does not fit."""

    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = ()
    SCOPE: ClassVar[str] = ""
    """The name under which keys are chosen for it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        cls.SCOPE = scope_of(cls)
        if "KEY_COMMANDS" in cls.__dict__:
            cls.BINDINGS = bindings_of(cls.KEY_COMMANDS)  # type: ignore[attr-defined]
        super().__init_subclass__(**kwargs)

    def commands(self) -> tuple[Command, ...]:
        """What can be asked for here; screens with commands that come and go add them."""
        return self.KEY_COMMANDS

    def taken_keys(self) -> Collection[str]:
        """Keys that mean something else here than their command, such as the classes of the schema."""
        return ()

    def keyed(self, command: Command) -> Command:
        """The command with the keys that run it here."""
        keymap = cast("Shell", cast("Screen[Any]", self).app).keymap
        return keymap.apply(command, self.taken_keys(), self.SCOPE)

    def key_of(self, command_id: str) -> str:
        """The key of a command as a person writes it, for sentences; its title where it has none."""
        found = next((one for one in offered(cast("Screen[Any]", self)) if one.id == command_id), None)
        return (found.shown_key or found.title) if found is not None else ""

    def take_keys(self) -> None:
        """Let the keys that a person chose run the screen's commands."""
        screen = cast("Screen[Any]", self)
        keymap = cast("Shell", screen.app).keymap
        keymap.rebind(screen._bindings, self.KEY_COMMANDS, self.SCOPE)

    def fit(self, width: int, height: int) -> None:
        """Show the layout, or one line where the terminal is too small for it."""
        screen = cast("Screen[Any]", self)
        least_width, least_height = self.least_size()
        small = width < least_width or height < least_height
        screen.set_class(small, "-too-small")
        screen.set_class(width < 100, "-narrow")
        screen.set_class(width >= 150, "-wide")
        screen.set_class(height < 34, "-short")
        if small:
            line = f"terminal too small: {least_width}x{least_height} needed, {width}x{height} here"
            for widget in screen.query(TooSmall):
                widget.update(line)

    def least_size(self) -> tuple[int, int]:
        """Columns and rows that it needs."""
        return LEAST

    @property
    def too_small(self) -> bool:
        """Whether nothing but the one line is shown, so that no key may answer anything."""
        return cast("Screen[Any]", self).has_class("-too-small")


class WorkbenchScreen(_Offers, Screen[None]):
    """One of the tabs.

    A subclass sets `MODE` (its name in `app.TABS`), `KEY_COMMANDS`, `HELP` (words for the help page), and
    yields its widgets from `compose_body`. Header, footer, help page, palette and bindings follow.
    """

    MODE: ClassVar[str] = ""
    HELP: ClassVar[str] = ""
    AUTO_FOCUS = ""

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app, with its bench, annotator and label desk."""
        return cast("WorkbenchApp", self.app)

    @property
    def shell(self) -> "Shell":
        """The app, whichever it is."""
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Header, the screen's own widgets, footer."""
        yield TooSmall(id="too-small")
        yield TabHeader(self.shell.tabs, self.MODE)
        yield from self.compose_body()
        yield CommandFooter()

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets, between header and footer."""
        yield from ()

    def on_mount(self) -> None:
        """Fill header and footer."""
        self.take_keys()
        self.refresh_commands()
        self.show_status(self.shell.status_line)

    def on_screen_resume(self) -> None:
        """Another screen may have changed what is done."""
        self.show_status(self.shell.status_line)
        self.refresh_commands()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout."""
        self.fit(event.size.width, event.size.height)

    def refresh_commands(self) -> None:
        """Show the commands that work now."""
        for footer in self.query_children(CommandFooter):
            footer.show(offered(self))

    def show_status(self, line: str) -> None:
        """Show the right side of the header, "bench · annotator · 412/2000 done"."""
        for header in self.query(TabHeader):
            header.status = line

    def help_text(self) -> str:
        """The screen's own words at the top of its help page."""
        return self.HELP


class WorkbenchDialog(_Offers, ModalScreen[Result]):
    """A screen on top of another; it has a footer of its own commands and no tabs.

    A subclass sets `heading`, `KEY_COMMANDS` and yields its widgets from `compose_body`.
    """

    AUTO_FOCUS = ""
    heading = ""

    @property
    def workbench(self) -> "WorkbenchApp":
        """The app."""
        return cast("WorkbenchApp", self.app)

    def compose(self) -> ComposeResult:
        """A framed box with title and footer."""
        yield TooSmall(id="too-small")
        with Vertical(classes="dialog") as box:
            box.border_title = Content(neutralise(self.heading))
            yield from self.compose_body()
            yield CommandFooter()

    def compose_body(self) -> ComposeResult:
        """The dialog's own widgets."""
        yield from ()

    def take_keys(self) -> None:
        """The keys that a person chose; escape leaves a dialog whatever these are, also while one types."""
        super().take_keys()
        bound = self._bindings.key_to_bindings
        for command in self.KEY_COMMANDS:
            if _ESCAPE in command.keys:
                bound.setdefault(_ESCAPE, replace(command, keys=(_ESCAPE,)).bindings())

    def on_mount(self) -> None:
        """Fill the footer."""
        self.take_keys()
        self.refresh_commands()

    def least_size(self) -> tuple[int, int]:
        """That of the screens of its app."""
        return cast("Shell", self.app).LEAST

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout."""
        self.fit(event.size.width, event.size.height)

    def refresh_commands(self) -> None:
        """Show the commands that work now."""
        for footer in self.query(CommandFooter):
            footer.show(offered(self))
