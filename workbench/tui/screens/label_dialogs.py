"""The Label screen's part that asks and tells: jump, note, history, queue, files."""

import asyncio

from workbench.annotation.history import history_lines
from workbench.annotation.selection import Order, QueueChoice
from workbench.errors import WorkbenchError
from workbench.tui.desk import DeskView, LabelDesk, Step, look_again
from workbench.tui.likeness import LikenessOrder
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.import_export import ExportScreen, ImportScreen
from workbench.tui.screens.label_text import history_text, set_aside_lines
from workbench.tui.screens.line_dialog import LineDialog
from workbench.tui.screens.message import MessageScreen
from workbench.tui.screens.queue import QueueScreen

_NOTE = "kept beside the picture, for yourself and others; empty removes it"


class LabelDialogs(WorkbenchScreen):
    """What the Label screen inherits. A dialog opens after the keys that were pressed before it are worked
    off, so that it is about the picture that they led to."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: asyncio.Queue[Step] = asyncio.Queue()
        self.notice = ""
        self.likeness_line = ""
        self._likeness: LikenessOrder | None = None
        self._walk: dict[str, int] | None = None
        self._sought = ""
        self._asks = False

    @property
    def desk(self) -> LabelDesk:
        """The bench's labels."""
        return self.workbench.desk

    def do(self, step: Step) -> None:
        """Have a step done after those that wait."""
        raise NotImplementedError

    def tell_background(self) -> None:
        """Show how far the work beside the labelling is."""
        raise NotImplementedError

    async def caught_up(self) -> DeskView | None:
        """What is shown once all keys pressed so far are worked off; None where the labels are not open."""
        if self.desk.view is not None:
            await self.steps.join()
        return self.desk.view

    def came_from_dialog(self) -> bool:
        """Whether the screen comes back from a dialog of its own, which says itself what it did."""
        asked, self._asks = self._asks, False
        return asked

    async def action_jump(self) -> None:
        """Ask where to."""
        view = await self.caught_up()
        if view is None or view.picture is None:
            return
        self._asks = True
        explained = f"a number from 1 to {view.total}, or a part of the name"
        dialog = LineDialog("Go to a picture", explained, self._sought, again=True)
        await self.app.push_screen(dialog, self._jump)

    def _jump(self, text: str | None) -> None:
        """Go there."""
        if text is not None:
            self._sought = text
            self.do(lambda session: session.find(text))

    async def action_note(self) -> None:
        """Ask for the picture's note."""
        view = await self.caught_up()
        if view is None or view.picture is None:
            return
        self._asks = True
        await self.app.push_screen(LineDialog("Note", _NOTE, view.labels.note), self._keep_note)

    def _keep_note(self, text: str | None) -> None:
        """Keep it: no key of the dialog can have changed the picture."""
        if text is not None:
            self.do(lambda session: session.write_note(text))

    async def action_history(self) -> None:
        """Who said what of this picture, when and how."""
        view = await self.caught_up()
        if view is None or view.picture is None:
            return
        try:
            events = await self.desk.events_of(view.picture.fingerprint)
        except WorkbenchError as error:
            self.notice = str(error)
            self.do(look_again)
            return
        lines = history_lines(events, self.workbench.bench.schema)
        self._asks = True
        title = f"History of {view.picture.name}"
        await self.app.push_screen(MessageScreen(title, lambda width: history_text(lines, width)))

    async def action_queue(self) -> None:
        """Ask which pictures come."""
        view = await self.caught_up()
        if view is not None:
            self._asks = True
            dialog = QueueScreen(self.workbench.bench.schema, view.queue.choice)
            await self.app.push_screen(dialog, self._open_queue)

    def _open_queue(self, choice: QueueChoice | None) -> None:
        """Open it; an order of likeness that is not known comes when it is."""
        if choice is not None:
            self.do(lambda session: session.open_queue(choice, self._walk))
            if choice.order is Order.LIKENESS:
                self.compare_pictures()

    def compare_pictures(self) -> None:
        """Work out the order of likeness."""
        self.run_worker(self._compare_pictures(), name="likeness", exclusive=True, group="likeness")

    async def _compare_pictures(self) -> None:
        """Beside the labelling."""
        if self._likeness is None:
            self._likeness = LikenessOrder(self.workbench.bench.cache_dir)
        try:
            wanted = await self.desk.paths()
        except WorkbenchError as error:
            self.notice = str(error)
            self.tell_background()
            return
        walk = await self._likeness.walk(
            wanted, lambda done, of: self.app.call_later(self._tell_likeness, done, of)
        )
        self.likeness_line = ""
        if walk is not None:
            self._walk = walk
            self.do(lambda session: session.rearrange(walk))

    def _tell_likeness(self, done: int, of: int) -> None:
        """How far it is."""
        self.likeness_line = f"comparing pictures: {done} of {of}" if done < of else "ordering by likeness …"
        self.tell_background()

    async def action_set_aside(self) -> None:
        """List the pictures that cannot be read, and equal ones."""
        aside, copies = await self.desk.set_aside()
        await self.app.push_screen(
            MessageScreen("Pictures set aside", lambda width: set_aside_lines(aside, copies, width))
        )

    def action_import_labels(self) -> None:
        """Ask for a file of labels."""
        self.app.push_screen(ImportScreen(), self._after_dialog)

    def action_export_labels(self) -> None:
        """Ask where to write all labels."""
        self.app.push_screen(ExportScreen(), self._after_dialog)

    def _after_dialog(self, words: str | None) -> None:
        """Say what the dialog did, beside the labels as they are now."""
        self.notice = words or self.notice
        self.do(look_again)

    def on_unmount(self) -> None:
        """Compare nothing more."""
        if self._likeness is not None:
            self._likeness.close()
