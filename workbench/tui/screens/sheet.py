"""The sheet: a page of faces for one head; letters for the exceptions, ⏎ for the rest."""

from collections.abc import Callable, Collection
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult

from workbench.annotation.letters import free_letters
from workbench.annotation.outcome import Outcome
from workbench.annotation.sheet import SheetSession
from workbench.annotation.sheet_page import Mark, PageWork, SheetPage
from workbench.errors import WorkbenchError
from workbench.tui.commands import Command
from workbench.tui.keymap import answer_keys
from workbench.tui.picture.view import PLAIN, PRESETS, View
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.sheet_commands import CHOOSE, HELP, SHEET_COMMANDS
from workbench.tui.screens.sheet_text import (
    captions,
    heading,
    how_to_choose,
    message_lines,
    nothing_here,
)
from workbench.tui.tiles import PageKey, PageLoader
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.sheet_lines import SheetLines
from workbench.tui.widgets.sheet_view import SheetView

RESERVED = "quz"
"""Letters that are usually commands here: quit, undo, zoom."""
_DRAWING = "the faces are being drawn …"
_PATIENCE_S = 0.04
Step = Callable[[SheetSession], Outcome | None]


class SheetScreen(WorkbenchScreen):
    """Keys of a page count only while its faces are on the screen, so that none is meant for another page."""

    MODE = "label"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = SHEET_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self.loader = PageLoader()
        self.work: PageWork | None = None
        self.ready = False
        self._session: SheetSession | None = None
        self._problems: dict[int, str] = {}
        self._zoomed = True
        self._letters = ""
        self._busy = self._stale = False

    def compose_body(self) -> ComposeResult:
        """The question, the faces, what just happened."""
        yield SheetLines(id="sheet-heading")
        yield SheetView()
        yield SheetLines(id="sheet-message")

    def on_mount(self) -> None:
        """Sort the faces."""
        super().on_mount()
        commands = map(self.keyed, (*SHEET_COMMANDS, *self.workbench.commands()))
        taken = [key for command in commands for key in command.keys]
        self._letters = "".join(free_letters(self.workbench.bench.schema, taken))
        self.query_one(SheetView).say(["sorting the faces …"])

    def commands(self) -> tuple[Command, ...]:
        """What works here, after the letters of the faces."""
        return (CHOOSE, *self.KEY_COMMANDS)

    def taken_keys(self) -> Collection[str]:
        """The keys of the classes and of the exclusion, which come first."""
        return answer_keys(self.workbench.bench.schema).keys()

    @on(SheetView.BoxChanged)
    def _fit(self) -> None:
        """Another number of faces fits, also at first."""
        if self._busy:
            self._stale = True
        else:
            self._do(None)

    def _do(self, step: Step | None) -> None:
        """Have a step done and show the page that comes of it."""
        self.ready, self._busy = False, True
        self.set_timer(_PATIENCE_S, self._tell_busy)
        self.run_worker(self._step(step), name="sheet", exit_on_error=True)

    def _tell_busy(self) -> None:
        """Sorting 50,000 faces, or drawing a page that nobody foresaw, takes a moment."""
        if self._busy:
            self._say(_DRAWING)

    async def _step(self, step: Step | None) -> None:
        """In the desk's thread, then the drawing in another."""
        desk, view = self.workbench.desk, self.query_one(SheetView)
        grid = view.grid(len(self._letters))

        def work() -> tuple[Outcome | None, SheetPage]:
            if self._session is None:
                self._session = SheetSession(
                    desk.bench.schema,
                    desk.store,
                    desk.catalog.pictures(),
                    desk.session.advice,
                    desk.session.head.name,
                )
            outcome = step(self._session) if step is not None else None
            return outcome, self._session.page(grid.count)

        try:
            outcome, page = await desk.run(work)
        except WorkbenchError as error:
            self._say(str(error), failed=True)
            self.ready = self.work is not None
        else:
            self.ready = await self._show(page, outcome)
        self._busy = False
        if self._stale:
            self._stale = False
            self._do(None)

    async def _show(self, page: SheetPage, outcome: Outcome | None) -> bool:
        """The page with its faces; whether they are on the screen, so that keys count again."""
        before, self.work = self.work, PageWork(page)
        if before is not None:
            self.work.take_over(before)
        self._problems = {}
        self._show_heading()
        self._tell(outcome)
        view = self.query_one(SheetView)
        if not page.faces:
            view.say(nothing_here(page, self.workbench.bench.root))
            return True
        drawn = await self.loader.draw(*self._keys(page))
        if drawn is None:
            return False
        self._problems = drawn.problems
        for place in drawn.problems:
            self.work.leave_out(place)
        view.show(drawn, self._captions())
        self._tell(outcome)  # again: meanwhile it may have said that faces are being drawn
        return True

    def _tell(self, outcome: Outcome | None) -> None:
        """What a step did."""
        if outcome is None:
            self._say("")
        else:
            self._say(f"saved ✓  {outcome.message}" if outcome.saved else outcome.message, outcome.failed)

    def _keys(self, page: SheetPage) -> tuple[PageKey, PageKey | None]:
        """What is to be drawn now, and what beforehand."""
        view, root = self.query_one(SheetView), self.workbench.bench.images_root
        part = View(PRESETS[page.head.zoom], page.head.zoom) if self._zoomed else PLAIN
        grid = view.grid(len(self._letters))
        now, later = (
            PageKey(
                tuple((face.picture.fingerprint, root / face.picture.name) for face in faces),
                grid,
                view.box[0],
                view.backdrop,
                part,
                self.workbench.look,
            )
            for faces in (page.faces, page.following)
        )
        return now, later if page.following else None

    def _looks(self, name: str) -> Style:
        """A style of the faces' captions or of the lines around them."""
        owner = "sheet-view" if name in ("letter", "caption", "changed", "chosen") else "sheet-lines"
        widget = self.query_one(SheetView if owner == "sheet-view" else SheetLines)
        return look(widget, f"{owner}--{name}")

    def _captions(self) -> list[Text]:
        """What stands under the faces."""
        assert self.work is not None
        return captions(self.work, self._letters, self._problems, self._looks)

    def _show_heading(self) -> None:
        """What is asked."""
        if self.work is not None:
            page = self.work.page
            lines = self.query_one("#sheet-heading", SheetLines)
            lines.show(lambda width: heading(page, width, self._looks))

    def _say(self, words: str, failed: bool = False) -> None:
        """What just happened, on the line below."""
        lines = self.query_one("#sheet-message", SheetLines)
        said = Text(f" NOT SAVED ✗  {words}" if failed else f" {words}" if words else "", no_wrap=True)
        said.style = self._looks("error" if failed else "message")
        rule = self.work.page.head.rule if self.work is not None else ""
        lines.show(lambda width: message_lines(rule, said, width, lines.size.height, self._looks("muted")))

    async def on_key(self, event: events.Key) -> None:
        """A letter chooses a face; a class's key answers it, or shows that class where none is chosen."""
        key, schema = event.character or "", self.workbench.bench.schema
        is_class = self.work is not None and any(head.by_key(key) for head in schema.heads)
        if not key or not (key in self._letters or is_class or key == schema.exclusion.key):
            return
        event.stop()
        event.prevent_default()
        if not self._may():
            return
        assert self.work is not None
        if key in self._letters:
            self._choose(key)
        elif key == schema.exclusion.key:
            self._change(self.work.mark(Mark.EXCLUDED))
        elif self.work.chosen is not None:
            self._change(self.work.answer(key))
        else:
            self._do(lambda session: session.show_class(key))

    def _may(self) -> bool:
        """Whether keys are for the faces that are seen."""
        if not self.ready and not self.too_small:
            self._say(_DRAWING)
        return self.ready and not self.too_small and self.work is not None

    def _choose(self, letter: str) -> None:
        """The face of a letter."""
        assert self.work is not None
        place = self._letters.index(letter)
        if place in self._problems:
            self._say("a face that cannot be shown gets no answer")
            return
        self.work.choose(place)
        head, chosen = self.work.page.head, self.work.chosen is not None
        width = self.size.width - 1
        self._change(how_to_choose(head, self.workbench.bench.schema, letter, width) if chosen else "")

    def _change(self, said: str) -> None:
        """Show at once what a key did to a face."""
        self.query_one(SheetView).caption(self._captions())
        self._say(said)

    def action_accept(self) -> None:
        """Store the page and show the next one."""
        if self._may() and self.work is not None:
            page, changes = self.work.page, dict(self.work.changes)
            if page.faces:
                self._do(lambda session: session.accept(page, changes))

    def action_cannot_tell(self) -> None:
        """The chosen face's answer is "cannot tell"."""
        if self._may() and self.work is not None:
            self._change(self.work.cannot_tell())

    def action_leave_out(self) -> None:
        """No answer for the chosen face."""
        if self._may() and self.work is not None:
            self._change(self.work.mark(Mark.LEFT_OUT))

    def action_undo(self) -> None:
        """Take the last page back."""
        if self._may():
            self._do(SheetSession.undo)

    def action_move_class(self, step: int) -> None:
        """The faces of another class."""
        if self._may():
            self._do(lambda session: session.next_class(step))

    def action_move_head(self, step: int) -> None:
        """The faces of another head."""
        if self._may():
            self._do(lambda session: session.next_head(step))

    def action_zoom(self) -> None:
        """The part that suits the head, or the whole picture."""
        if self._may():
            self._zoomed = not self._zoomed
            self._do(None)

    def action_leave(self) -> None:
        """Back to the Label screen."""
        self.app.pop_screen()

    def on_unmount(self) -> None:
        """Draw nothing more."""
        self.loader.close()
