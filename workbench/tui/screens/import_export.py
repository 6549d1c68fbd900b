"""Labels from a file: a report first, a question before anything is replaced, then one write."""

import re
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Label, Static

from workbench.annotation.formats.report import ImportPlan
from workbench.annotation.transfer import apply_import, parse_mapping, plan_import
from workbench.errors import WorkbenchError
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.export_labels import ESCAPE, ExportScreen
from workbench.tui.screens.file_dialog import FileDialog, PathSuggester, typed_path
from workbench.tui.widgets.wrapping import counted

__all__ = ["ExportScreen", "ImportScreen", "PathSuggester", "plan_text", "typed_path"]

_LISTED = 500
"""Refused rows that the report lists; `w` writes all of them."""
_FORMATS = (
    "reads our CSV and JSON Lines, Label Studio (JSON, JSON_MIN, CSV), Hugging Face imagefolder, FiftyOne, "
    "CVAT for images, and makesense.ai"
)
_TAG = re.compile(r"\s*([^,=][^,]*?=[^,\s]*)(?:[,\s]+|$)")
_SUBMIT = Command("submit", ("enter",), "Go on", "Take what was typed.", "Here", "go on")


def typed_tags(text: str) -> list[str]:
    """`tag=head.class` entries as a person types them: commas or blanks between, blanks in a tag."""
    rest = _TAG.sub("", text).strip(" ,")
    return [*_TAG.findall(text), *([rest] if rest else [])]


class ImportScreen(FileDialog):
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
        Command(
            "take_back",
            ("ctrl+z",),
            "Take an import back",
            "Take back the last import as one step; answers given since stay.",
            "Here",
            "take back",
            priority=True,
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
        ESCAPE,
    )

    def __init__(self) -> None:
        super().__init__()
        self.plan: ImportPlan | None = None

    def compose_body(self) -> ComposeResult:
        """Path, tags, report."""
        yield Label("file, or folder of files")
        yield Input(id="path", placeholder="~/labels.csv", suggester=PathSuggester(), compact=True)
        yield Label("tags with another name here, or that two heads share (may stay empty)", id="tags-label")
        yield Input(id="tags", placeholder="old_tag=head.class, none=glasses.none", compact=True)
        with VerticalScroll(id="report-scroll", can_focus=False):
            yield Static(
                f"enter checks the file; nothing is written before you say so\n\n{_FORMATS}", id="report"
            )

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
        tags = typed_tags(self.query_one("#tags", Input).value)
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
        self.dismiss(f"imported {counted(written, 'answer')} of {counted(plan.pictures, 'picture')}")

    @work(exclusive=True)
    async def action_take_back(self) -> None:
        """Take back the last import, after a yes."""
        question = "Take back the last import, whoever made it? Answers given since stay."
        if not await self.app.push_screen_wait(ConfirmScreen("Take back an import", question)):
            return
        desk = self.workbench.desk
        try:
            taken = await desk.run(desk.store.withdraw_import)
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        if taken is None:
            self.say("there is no import that could be taken back")
            return
        words = f"{counted(taken.answers, 'answer')} of {counted(taken.pictures, 'picture')}"
        self.dismiss(f"taken back: the import of {taken.at.astimezone():%Y-%m-%d %H:%M}, {words}")

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
        start = f"a takes over {counted(plan.answers, 'answer')} of {counted(plan.pictures, 'picture')}"
    else:
        start = "nothing in this file can be taken over"
    return f"{start}\n\n{plan.as_text(_LISTED).replace('; needs --overwrite', '')}"
