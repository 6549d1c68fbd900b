"""50,000 pictures: indexing broken off and resumed, and how soon and how small the workbench opens on them.

Alone: `python -m tests.benchmarks.many [--count N] [--json]`. Keys: `first_face_s`, `rss_mb` (the drawing
process when the first face is there), `peak_rss_mb` (at its most, after the look through the folder).
"""

import argparse
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from tests.terminal.pty_app import PtyApp

COUNT = 50_000
_A_FOLDER = 500
_SIZE = 96
_INTERRUPTED = 130
_BLOCKS = frozenset("▌▐▚▞▙▟▛▜▀▄█▖▗▘▝")
_PROGRESS = re.compile(r"pictures (\d+)/(\d+)")


def measure_many(folder: Path, count: int = COUNT) -> dict[str, Any]:
    """Make the pictures, index them with a break, and open the workbench on them.

    Args:
        folder: Where; gets the folders `pictures` and `bench`.
        count: How many pictures.
    """
    started = time.perf_counter()
    write_many(folder / "pictures", count)
    made = time.perf_counter() - started
    bench = folder / "bench"
    interrupted = interrupt_init(bench, folder / "pictures", count)
    early = open_screen(bench, wait_for_scan=False)
    return {
        "pictures": count,
        "writing_s": round(made, 1),
        "interrupted": interrupted,
        "first_face_after_interruption_s": early["first_face_s"],
        "resumed": resume(bench),
        **open_screen(bench, wait_for_scan=True),
    }


def write_many(folder: Path, count: int) -> None:
    """Write `count` different small JPEGs in folders of 500, two deep."""
    starts = range(0, count, _A_FOLDER)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(
            _write_folder, [folder] * len(starts), starts, [min(_A_FOLDER, count - at) for at in starts]
        ):
            pass


def _write_folder(folder: Path, start: int, count: int) -> None:
    """The pictures of one folder: soft patches of colour, another draw for each."""
    place = folder / f"{start // 10_000:02d}" / f"{start:05d}"
    place.mkdir(parents=True)
    patches = np.random.default_rng(start).integers(0, 256, (count, 6, 6, 3), dtype=np.uint8)
    for index, patch in enumerate(patches):
        stream = io.BytesIO()
        Image.fromarray(patch).resize((_SIZE, _SIZE), Image.Resampling.BILINEAR).save(
            stream, "JPEG", quality=80
        )
        (place / f"{start + index:05d}.jpg").write_bytes(stream.getvalue())


def _workbench(*arguments: object) -> subprocess.Popen[str]:
    """One command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def interrupt_init(bench: Path, pictures: Path, count: int) -> dict[str, Any]:
    """Begin `init` and press ctrl+c when a third is read."""
    with _workbench("init", bench, "--images", pictures) as process:
        while process.poll() is None and known(bench) < count / 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    return {
        "exit_code": process.returncode,
        "is_130": process.returncode == _INTERRUPTED,
        "progress_lines": len(_PROGRESS.findall(err)),
        "kept": known(bench),
        "said": err.strip().rpartition("\n")[2],
    }


def resume(bench: Path) -> dict[str, Any]:
    """Have a command read the rest; what was kept is not read again, as progress begins above it."""
    kept, started = known(bench), time.perf_counter()
    with _workbench("stats", bench, "--json") as process:
        out, err = process.communicate()
    seconds = time.perf_counter() - started
    first = next((int(found[1]) for found in map(_PROGRESS.match, err.splitlines()) if found), None)
    started = time.perf_counter()
    with _workbench("stats", bench, "--json") as process:
        process.communicate()
    return {
        "kept": kept,
        "first_progress": first,
        "pictures": json.loads(out)["pictures"],
        "seconds": round(seconds, 2),
        "pictures_per_second": round((known(bench) - kept) / seconds),
        "again_with_nothing_new_s": round(time.perf_counter() - started, 2),
    }


def known(bench: Path) -> int:
    """How many pictures are in the bench's list; looked at from outside, without touching it."""
    try:
        with closing(sqlite3.connect(f"file:{bench}/cache/catalog.db?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(fingerprint) FROM files").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def open_screen(bench: Path, *, wait_for_scan: bool) -> dict[str, Any]:
    """From the start of the program to the first face's name and picture, and the memory that it takes."""
    started = time.perf_counter()
    with PtyApp([str(bench), "--annotator", "ana"]) as app:
        app.wait_for(lambda text: ".jpg" in text and len(_BLOCKS & set(text)) > 1, 60)
        seconds = time.perf_counter() - started
        found: dict[str, Any] = {
            "first_face_s": round(seconds, 2),
            "rss_mb": memory(app.process.pid)["rss_mb"],
        }
        if wait_for_scan:
            app.wait_for(lambda text: "looking for pictures" not in text, 300)
            found["after_rescan"] = memory(app.process.pid)
            found["peak_rss_mb"] = found["after_rescan"]["peak_rss_mb"]
            found["rescan_s"] = round(time.perf_counter() - started - seconds, 2)
        app.leave()
    return found


def memory(pid: int) -> dict[str, float]:
    """Resident memory of a process in MB (of 10^6 bytes), now and at its most."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return {
        "rss_mb": round(psutil.Process(pid).memory_info().rss / 1e6, 1),
        "peak_rss_mb": round(peak / 1e6, 1),
    }


def main() -> None:
    """Measure in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--json", action="store_true", help="the same; for symmetry")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workbench-many-") as folder:
        print(json.dumps(measure_many(Path(folder), options.count), indent=1))


if __name__ == "__main__":
    main()
