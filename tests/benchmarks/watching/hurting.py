"""What a monitor makes of hurt runs: never a traceback; what can be shown is, what was skipped is said."""

import json
import random
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.hurts import HURTS, Hurt, hurt_copy, sound_run
from tests.benchmarks.watching.terminal import Recorded
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.run import RunFolder

COUNT, ON_SCREEN = 200, 20
_SLOW_S = 5.0
_OPEN_S = 20.0
_GAP_S, _AFTER_ESCAPE_S = 0.05, 0.25
"""The second is longer than an escape waits for what would make it the beginning of another key."""
_KEYS = ("l", "m", "x", "\t", "+", "\x1b[D", "v", "\x1b", "w", "\x1b")


@dataclass(frozen=True)
class Trouble:
    """A hurt that was not borne.

    Attributes:
        hurt: Its name.
        seed: Of its chance.
        what: What went wrong.
    """

    hurt: str
    seed: int
    what: str


def chosen(count: int = COUNT) -> Iterator[tuple[Hurt, int]]:
    """So many hurts, each way about as often, each with a seed of its own."""
    for seed in range(count):
        yield HURTS[seed % len(HURTS)], seed


def points(snapshot: RunSnapshot) -> int:
    """How many batches the curve of all heads' loss shows, gaps included."""
    curve = snapshot.curves.get(("", "loss", "train"))
    return 0 if curve is None else int(curve.counts.sum() + curve.gaps.sum())


def said(snapshot: RunSnapshot) -> bool:
    """Whether it says that something is missing."""
    replaced = any("replaced or cut" in note for note in snapshot.notes)
    return bool(snapshot.skipped) or snapshot.gone or replaced


def followed(run: RunFolder, hurt: Hurt, seed: int) -> str:
    """Follow a hurt run, before and after it is hurt further; what went wrong, or ""."""
    follower, began = Follower(run), time.monotonic()
    seen = [follower.poll()]
    hurt.meanwhile(run, random.Random(seed))
    seen += [follower.poll(), follower.poll(0.0), Follower(run).poll()]
    for one in seen:
        json.dumps(one.to_dict(), allow_nan=False)
    follower.detail("epoch", 0.5, 1.5)
    last = seen[2]
    if points(last) < hurt.shown:
        return f"shows {points(last)} of {hurt.shown} batches"
    if points(last) != points(seen[3]) and not last.gone:
        return f"shows {points(last)} batches, but {points(seen[3])} when it is opened again"
    if hurt.said and not said(last):
        return "does not say what was skipped"
    if (spent := time.monotonic() - began) > _SLOW_S:
        return f"takes {spent:.1f} s"
    return ""


def through_follower(folder: Path, count: int = COUNT) -> list[Trouble]:
    """Follow so many hurt runs; what was not borne."""
    sound, found = sound_run(folder / "sound"), []
    for hurt, seed in chosen(count):
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as place:
            try:
                what = _in_time(hurt_copy(sound, Path(place), hurt, seed), hurt, seed)
            except Exception:
                what = traceback.format_exc(limit=-3)
        found += [Trouble(hurt.name, seed, what)] if what else []
    return found


def _in_time(run: RunFolder, hurt: Hurt, seed: int) -> str:
    """`followed` in a thread: what is no file may hold a reader for ever."""
    found: list[str] = []

    def work() -> None:
        try:
            found.append(followed(run, hurt, seed))
        except Exception:
            found.append(traceback.format_exc(limit=-3))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(4 * _SLOW_S)
    return found[0] if found else "never comes back"


def on_screen(folder: Path, hurts: Sequence[tuple[Hurt, int]]) -> list[Trouble]:
    """Watch hurt runs on a real terminal and press keys; what was not borne."""
    sound, found = sound_run(folder / "sound-on-screen"), []
    for hurt, seed in hurts:
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as place:
            what = watched(hurt_copy(sound, Path(place), hurt, seed), hurt, seed)
        found += [Trouble(hurt.name, seed, what)] if what else []
    return found


def watched(run: RunFolder, hurt: Hurt, seed: int) -> str:
    """Open a hurt run, hurt it further, press keys, leave; what went wrong, or ""."""
    with Recorded(["monitor", str(run.root)], size=(120, 40)) as app:
        try:
            if app.shown_at(lambda text: run.name in text, _OPEN_S) is None:
                return f"does not name the run:\n{app.text.strip()}"
            app.silence(0.3)
            hurt.meanwhile(run, random.Random(seed))
            for key in _KEYS:
                app.press(key)
                app.silence(_AFTER_ESCAPE_S if key == "\x1b" else _GAP_S, 1.0)
            if app.process.poll() is not None:
                return f"ended by itself: {app.last_bytes()}"
            code = app.leave()
        except RuntimeError as error:
            return str(error)
        raw = b"".join(data for _, data in app.arrivals)
    if b"Traceback" in raw or code:
        return f"ended with {code}: {app.last_bytes()}"
    return ""


def hurt(folder: Path, count: int = COUNT, screens: int = ON_SCREEN) -> dict[str, Any]:
    """All hurts through the reader, and a sample of them on the screen."""
    folder.mkdir(parents=True, exist_ok=True)
    followed = through_follower(folder, count)
    ways = list(chosen(len(HURTS)))[:: max(1, len(HURTS) // screens)]
    shown = on_screen(folder, ways)
    return {
        "logs": count,
        "ways": len(HURTS),
        "troubles": len(followed),
        "on_screen": len(ways),
        "troubles_on_screen": len(shown),
        "tracebacks": sum("Traceback" in one.what for one in (*followed, *shown)),
        "each": [vars(one) for one in (*followed, *shown)],
    }
