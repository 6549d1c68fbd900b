"""Reads the bench's suggestions when they changed; another program makes them, perhaps while one labels."""

from workbench.annotation.suggestions import Advice, Suggestions
from workbench.bench import Bench
from workbench.errors import WorkbenchError


class SuggestionReader:
    """For a thread: 50,000 pictures take a third of a second.

    Args:
        bench: Whose suggestions are read.

    Attributes:
        problem: Why there is nothing to show although there is a file; "" for no problem.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._stamp: tuple[int, int] | None = None
        self.problem = ""

    def read(self) -> Advice | None:
        """What may be shown; None where the file is as it was at the last call."""
        try:
            status = self._bench.suggestions_file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
        except OSError:
            stamp = None
        if stamp == self._stamp:
            return None
        self._stamp, self.problem = stamp, ""
        try:
            settings = self._bench.settings().suggestions
            return Advice(Suggestions.read(self._bench.suggestions_file, self._bench.schema), settings)
        except WorkbenchError as error:
            self.problem = f"no suggestions are shown: {error}"
            return Advice(Suggestions(self._bench.schema))
