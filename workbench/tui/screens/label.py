"""The Label screen: one face, its heads, one key an answer."""

from collections.abc import Collection
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from workbench.annotation.selection import Order
from workbench.annotation.session import LabelSession
from workbench.errors import WorkbenchError
from workbench.images.catalog import ScanProgress
from workbench.tui.commands import Command
from workbench.tui.desk import DeskView, Step, look_again
from workbench.tui.keymap import answer_keys
from workbench.tui.screens.label_commands import (
    HELP,
    LABEL_COMMANDS,
    answer_commands,
    named_for_pass,
    rule_commands,
)
from workbench.tui.screens.label_dialogs import LabelDialogs
from workbench.tui.screens.label_picture import PictureKeys
from workbench.tui.screens.label_suggestions import SuggestionKeys
from workbench.tui.screens.label_text import all_done, empty_queue, no_pictures, picture_words
from workbench.tui.screens.welcome import WelcomeScreen
from workbench.tui.widgets.head_panel import HeadPanel, HeadState
from workbench.tui.widgets.picture_line import PictureLine
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.status_bar import Status, StatusBar
from workbench.tui.widgets.wrapping import counted

_PANEL = (44, 62)  # the least columns of the head panel on a narrow and on a wide terminal
_READ_ONLY = "this bench is read-only: you can look at everything; answers cannot be saved"
_WELCOMED = "welcomed"
_LOOKING = "looking for pictures"
_WAITING = "another program is writing these labels; waiting for it …"


