"""How long a key takes while somebody labels, in a real terminal of 120×40, on a bench of 50,000 pictures.

`python -m tests.benchmarks.labelling [ROW …] [--pictures N] [--json]`. Rows:
`keys`: `answer_p95_ms` (an answer, its commit and the quiet screen), `next_picture_p95_ms` (the last answer
of a picture: the next face is drawn), bytes raw and deflated. `training`: the same while a run has all cores
busy. `memory`: of the process after 2,500 and 5,000 pictures. `kills`: see `tests.benchmarks.kills`.
`presses`: keys a picture, see `tests.benchmarks.keys`.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.benchmarks.busy import training
from tests.benchmarks.kills import measure_full_disk, measure_kills
from tests.benchmarks.many import COUNT, write_many
from tests.terminal.pty_app import PtyApp, Reaction
from workbench.annotation.labels import NewEvent, Source
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.images.catalog import Catalog
from workbench.images.sample import write_sample

FACES = 300
"""Drawn faces that are labelled; the other pictures are soft patches of colour."""
MEASURED = 60
SHOWN = 5000
_BLOCKS = frozenset("▌▐▚▞▙▟▛▜▀▄█▖▗▘▝")
_RIGHT = "\x1b[C"
_WHO = "ana"


def make_bench(folder: Path, pictures: int) -> Bench:
    """A bench whose first pictures are drawn faces, with the second half labelled by somebody else."""
    write_sample(folder / "pictures" / "a", count=min(FACES, pictures), seed=5)
    write_many(folder / "pictures" / "b", max(0, pictures - FACES))
    bench = Bench.create(folder / "bench", images=folder / "pictures")
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan()
        rest = catalog.pictures()[max(FACES, pictures // 2) :]
    with LabelStore(bench.labels_db, bench.schema, annotator="bea") as store:
        store.record_many(
            NewEvent(one.fingerprint, head.name, head.classes[0].name, one.name, Source.HUMAN)
            for one in rest
            for head in bench.schema.heads
        )
    return bench


def opened(bench: Bench) -> PtyApp:
    """The Label screen with a face on it, after the look through the folder."""
    app = PtyApp([str(bench.root), "--annotator", _WHO])
    app.wait_for(lambda text: ".jpg" in text and len(_BLOCKS & set(text)) > 1, 60)
    app.wait_for(lambda text: "looking for pictures" not in text, 300)
    app.settle(0.5)
    return app


def keys(bench: Bench, _folder: Path) -> dict[str, Any]:
    """Answer the heads of some faces, one key after the other, each once the screen is quiet."""
    heads = len(bench.schema.heads)
    before = answered(bench)
    with opened(bench) as app:
        spent = -processor_seconds(app)
        reactions = [app.react("1") for _ in range(MEASURED * heads)]
        spent += processor_seconds(app)
        app.leave()
    answers = [one for at, one in enumerate(reactions) if at % heads < heads - 1]
    moves = reactions[heads - 1 :: heads]
    return {
        "answer_p95_ms": percentile(answers, "quiet_ms", 95),
        "next_picture_p95_ms": percentile(moves, "quiet_ms", 95),
        "answer_median_ms": percentile(answers, "quiet_ms", 50),
        "next_picture_median_ms": percentile(moves, "quiet_ms", 50),
        "answer_first_byte_p95_ms": percentile(answers, "first_ms", 95),
        "next_picture_first_byte_p95_ms": percentile(moves, "first_ms", 95),
        "slowest_ms": percentile(reactions, "quiet_ms", 100),
        "answer_bytes": percentile(answers, "bytes", 95),
        "picture_bytes": percentile(moves, "bytes", 95),
        "picture_bytes_deflated": percentile(moves, "deflated", 95),
        "processor_ms_a_key": round(1000 * spent / len(reactions), 1),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
        "keys": len(reactions),
        "keys_without_effect": sum(one.first_ms is None for one in reactions),
        "answers_not_saved": len(reactions) - (answered(bench) - before),
    }


def processor_seconds(app: PtyApp) -> float:
    """What the program has used of a core so far; unlike times, it hardly depends on what else runs."""
    used = psutil.Process(app.process.pid).cpu_times()
    return float(used.user + used.system)


def answered(bench: Bench) -> int:
    """Answers of ours on the disk."""
    with LabelStore(bench.labels_db, bench.schema, read_only=True) as store:
        return sum(one.annotator == _WHO and one.source is Source.HUMAN for one in store.events_since())


def percentile(reactions: Sequence[Reaction], what: str, rank: int) -> float:
    """A percentile of one figure, those without an effect left out."""
    found = [value for one in reactions if (value := getattr(one, what)) is not None]
    return round(float(np.percentile(found, rank)), 1)


def while_training(bench: Bench, folder: Path) -> dict[str, Any]:
    """The keys again, while a run trains."""
    with training(folder) as load:
        return {**load, **keys(bench, folder)}


def memory(bench: Bench, _folder: Path) -> dict[str, Any]:
    """Go on by one picture, again and again, and look at the memory half-way and at the end."""
    count = min(SHOWN, len_of(bench) - 1)
    with opened(bench) as app:
        process = psutil.Process(app.process.pid)
        first = megabytes(process)
        halves = []
        for _ in range(2):
            for _ in range(count // 2):
                app.press(_RIGHT)
                app.drain(0.012)
            halves.append(megabytes(process))
        app.leave()
    return {
        "pictures_shown": count,
        "first_mb": first,
        "half_mb": halves[0],
        "all_mb": halves[1],
        "growth_in_second_half_mb": round(halves[1] - halves[0], 1),
    }


def len_of(bench: Bench) -> int:
    """Pictures of a bench."""
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        return catalog.count()


def megabytes(process: psutil.Process) -> float:
    """Resident memory of a process and all that it started, in MB (of 10^6 bytes)."""
    family = [process, *process.children(recursive=True)]
    return round(sum(one.memory_info().rss for one in family) / 1e6, 1)


def kills(_bench: Bench, folder: Path) -> dict[str, Any]:
    """Labelling that is killed, and labelling on a full disk."""
    (folder / "kills").mkdir()
    return {**measure_kills(folder / "kills"), **measure_full_disk(folder / "kills")}


def presses(_bench: Bench, _folder: Path) -> dict[str, Any]:
    """Keys a picture, by hand, with suggestions and in sheets."""
    name = "tests.benchmarks.keys"
    if importlib.util.find_spec(name) is None:
        return {"skipped": f"{name} is not there"}
    done = subprocess.run([sys.executable, "-m", name, "--json"], stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


ROWS: dict[str, Callable[[Bench, Path], dict[str, Any]]] = {
    "keys": keys,
    "training": while_training,
    "memory": memory,
    "kills": kills,
    "presses": presses,
}


def measure(folder: Path, rows: Sequence[str], pictures: int) -> dict[str, Any]:
    """The rows that are asked for; the figures of `keys` stand at the top."""
    needs_bench = any(row in ("keys", "training", "memory") for row in rows)
    bench = make_bench(folder, pictures if needs_bench else 4)
    found = {row: ROWS[row](bench, folder) for row in rows}
    about = {"pictures": pictures} if needs_bench else {}
    return {**about, **found.pop("keys", {}), **found}


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--pictures", type=int, default=COUNT)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-labelling-") as folder:
        print(json.dumps(measure(Path(folder), options.rows or [*ROWS], options.pictures), indent=1))


if __name__ == "__main__":
    main()
