"""Setting a run up: presets, every setting, a field to edit one, and what hinders the start."""

import asyncio
import threading
from functools import partial

from rich.style import Style
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

from workbench.bench import Bench
from workbench.dataset.distribution import distribution
from workbench.errors import WorkbenchError
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.tui.desk import LabelDesk
from workbench.tui.run_setup import RunSetup, shown
from workbench.tui.run_start import runs_at_work, start_run
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.settings_list import SettingsList
from workbench.tui.widgets.setup_text import labels_line, meaning_lines, preset_lines
from workbench.tui.widgets.text_block import TextBlock
from workbench.tui.widgets.wrapping import wrap

_SPLIT = "; several at once: 0.8; validation = 0.1; test = 0.1"


class SetupBlock(TextBlock):
    """Words of the set-up, in the looks of the list."""

    COMPONENT_CLASSES = {"setup-block--title", "setup-block--muted", "setup-block--error"}

    def __init__(self, id: str) -> None:  # noqa: A002
        super().__init__()
        self.id = id


class SetupPane(Vertical):
    """Before a run.

    Args:
        bench: The bench to train on.
    """

    class KeysChanged(Message):
        """Other keys work now: a value was taken, or a start begins or ends."""

    class Started(Message):
        """A run was started."""

        def __init__(self, run: RunFolder) -> None:
            super().__init__()
            self.run = run

    def __init__(self, bench: Bench) -> None:
        super().__init__(id="setup")
        self._bench = bench
        self.setup: RunSetup | None = None
        self.message, self.refused = "", False
        self.preparing = False
        self._leaving = threading.Event()

    def compose(self) -> ComposeResult:
        """Presets, labels, settings, meaning of the chosen one, field, message."""
        yield SetupBlock("presets")
        yield SetupBlock("labels")
        yield SettingsList()
        yield SetupBlock("meaning")
        with Horizontal(id="edit"):
            yield Label(id="edit-key")
            yield Input(id="edit-value", compact=True)
        yield SetupBlock("setup-message")

    async def open(self) -> None:
        """Read the presets in a thread."""
        if self.setup is None:
            try:
                self.setup = await asyncio.to_thread(RunSetup, self._bench)
            except WorkbenchError as error:
                self.say(str(error), refused=True)
                return
        self.refresh_setup()

    @property
    def editing(self) -> bool:
        """Whether a value is typed."""
        return self.has_class("-editing")

    def refresh_setup(self) -> None:
        """Show presets, settings and the chosen one's meaning."""
        setup = self.setup
        if setup is None:
            return
        block = self.query_one("#presets", SetupBlock)
        block.show(lambda width: preset_lines(setup, width, look(block, "setup-block--title")))
        settings = self.query_one(SettingsList)
        settings.show(setup.fields, setup.is_changed)
        if (field := settings.chosen) is not None:
            meaning = self.query_one("#meaning", SetupBlock)
            unchanged = shown(setup.unchanged[field.key]) if setup.is_changed(field) else ""
            meaning.show(
                lambda width: meaning_lines(field, unchanged, width, look(meaning, "setup-block--muted"))
            )

    async def count(self, desk: LabelDesk) -> str:
        """Count in the desk's thread how much there is to learn from, and say it.

        Returns:
            The words for the header; "" where there is nothing to say.
        """
        schema = self._bench.schema
        try:
            await desk.open()
            pictures, labels = await desk.labels()
            fingerprints = [picture.fingerprint for picture in pictures]
            found = await desk.run(lambda: distribution(schema, labels, fingerprints))
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return ""
        words = labels_line(found, schema)
        for block in self.query("#labels").results(SetupBlock):  # none where the pane was left meanwhile
            block.show(lambda width: [Text(f" {line}") for line in wrap(words, width - 2, 2)])
        return f"{found.complete}/{found.pictures} done" if found.pictures else ""

    def say(self, words: str, *, refused: bool = False) -> None:
        """Say what happened; `words` are neutralised already."""
        self.message, self.refused = words, refused
        for block in self.query("#setup-message").results(SetupBlock):
            style = look(block, "setup-block--error") if refused else Style()
            block.show(partial(_message_lines, words, style))

    def move(self, step: int) -> None:
        """Choose another setting."""
        self.query_one(SettingsList).move(step)
        self.refresh_setup()

    def next_preset(self, step: int) -> None:
        """Another preset."""
        if self.setup is not None:
            dropped = self.setup.next_preset(step)
            self.say(dropped, refused=bool(dropped))
            self.refresh_setup()

    def cycle(self, step: int) -> None:
        """The next of the chosen setting's choices; a number is typed instead."""
        field = self.query_one(SettingsList).chosen
        if self.setup is None or field is None:
            return
        if self.setup.cycle(field, step):
            self.say("")
            self.refresh_setup()
        else:
            self.say("this one has no list of choices: enter types a value")

    def reset(self, *, everything: bool) -> None:
        """Take back the chosen setting's change, or all."""
        field = self.query_one(SettingsList).chosen
        if self.setup is None or field is None:
            return
        try:
            if everything:
                self.setup.reset_all()
            else:
                self.setup.reset(field.key)
        except WorkbenchError as error:
            self.say(f"{error}; R takes back all changes", refused=True)
            return
        self.say("all changes taken back" if everything else "")
        self.refresh_setup()

    def edit(self) -> None:
        """Type the chosen setting's value."""
        field = self.query_one(SettingsList).chosen
        if field is None:
            return
        self.add_class("-editing")
        self.query_one("#edit-key", Label).update(Text(f" {field.key} = "))
        self.say(f"valid: {field.valid}{_SPLIT if field.key.startswith('dataset.split.') else ''}")
        typing = self.query_one("#edit-value", Input)
        typing.value = shown(field.value)
        typing.focus()
        typing.action_select_all()

    @on(Input.Submitted, "#edit-value")
    def _take(self, event: Input.Submitted) -> None:
        """Check the value; a wrong one stays in the field and changes nothing."""
        event.stop()
        field = self.query_one(SettingsList).chosen
        if self.setup is None or field is None:
            return
        try:
            self.setup.change(field.key, event.value)
        except WorkbenchError as error:
            self.say(f"{error} (still {neutralise(shown(field.value), 40)})", refused=True)
            return
        self.end_edit()
        self.refresh_setup()
        self.post_message(self.KeysChanged())

    def take(self) -> None:
        """Take what was typed, as enter does."""
        self.call_later(self.query_one("#edit-value", Input).action_submit)

    def end_edit(self) -> None:
        """Type nothing any more."""
        self.remove_class("-editing")
        self.say("")
        self.screen.set_focus(None)

    @work(exclusive=True, group="start")
    async def start(self) -> None:
        """Make a run and start it; what hinders it is said."""
        if self.setup is None or self.preparing:
            return
        settings, preset = self.setup.settings, self.setup.preset_name
        self._prepare(begins=True)
        try:
            if await self._may_start():
                self.say("preparing …")
                run = await asyncio.to_thread(
                    start_run, self._bench, settings, preset, self._progress, self._leaving.is_set
                )
                self.say("")
                self.post_message(self.Started(run))
        except WorkbenchError as error:
            self.say(str(error), refused=True)
        finally:
            self._prepare(begins=False)

    def _prepare(self, *, begins: bool) -> None:
        """Let no second start begin."""
        self.preparing = begins
        self.post_message(self.KeysChanged())

    async def _may_start(self) -> bool:
        """Ask before a second run is started beside one that trains: they would share the machine."""
        busy = await asyncio.to_thread(runs_at_work, self._bench)
        if not busy:
            return True
        question = f"{', '.join(busy)} is still training, and both would be slower. Start another run?"
        return await self.app.push_screen_wait(ConfirmScreen("Another run", question))

    def _progress(self, done: int, total: int) -> None:
        """In the thread that prepares."""
        self.app.call_later(self.say, f"preparing: {done} of {total} pictures looked at")

    def on_unmount(self) -> None:
        """Start nothing any more."""
        self._leaving.set()


def _message_lines(words: str, style: Style, width: int) -> list[Text]:
    """A message in at most three lines."""
    return [Text(f" {line}", style) for line in wrap(words, width - 2, 3)]
