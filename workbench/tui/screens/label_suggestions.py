"""The Label screen's part about suggestions: reading them, a letter for each class, the way to the sheet."""

import asyncio
from collections.abc import Mapping

from workbench.annotation.letters import class_letters
from workbench.annotation.outcome import Outcome
from workbench.annotation.session import LabelSession
from workbench.annotation.suggestions import Advice
from workbench.tui.desk import Step
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.sheet import SheetScreen
from workbench.tui.suggestion_reader import SuggestionReader

KEPT = ("next_unlabelled", "quit", "undo", "next_way", "zoom")
"""Commands that keep their keys while every class has a letter of its own."""
RESERVED_LETTERS = "nquvz"
"""The usual keys of these."""


class SuggestionKeys(WorkbenchScreen):
    """What the Label screen inherits. Its `do` has a step done after those that wait."""

    _reader: SuggestionReader | None = None
    letters: Mapping[str, tuple[str, str]] = {}

    def do(self, step: Step) -> None:
        """Have a step done after those that wait."""
        raise NotImplementedError

    def read_suggestions(self) -> None:
        """Show what a network suggests, if that changed since it was read last."""
        self.run_worker(self._read_suggestions(), name="suggestions", exit_on_error=True)

    async def _read_suggestions(self) -> None:
        """In a thread, for it takes a while."""
        if self._reader is None:
            self._reader = SuggestionReader(self.workbench.bench)
        advice = await asyncio.to_thread(self._reader.read)
        if advice is not None:
            self.do(lambda session: _take(session, advice))

    @property
    def suggestion_problem(self) -> str:
        """Why no suggestions are shown although there is a file."""
        return self._reader.problem if self._reader is not None else ""

    def letter_step(self, key: str) -> Step | None:
        """What a letter answers, if it stands for a class now."""
        if key not in self.letters:
            return None
        head, name = self.letters[key]
        return lambda session: session.answer_head(head, name)

    def shown_letters(self) -> dict[tuple[str, str], str]:
        """The letter of each (head, class), while they have any."""
        return {of: letter for letter, of in self.letters.items()}

    def action_sheet(self) -> None:
        """Many faces at once for the active head."""
        if self.workbench.desk.view is not None and not self.too_small:
            self.app.push_screen(SheetScreen())

    def action_letters(self) -> None:
        """A letter for each class of each head, or digits for the active head only."""
        self.letters = {} if self.letters else self._all_letters()
        self.refresh_commands()
        key = self.key_of("letters")
        words = f"a letter answers any head, until {key}" if self.letters else "digits answer the active head"
        self.do(lambda _: Outcome(message=words))

    def _all_letters(self) -> Mapping[str, tuple[str, str]]:
        """A letter for each class; some commands keep theirs, the others have none meanwhile."""
        kept = (self.keyed(one) for one in (*self.commands(), *self.workbench.commands()) if one.id in KEPT)
        return class_letters(self.workbench.bench.schema, [key for one in kept for key in one.keys])


def _take(session: LabelSession, advice: Advice) -> None:
    """In the desk's thread."""
    session.advice = advice
