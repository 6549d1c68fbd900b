"""A run's folder: every path in it, what it was asked to do, and whether its worker lives.

The worker holds an flock on `lock` for its whole life and the kernel frees it even after SIGKILL, so that
"running" is never a guess. Everything else is read from plain files; this module needs no Keras.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config import Settings
from workbench.errors import RunRefused, WorkbenchError
from workbench.files import file_error, read_json, write_atomically
from workbench.schema import Schema
from workbench.text import neutralise
from workbench.training.host import (
    as_json,
    host,
    numbering,
    program,
    run_number,
    slugged,
    versions,
)
from workbench.training.lock import is_locked, other_holder
from workbench.training.state import RunState, started_anew, state_from_afar, state_of
from workbench.training.tail import read_tail

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.dataset.table import Table

__all__ = ["RunFolder", "RunState", "find_run", "run_folders"]
RUN_VERSION = 1
WATCHED = "it can be watched, and asked to stop while it trains"


@dataclass(frozen=True)
class RunFolder:
    """A run on disk; nothing is read before it is asked for."""

    root: Path

    @property
    def name(self) -> str:
        """The folder's name, such as "0007-fast"."""
        return self.root.name

    @property
    def run_json(self) -> Path:
        """What was asked for: settings, schema, data, versions, host, command, parent."""
        return self.root / "run.json"

    @property
    def events(self) -> Path:
        """What happened, one JSON object a line, append-only."""
        return self.root / "events.jsonl"

    @property
    def control(self) -> Path:
        """What others asked of the worker: asked, taken, done."""
        return self.root / "control.jsonl"

    @property
    def changes(self) -> Path:
        """What was changed of the plan in run.json since: learning rates, epochs added."""
        return self.root / "changes.jsonl"

    @property
    def start(self) -> Path:
        """The parent's weights that the run begins with, where it has a parent."""
        return self.root / "start"

    @property
    def log(self) -> Path:
        """Everything that the worker and its libraries printed."""
        return self.root / "worker.log"

    @property
    def exit(self) -> Path:
        """How the last worker ended, if it could not say so itself and whoever started it still waited."""
        return self.root / "worker.exit"

    @property
    def last_words(self) -> Path:
        """Room on the disk that a worker holds, so that it can say of a full one that it is full."""
        return self.root / ".last-words"

    @property
    def lock(self) -> Path:
        """Held with flock while the worker lives."""
        return self.root / "lock"

    @property
    def checkpoints(self) -> Path:
        """The folder of whole states, from which a run goes on after a crash: the best and the last ones."""
        return self.root / "checkpoints"

    @property
    def model(self) -> Path:
        """The best epoch's network, without anything that only training needs."""
        return self.root / "model.keras"

    @property
    def history(self) -> Path:
        """One row an epoch."""
        return self.root / "history.csv"

    @property
    def tensorboard(self) -> Path:
        """Event files of the two splits, if `training.tensorboard` asks for them."""
        return self.root / "tensorboard"

    @property
    def evaluation(self) -> Path:
        """The evaluation table."""
        return self.root / "evaluation.json"

    @property
    def data(self) -> Path:
        """The pictures, classes and splits, frozen when the run was made."""
        return self.root / "data.csv"

    def read(self) -> dict[str, Any]:
        """`run.json` as it stands.

        Raises:
            RunRefused: It is missing, damaged, or of a newer version.
        """
        try:
            found = read_json(self.run_json)
        except WorkbenchError as error:
            raise RunRefused(error.what, where=self.run_json, cure="is this a run's folder?") from error
        version = found.get("version")
        if not isinstance(version, int) or version > RUN_VERSION:
            raise RunRefused(
                f"the run has version {version!r}; this program knows {RUN_VERSION}",
                where=self.run_json,
                cure="update workbench",
            )
        return found

    def settings(self) -> Settings:
        """Its settings, complete."""
        return Settings.from_dict(self._table("settings"), where=self.run_json)

    def schema(self) -> Schema:
        """The schema that the run was made with."""
        return Schema.from_dict(self._table("schema"), where=self.run_json)

    def _table(self, name: str) -> dict[str, Any]:
        """A part of `run.json` that is a table."""
        described = self.read()
        if isinstance(found := described.get(name), dict):
            return found
        if "trained_by" in described:
            raise RunRefused(f"a training that is not ours has no {name}", where=self.name, cure=WATCHED)
        raise RunRefused(f"expected {name!r} as a JSON object", where=self.run_json, cure="it is damaged")

    @property
    def foreign(self) -> bool:
        """Whether a program that is not ours trains it, and alone can go on with it."""
        with suppress(RunRefused):
            return "trained_by" in self.read()
        return False

    def alive(self) -> bool:
        """Whether a worker holds the lock."""
        return is_locked(self.lock)

    def state(self) -> RunState:
        """What the run is doing, from the lock and the end of the log."""
        alive = self.alive()  # before the log: a worker that ends in between has written its end
        tail = read_tail(self.events)
        return self.state_after(tail.phase, tail.wall, time.time() - tail.wall, alive=alive)

    def state_after(self, phase: str, wall: float, age_s: float, *, alive: bool, asked: str = "") -> RunState:
        """`state`, of a log that was read.

        Args:
            phase: The last one in it; see `state_of`, also for `alive` and `asked`.
            wall: Unix seconds of its last line.
            age_s: Seconds since then.
        """
        anew = started_anew(self.lock, wall)
        state = state_of(phase, alive=alive, launched=self.log.exists(), asked=asked, started_anew=anew)
        if state is not RunState.DIED or not self.elsewhere():
            return state
        return state_from_afar(state_of(phase, alive=True, launched=True, asked=asked), age_s)

    def elsewhere(self) -> str:
        """The machine of its last worker if that is another, whose locks may not be seen here; else ""."""
        return other_holder(self.lock)

    @classmethod
    def create(
        cls,
        bench: "Bench",
        settings: Settings,
        table: "Table",
        preset: str = "",
        *,
        slug: str = "",
        parent: str = "",
        start: Callable[[Path], Mapping[str, Any]] | None = None,
        command: Sequence[str] | None = None,
        study: Mapping[str, Any] | None = None,
        about_data: Mapping[str, Any] | None = None,
    ) -> "RunFolder":
        """Make the folder of a new run, with the next free number.

        Args:
            bench: Where; pictures and cache are read from there by the worker.
            settings: Complete settings.
            table: The pictures with their splits; frozen as `data.csv`.
            preset: The preset's name or path, for people.
            slug: The words after the number; by default the preset's or the optimiser's name.
            parent: The run whose weights this one begins with, or "".
            start: Copies those weights into a new folder, and says what they are.
            command: What the person typed; by default this process's arguments.
            study: The study that the run is a trial of, if it is one.
            about_data: Figures about the data, such as `pictures`, `splits`, `majority`.

        Raises:
            WorkbenchError: The bench cannot be written.
        """
        described = {
            "version": RUN_VERSION,
            "created": time.time(),
            "preset": str(preset),
            "parent": parent,
            "study": dict(study or {}),
            "command": list(sys.argv if command is None else command),
            "settings": settings.to_dict(),
            "schema": bench.schema.to_dict(),
            "schema_fingerprint": bench.schema.fingerprint,
            "data": {"fingerprint": table.fingerprint, **(about_data or {})},
            "places": {
                "bench": str(bench.root),
                "images": str(bench.images_root),
                "cache": str(bench.cache_dir),
            },
            "versions": versions(),
            "program": program(),
            "host": host(),
        }
        words = slugged(slug or Path(preset).stem or settings.training.optimizer)
        try:
            with numbering(bench.runs_dir):
                last = max((run_number(path.name) for path in bench.runs_dir.iterdir()), default=0)
                run = cls(bench.runs_dir / f"{max(0, last) + 1:04d}-{words}")
                run.checkpoints.mkdir(parents=True)
            table.save(run.data, bench.schema)
            begun = dict(start(run.start)) if start is not None else {}
            # Last, because a folder without run.json is not yet a run.
            write_atomically(run.run_json, as_json({"name": run.name, **described, "start": begun}))
        except OSError as error:
            raise file_error(error, bench.runs_dir) from error
        return run


