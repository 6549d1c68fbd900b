"""What the Runs screen does to a run, and what it asks a person before: stop, resume, note, tags, remove."""

import asyncio
from collections.abc import Callable
from functools import partial

from textual import work

from workbench.errors import RunRefused, WorkbenchError
from workbench.monitoring.holdings import Holdings, holdings
from workbench.monitoring.remarks import set_tags, split_tags, write_note
from workbench.monitoring.summary import RunSummary
from workbench.monitoring.trash import trash_run
from workbench.text import neutralise
from workbench.training.control import ask
from workbench.training.run import RunFolder
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.line_dialog import LineDialog
from workbench.tui.screens.runs_showing import Showing
from workbench.tui.screens.runs_trash import TrashScreen
from workbench.tui.widgets.wrapping import counted

_NOTE = "one line, kept in the run's folder for all who can read it; empty removes it"
_TAGS = "words parted by blanks, kept in the run's folder; / finds runs by them: tag:good; empty removes all"
_NAMED = 3


class RunDeeds(WorkbenchScreen):
    """What the Runs screen inherits. Each deed is done in a thread, and said when it is done."""

    showing: Showing

    @property
    def chosen(self) -> RunSummary | None:
        """The run under the cursor."""
        raise NotImplementedError

    def tell(self, said: str) -> None:
        """Say what happened; words that are neutralised."""
        raise NotImplementedError

    def look_now(self) -> None:
        """Look at the runs."""
        raise NotImplementedError

    def folder(self, run: RunSummary) -> RunFolder:
        """Its folder."""
        return RunFolder(self.workbench.bench.runs_dir / run.name)

    @work(group="do")
    async def do(self, run: RunSummary, deed: Callable[[RunFolder], object], done: str) -> None:
        """Do something with a run, say what became of it, and look again."""
        try:
            await asyncio.to_thread(_on_what_is_there, self.folder(run), deed)
        except WorkbenchError as error:
            self.tell(str(error))
        else:
            self.tell(f"{neutralise(run.name)}: {done}")
        self.look_now()

    def action_stop(self) -> None:
        """Ask it to stop."""
        if run := self.chosen:
            self.do(run, lambda folder: ask(folder, "stop"), "asked to stop after the batch and save")

    def action_resume(self) -> None:
        """Go on from the last checkpoint."""
        if run := self.chosen:
            self.do(run, _launch, "a worker was started on it")

    async def action_note(self) -> None:
        """Ask for a line about it."""
        if run := self.chosen:
            dialog = LineDialog(f"Note on {run.name}", _NOTE, run.note)
            await self.app.push_screen(dialog, partial(self._keep_note, run))

    def _keep_note(self, run: RunSummary, typed: str | None) -> None:
        """Keep it."""
        if typed is not None:
            said = "its note is kept" if typed.strip() else "its note is removed"
            self.do(run, lambda folder: write_note(folder, typed), said)

    async def action_tags(self) -> None:
        """Ask for words by which it is found again."""
        if run := self.chosen:
            dialog = LineDialog(f"Tags of {run.name}", _TAGS, " ".join(run.tags))
            await self.app.push_screen(dialog, partial(self._keep_tags, run))

    def _keep_tags(self, run: RunSummary, typed: str | None) -> None:
        """Keep them."""
        if typed is not None:
            tags = split_tags(typed)
            said = f"tagged {neutralise(' '.join(tags))}" if tags else "its tags are removed"
            self.do(run, lambda folder: set_tags(folder, tags), said)

    @work
    async def action_remove(self) -> None:
        """Move it to the trash, after a question."""
        if run := self.chosen:
            held = await asyncio.to_thread(holdings, self.folder(run))
            question = _question(run.name, held, self.showing.children(run.name))
            if await self.app.push_screen_wait(ConfirmScreen("Remove the run", question)):
                self.do(run, trash_run, "in the trash; T brings it back")

    def action_trash(self) -> None:
        """Show what was removed."""
        self.app.push_screen(TrashScreen(self.workbench.bench.runs_dir))


def _question(name: str, held: Holdings, children: list[str]) -> str:
    """What would go, and who names it as a parent."""
    words = f"{name}: {held.words()}."
    if children:
        named = ", ".join(children[:_NAMED]) + (" …" if len(children) > _NAMED else "")
        verb = "names" if len(children) == 1 else "name"
        words += f" {counted(len(children), 'run')} {verb} it as parent and keep their own weights: {named}."
    return f"{words} Move it to the trash, from which it can be brought back?"


def _on_what_is_there(folder: RunFolder, deed: Callable[[RunFolder], object]) -> None:
    """Do something with a run, unless another program has moved or removed it meanwhile."""
    if not folder.run_json.is_file():
        raise RunRefused("is not there any more", where=folder.name, cure="somebody moved or removed it")
    deed(folder)


def _launch(folder: RunFolder) -> None:
    """Start a worker."""
    from workbench.training.launcher import launch

    launch(folder)
