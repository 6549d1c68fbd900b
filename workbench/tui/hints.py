"""Commands that a person can copy from a line; no Textual here."""

import shlex
from pathlib import Path


def resume_command(log: Path) -> str:
    """What goes on with a run, from the place of its log: BENCH/runs/RUN/worker.log."""
    run = log.parent
    return f"workbench resume {shlex.quote(str(run.parent.parent))} {shlex.quote(run.name)}"