def run_folders(runs_dir: Path) -> list[RunFolder]:
    """Every run's folder, the newest first."""
    try:
        names = [path.name for path in runs_dir.iterdir() if os.path.isfile(path / "run.json")]  # noqa: PTH113
    except OSError:
        return []
    names.sort(key=lambda name: (run_number(name), name), reverse=True)
    return [RunFolder(runs_dir / name) for name in names]


def find_run(runs_dir: Path, name: str = "", *, finished: bool = False) -> RunFolder:
    """The run of this name, or of this number ("7" for "0007-fast").

    Args:
        runs_dir: The bench's folder of runs.
        name: "" for the newest one.
        finished: With an empty name, only look at runs that have ended well (finished or stopped).

    Raises:
        RunRefused: There is none; says which there are.
    """
    found = run_folders(runs_dir)
    number = name.lstrip("0") if name.isdigit() else ""
    for run in found:
        if name and (name == run.name or (number and run.name.partition("-")[0].lstrip("0") == number)):
            return run
        if not name and (not finished or run.state() in (RunState.FINISHED, RunState.STOPPED)):
            return run
    known = ", ".join(neutralise(run.name) for run in found[:5]) or "none yet"
    what = f"no run is named {name!r}" if name else "no finished run" if finished and found else "no run yet"
    raise RunRefused(
        what, where=runs_dir, cure=f"runs: {known}" if found else "start one: workbench train BENCH"
    )
