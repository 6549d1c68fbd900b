"""Every error that a person is meant to read: what went wrong, where, and what to do.

There is one root and one catch site (`workbench.cli.main`, and the screen that shows messages). Each error
is one line; its class decides the exit code: 2 where the person can put it right (what was asked for, the
place, the machine), 1 where it failed.
"""

from workbench.text import neutralise


class WorkbenchError(Exception):
    """The root: something failed, and this line says so.

    Args:
        what: What was expected and what came instead.
        where: The file, row or setting concerned; shown first.
        cure: What the person can do about it; shown last.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: object = "", cure: str = "") -> None:
        super().__init__(what, where, cure)
        self.what, self.where, self.cure = what, str(where), cure

    def __str__(self) -> str:
        """One line: `where: what; cure`, with control characters made visible."""
        start = f"{self.where}: " if self.where else ""
        end = f"; {self.cure}" if self.cure else ""
        return neutralise(f"{start}{self.what}{end}")


class InputError(WorkbenchError):
    """What was asked for is wrong; nothing was changed."""

    exit_code = 2


class ConfigError(InputError):
    """A setting, preset, schema or `bench.toml` that cannot be used."""


class BenchError(InputError):
    """A folder that is no bench, or a bench that this version cannot open."""


class ImportRefused(InputError):
    """A file of labels that cannot be imported as it is."""


class PictureError(WorkbenchError):
    """A picture that cannot be read; `what` is the reason shown beside its name."""


class StoreError(WorkbenchError):
    """The label store refused: locked, full, read-only or damaged. Nothing was recorded."""

    exit_code = 2


class RunError(WorkbenchError):
    """A training run that cannot be started, read or evaluated."""


class RunRefused(RunError):
    """What was asked of a run is wrong: it is not there, damaged, newer, at work already, or not so far."""

    exit_code = 2


class MissingLibrary(WorkbenchError):
    """A shared library or program of the operating system is not there."""

    exit_code = 2


class Cancelled(WorkbenchError):
    """The person interrupted long work; what was finished is kept."""

    exit_code = 130
