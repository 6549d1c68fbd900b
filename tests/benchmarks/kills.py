"""Labelling that is killed 50 times in 10,000 answers, and labelling until the disk is full.

`python -m tests.benchmarks.kills [--json]`. Keys: `lost_after_kills`, `doubled_after_kills`, the same on a
full disk (`…_on_full_disk`; None where no small disk can be mounted, which takes root).
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.terminal.test_store_kill import REPOSITORY, in_words, label_until_killed
from workbench.annotation.labels import Event, Source
from workbench.annotation.store import LabelStore
from workbench.schema import load_schema

ANSWERS, KILLS = 10_000, 50
_DISK_KIB = 6000
_FILLER = """
import sys
from workbench.annotation.store import LabelStore
from workbench.errors import StoreError
from workbench.schema import load_schema

schema = load_schema("face")
try:
    with LabelStore(sys.argv[1], schema, annotator="ana") as store:
        for index in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])):
            head = schema.heads[index % 5]
            store.record(f"{index // 5:032x}", head.name, head.classes[0].name, name=f"{index // 5:04d}.jpg")
            print(f"{index // 5:04d}.jpg {head.name} {head.classes[0].name}", flush=True)
except StoreError as error:
    print(error, file=sys.stderr)
"""


def measure_kills(folder: Path, answers: int = ANSWERS, kills: int = KILLS) -> dict[str, Any]:
    """Kill a labelling process again and again; what it called saved must be there, once."""
    database, chance = folder / "labels.db", random.Random(20)
    said_in_all = lost = doubled = last_id = 0
    for round_ in range(kills):
        said = label_until_killed(database, round_, _lines(chance, answers - said_in_all, kills - round_))
        events = _events(database, last_id)
        there, called = Counter(map(in_words, _answers(events))), Counter(said)
        lost += (called - there).total()
        doubled += max(
            0, (there - called).total() - 1
        )  # one more may be on the disk that it had no time to say
        said_in_all += len(said)
        last_id = events[-1].id if events else last_id
    return {
        "answers": said_in_all,
        "kills": kills,
        "lost_after_kills": lost,
        "doubled_after_kills": doubled,
    }


def _lines(chance: random.Random, left: int, kills: int) -> int:
    """How many answers until the next kill: any number around what is left for each."""
    each = max(1, left // kills)
    return each if kills == 1 else chance.randint(max(1, each // 2), each + each // 2)


def _events(database: Path, after: int = 0) -> list[Event]:
    """The events after one."""
    with LabelStore(database, load_schema("face"), annotator="ben") as store:
        return store.events_since(after)


def _answers(events: list[Event]) -> list[Event]:
    """Those that a person gave."""
    return [event for event in events if event.source is Source.HUMAN]


@contextmanager
def small_disk(place: Path) -> Iterator[bool]:
    """A disk of 6 MB in a folder; whether it could be mounted."""
    place.mkdir(parents=True)
    options = ["-t", "tmpfs", "-o", f"size={_DISK_KIB}k", "workbench-test", str(place)]
    try:
        mounted = not subprocess.run(["mount", *options], capture_output=True, check=False).returncode
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=False)


def measure_full_disk(folder: Path) -> dict[str, Any]:
    """Label until the disk is full; then make room and go on."""
    nothing = {"lost_on_full_disk": None, "doubled_on_full_disk": None}
    with small_disk(folder / "disk") as mounted:
        if not mounted:
            return nothing
        database, ballast = folder / "disk" / "labels.db", folder / "disk" / "ballast"
        LabelStore(database, load_schema("face")).close()
        ballast.write_bytes(bytes(_DISK_KIB * 512))
        said, error = _fill(database, 0, 1_000_000)
        ballast.unlink()
        more, _ = _fill(database, len(said) + 5, 100)
        there = Counter(map(in_words, _answers(_events(database))))
    called = Counter(said + more)
    return {
        "answers_until_full": len(said),
        "answers_after_room_was_made": len(more),
        "said_when_full": error,
        "lost_on_full_disk": (called - there).total(),
        "doubled_on_full_disk": (there - called).total(),
    }


def _fill(database: Path, first: int, count: int) -> tuple[list[str], str]:
    """Answer in a process of its own; what it called saved, and why it ended."""
    done = subprocess.run(
        [sys.executable, "-c", _FILLER, str(database), str(first), str(count)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )
    return done.stdout.splitlines(), done.stderr.strip()


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-kills-") as folder:
        found = measure_kills(Path(folder), options.answers, options.kills)
        print(json.dumps({**found, **measure_full_disk(Path(folder))}, indent=1))


if __name__ == "__main__":
    main()
