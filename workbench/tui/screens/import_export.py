"""Labels from and into a file: a report first, a question before anything is replaced, then one write."""

import os
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.suggester import Suggester
from textual.widgets import Input, Label, Static

from workbench.annotation.formats.report import ImportPlan
from workbench.annotation.transfer import apply_import, export, parse_mapping, plan_import
from workbench.errors import WorkbenchError
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchDialog
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.widgets.wrapping import counted

_LISTED = 500
"""Refused rows that the report lists; `w` writes all of them."""
_ROWS = "one row a picture, sorted by name; an empty cell is not labelled"
_CODES = f"{_ROWS}, -1 is cannot tell, classes are their integer codes"
_NAMES = f"{_ROWS}, -1 is cannot tell, classes are their names"
_ESCAPE = Command("close", ("escape",), "Close", "Go back; nothing more is written.", "Here", "close")
_SUBMIT = Command("submit", ("enter",), "Go on", "Take what was typed.", "Here", "go on")


class PathSuggester(Suggester):
    """Completes what is typed to a path that exists."""

    async def get_suggestion(self, value: str) -> str | None:
        """The first entry, in order of name, that begins like the last part of the path."""
        folder, _, start = value.rpartition("/")
        if not start:
            return None
        try:
            with os.scandir(Path(folder or ("/" if value.startswith("/") else ".")).expanduser()) as entries:
                names = sorted(one.name for one in entries if one.name.startswith(start))
        except OSError:
            return None
        return value[: len(value) - len(start)] + names[0] if names else None


def typed_path(text: str) -> Path:
    """A path as a person types it, with ~ for the home folder."""
    return Path(text.strip()).expanduser()


class _FileDialog(WorkbenchDialog[str]):
    """A path to type and a place for what became of it; gives what the Label screen is to say."""

    AUTO_FOCUS = "#path"

    def say(self, words: str, *, refused: bool = False) -> None:
        """Show words that are neutralised already."""
        report = self.query_one("#report", Static)
        report.set_class(refused, "refused")
        report.update(Text(words))

    @property
    def typing(self) -> bool:
        """Whether keys go into a field."""
        return isinstance(self.focused, Input)

    def on_descendant_focus(self) -> None:
        """Other keys work while typing."""
        self.call_later(self.refresh_commands)

    def on_descendant_blur(self) -> None:
        """Other keys work while typing."""
        self.call_later(self.refresh_commands)