class LabelScreen(PictureKeys, SuggestionKeys, LabelDialogs):
    """Keys go into a queue and are worked off one by one, so that none is lost or overtakes another."""

    MODE = "label"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = LABEL_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self._scan_line = ""
        self._saved: bool | None = None
        self._passing = False
        self.idle = True
        self.scanned = False

    def compose_body(self) -> ComposeResult:
        """Picture at the left, heads at the right, rule and progress below."""
        with Horizontal(id="label-body"):
            yield PictureView(id="face")
            with Vertical(id="label-side"):
                yield PictureLine()
                yield HeadPanel(self.workbench.bench.schema)
        yield StatusBar()

    def on_mount(self) -> None:
        """Open the labels, then look for pictures."""
        super().on_mount()
        self.query_one(PictureView).say("opening …")
        self.desk.on_waiting = lambda: self.app.call_later(self._tell_waiting)
        self.run_worker(self._serve(), name="steps", exit_on_error=True)
        self.run_worker(self.keep_drawing(), name="pictures", exit_on_error=True)

    async def _serve(self) -> None:
        """Open, then do one step after the other."""
        try:
            view = self.desk.view or await self.desk.open()
        except WorkbenchError as error:
            self._refuse(str(error))
            return
        self.show(view)
        self.read_suggestions()
        self.run_worker(self._scan(), name="scan", exit_on_error=True)
        if self.workbench.notice and await self.desk.first_time(_WELCOMED):
            self.app.push_screen(WelcomeScreen(self.workbench.notice, self.workbench.bench.schema))
        while True:
            step = await self.steps.get()
            self.show(await self.desk.step(step))
            self.steps.task_done()
            self.idle = self.steps.empty()

    def _refuse(self, words: str) -> None:
        """The labels cannot be opened: say so and do nothing else."""
        self.query_one(PictureView).say("these labels cannot be opened")
        self.query_one(StatusBar).show(Status(message=words, saved=False))

    def _tell_waiting(self) -> None:
        """Another program writes the labels; what this key does comes after that."""
        if self.desk.waits and self.desk.view is not None:
            self._show_status(replace(self.desk.view, message=_WAITING))
        elif self.desk.waits:
            self.query_one(PictureView).say(_WAITING)

    def show(self, view: DeskView) -> None:
        """Show picture, answers and counts of one moment, together."""
        self.workbench.set_done(f"{view.progress.done}/{view.progress.total} done")
        if view.saved is not None:
            self._saved = view.saved
        if self._passing != bool(view.passing):
            self._passing = bool(view.passing)
            self.refresh_commands()
        self._show_heads(view)
        self._show_status(view)
        self._show_picture(view)

    def _show_heads(self, view: DeskView) -> None:
        """The side: name and heads."""
        self.query_one(PictureLine).show(picture_words(view, self.workbench.bench.schema))
        state = HeadState(
            view.labels,
            view.head.name,
            view.progress.per_head,
            view.progress.total,
            view.suggested,
            self.shown_letters(),
            view.locks,
            bool(view.passing),
        )
        self.query_one(HeadPanel).show(state if view.picture is not None else None)

    def _show_status(self, view: DeskView) -> None:
        """The lines below."""
        standing = self.desk.warning if self.desk.can_write else _READ_ONLY
        message = view.message or self.notice or self.suggestion_problem or standing
        if not message and view.total and view.progress.left == 0:
            message = all_done(view.total)
        status = Status(
            rule=view.head.rule if view.picture is not None else "",
            progress=view.progress,
            queue=view.queue,
            saved=view.saved if view.saved is False else self._saved,
            refused=view.saved is False,
            message=message,
            scan=self._scan_line or self.likeness_line,
        )
        self.query_one(StatusBar).show(status)

    def _show_picture(self, view: DeskView) -> None:
        """The picture, or why there is none."""
        face = self.query_one(PictureView)
        if view.picture is None or view.path is None:
            words = no_pictures(self.workbench.bench.images_root, self.key_of("rescan"))
            if view.progress.total:
                words = empty_queue(view.queue.choice, self.workbench.bench.schema, self.key_of("queue"))
            face.say(f"{_LOOKING} …" if self._scan_line else words)
            return
        self.show_face(view)

    def on_resize(self, event: events.Resize) -> None:
        """Give the picture the width that its height can use, the heads the rest."""
        super().on_resize(event)
        width, height = event.size.width, event.size.height
        rows = height - 8
        least = _PANEL[width >= 110]
        self.query_one(PictureView).styles.width = max(20, min(rows * 2, width - least))

    def on_screen_resume(self) -> None:
        """Labels may have changed on another screen."""
        super().on_screen_resume()
        if self.desk.view is not None and not self.came_from_dialog():
            self.do(look_again)
            self.read_suggestions()

    def do(self, step: Step) -> None:
        """Have a step done after those that wait."""
        if not self.too_small:
            self.idle = False
            self.steps.put_nowait(step)

    async def on_key(self, event: events.Key) -> None:
        """A class's key answers; the exclusion's key excludes. They come before the screen's commands."""
        key, schema = event.character or "", self.workbench.bench.schema
        if any(head.by_key(key) for head in schema.heads):
            step: Step = lambda session: session.answer(key)  # noqa: E731
        elif key == schema.exclusion.key:
            step = LabelSession.exclude
        elif (by_letter := self.letter_step(key)) is not None:
            step = by_letter
        else:
            return
        event.stop()
        event.prevent_default()
        self._write(step)

    def taken_keys(self) -> Collection[str]:
        """The keys of the classes, which come first."""
        return {*answer_keys(self.workbench.bench.schema), *self.letters}

    def _write(self, step: Step) -> None:
        """A step that records something."""
        self.do(step)

    def commands(self) -> tuple[Command, ...]:
        """Those of the class, after the answers of the active head."""
        view = self.desk.view
        return (
            *answer_commands(self.workbench.bench.schema, view.head if view else None),
            *named_for_pass(self.KEY_COMMANDS, passing=self._passing),
            *rule_commands(self.workbench.bench.schema),
        )

    def action_answer(self, key: str) -> None:
        """Answer the active head (from the palette)."""
        self._write(lambda session: session.answer(key))

    def action_exclude(self) -> None:
        """Not a face, or a face again."""
        self._write(LabelSession.exclude)

    def action_session(self, name: str) -> None:
        """A step that the session knows by name."""
        self.do(lambda session: getattr(session, name)())

    def action_first(self) -> None:
        """The first picture."""
        self.do(lambda session: session.go_to(0))

    def action_last(self) -> None:
        """The last picture."""
        self.do(lambda session: session.go_to(session.total - 1))

    def action_rescan(self) -> None:
        """Look for pictures again."""
        self.loader.forget_problems()
        if not self._scan_line:
            self.run_worker(self._scan(), name="scan", exit_on_error=True)

    async def _scan(self) -> None:
        """Look for pictures and take in what is found, until done or until the workbench is left."""
        self._tell_scan(_LOOKING)
        try:
            report = await self.desk.scan(self._on_scan_progress, self._on_scan_found)
        except WorkbenchError as error:
            self._scan_line = ""
            self.notice = str(error)
        else:
            self._scan_line = ""
            self.notice = ""
            if report.set_aside:
                self.notice = (
                    f"{counted(len(report.set_aside), 'picture')} cannot be read, so set aside "
                    f"({self.key_of('set_aside')} lists them)"
                )
        self.scanned = True
        self.do(look_again)
        if self.desk.view is not None and self.desk.view.queue.choice.order is Order.LIKENESS:
            self.compare_pictures()

    def _tell_scan(self, line: str) -> None:
        """Show how far it is."""
        self._scan_line = line
        self.tell_background()

    def tell_background(self) -> None:
        """Show how far the work beside the labelling is."""
        if self.desk.view is not None:
            self._show_status(self.desk.view)

    def _on_scan_progress(self, at: ScanProgress) -> None:
        """In the scan's thread."""
        self.app.call_later(self._tell_progress, f"{_LOOKING}: {at.done} of {at.found} read")

    def _tell_progress(self, line: str) -> None:
        """Show how far the scan is; what is heard of it after its end is late, and dropped."""
        if self._scan_line:
            self._tell_scan(line)

    def _on_scan_found(self) -> None:
        """In the scan's thread."""
        self.app.call_later(self._extend)

    async def _extend(self) -> None:
        """New pictures join the end of the queue."""
        self.show(await self.desk.extend())