class ImportScreen(_FileDialog):
    """Checks a file, lists every refused row with reason and cure, and takes the rest over when told to."""

    heading = "Import labels"
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        _SUBMIT,
        Command("apply", ("a",), "Apply", "Take over the accepted rows, all or none.", "Here", "apply"),
        Command("edit", ("e",), "Another path", "Change the path or the tags.", "Here", "edit the path"),
        Command(
            "write_refused",
            ("w",),
            "Write refused rows",
            "Write them, with reasons, beside the file.",
            "Here",
            "write refused rows",
        ),
        Command("up", ("up", "pageup"), "Up", "Scroll the report up.", "Here", action="scroll(-5)"),
        Command(
            "down",
            ("down", "pagedown"),
            "Down",
            "Scroll the report.",
            "Here",
            "scroll",
            "scroll(5)",
            "↑↓",
        ),
        _ESCAPE,
    )

    def __init__(self) -> None:
        super().__init__()
        self.plan: ImportPlan | None = None

    def compose_body(self) -> ComposeResult:
        """Path, tags, report."""
        yield Label("file (our CSV, or any of makesense.ai's)")
        yield Input(id="path", placeholder="~/labels.csv", suggester=PathSuggester(), compact=True)
        yield Label(
            "tags that two heads share, or that have another name here (may stay empty)", id="tags-label"
        )
        yield Input(id="tags", placeholder="old_tag=head.class, none=glasses.none", compact=True)
        with VerticalScroll(id="report-scroll", can_focus=False):
            yield Static("enter checks the file; nothing is written before you say so", id="report")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Applying needs a checked file; letters are for typing while a field is in use."""
        if action in ("edit", "scroll"):
            return not self.typing
        if action == "apply":
            return not self.typing and self.plan is not None and bool(self.plan.accepted)
        if action == "write_refused":
            return not self.typing and self.plan is not None and bool(self.plan.refused)
        return self.typing if action == "submit" else True

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Check the file."""
        if self.query_one("#path", Input).value.strip():
            self.say("checking …")
            self._check()

    @work(exclusive=True)
    async def _check(self) -> None:
        """Plan the import in the desk's thread and show the report."""
        path = typed_path(self.query_one("#path", Input).value)
        tags = [one for one in self.query_one("#tags", Input).value.replace(",", " ").split() if one]
        desk, self.plan = self.workbench.desk, None
        schema = desk.bench.schema

        def plan() -> ImportPlan:
            mapping = parse_mapping(tags, schema)
            return plan_import(path, schema, desk.catalog.pictures(), desk.store, mapping=mapping)

        try:
            self.plan = await desk.run(plan)
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        self.say(plan_text(self.plan))
        self.set_focus(None)
        self.refresh_commands()

    def action_edit(self) -> None:
        """Type another path."""
        self.query_one("#path", Input).focus()

    def action_scroll(self, lines: int) -> None:
        """Move the report."""
        self.query_one("#report-scroll", VerticalScroll).scroll_relative(y=lines, animate=False)

    @work(exclusive=True)
    async def action_apply(self) -> None:
        """Take the accepted rows over; ask first where a person's answers would be replaced."""
        plan, desk = self.plan, self.workbench.desk
        if plan is None:
            return
        if plan.overwrites:
            question = f"{plan.overwrites} answers that a person gave would be replaced. Replace them?"
            if not await self.app.push_screen_wait(ConfirmScreen("Replace answers", question)):
                return
        try:
            written = await desk.run(lambda: apply_import(plan, desk.store, overwrite=plan.overwrites > 0))
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        self.dismiss(f"imported {counted(written, 'answer')} of {counted(len(plan.accepted), 'picture')}")

    @work(exclusive=True)
    async def action_write_refused(self) -> None:
        """Write the refused rows to a file of their own."""
        plan = self.plan
        if plan is None:
            return
        path = Path(f"{plan.file}.refused.csv")
        await self._write(plan, path)

    async def _write(self, plan: ImportPlan, path: Path) -> None:
        """Ask before a file is replaced, write, and say what became of it."""
        if path.exists() and not await self.app.push_screen_wait(
            ConfirmScreen("Replace the file", f"{path} exists. Replace it?")
        ):
            return
        try:
            await self.workbench.desk.run(lambda: plan.write_refused(path))
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        self.say(f"written: {neutralise(path)}\n\n{plan_text(plan)}")

    def action_close(self) -> None:
        """Go back."""
        self.dismiss("")


def plan_text(plan: ImportPlan) -> str:
    """The report, and what can be done now."""
    if plan.accepted:
        start = f"a takes over {counted(plan.answers, 'answer')} of {counted(len(plan.accepted), 'picture')}"
    else:
        start = "nothing in this file can be taken over"
    return f"{start}\n\n{plan.as_text(_LISTED).replace('; needs --overwrite', '')}"


class ExportScreen(_FileDialog):
    """Writes all answers to a file."""

    heading = "Export labels"
    class_names = False
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("submit", ("enter",), "Export", "Write the file.", "Here", "export"),
        Command(
            "names",
            ("ctrl+t",),
            "Codes or names",
            "Write integer codes, or class names.",
            "Here",
            "codes or names",
        ),
        _ESCAPE,
    )

    def compose_body(self) -> ComposeResult:
        """Path, codes or names, what became of it."""
        yield Label("file")
        path = str(self.workbench.bench.root / "labels.csv")
        shown = path if neutralise(path) == path else ""
        yield Input(shown, id="path", suggester=PathSuggester(), compact=True)
        yield Static(_CODES, id="report")

    def action_names(self) -> None:
        """The other way to write classes."""
        self.class_names = not self.class_names
        self.say(_NAMES if self.class_names else _CODES)

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Write."""
        if self.query_one("#path", Input).value.strip():
            self._export()

    @work(exclusive=True)
    async def _export(self) -> None:
        """Ask before a file is replaced, and write in the desk's thread."""
        path = typed_path(self.query_one("#path", Input).value)
        exists = await self.workbench.desk.run(lambda: _is_file(path))
        if exists and not await self.app.push_screen_wait(
            ConfirmScreen("Replace the file", f"{path} exists. Replace it?")
        ):
            return
        desk = self.workbench.desk
        options: dict[str, Any] = {"class_names": self.class_names, "overwrite": exists}
        try:
            done = await desk.run(
                lambda: export(path, desk.bench.schema, desk.catalog.pictures(), desk.store, **options)
            )
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        self.dismiss(f"exported {counted(done.rows, 'picture')} to {neutralise(done.path)}")

    def action_close(self) -> None:
        """Go back."""
        self.dismiss("")


def _is_file(path: Path) -> bool:
    """Whether a file lies there; a folder is for `export` to refuse."""
    try:
        return path.is_file()
    except OSError:
        return False
