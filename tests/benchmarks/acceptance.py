"""What the main job must show, measured: `python -m tests.benchmarks.acceptance [ROW …] [--json]`.

Rows: `drawn` (600 drawn faces to a test accuracy), `cartoon` (the cartoon faces in ../shared), `memory` (the
worker's peak on a 10 times larger set), `many` (50,000 pictures: indexing broken off and resumed, first
face), `sample` (faces drawn a second). Each runs the program as a person would, in processes of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.many import measure_many

SHARED = Path(__file__).resolve().parents[3] / "shared"


class Walk:
    """One folder in which the program is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: object) -> Any:
        """Run one command and return its JSON document."""
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *map(str, arguments), "--json"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            check=True,
        )
        return json.loads(done.stdout)

    def train(self, bench: str, *options: object) -> dict[str, Any]:
        """Train to the end; seconds and the worker's peak memory in GB."""
        started = time.perf_counter()
        run = self.run("train", bench, "--detach", *options)
        peak = 0
        while True:
            state = self.run("monitor", bench, run["run"])
            if state["state"] in ("finished", "stopped", "failed", "died"):
                break
            for _ in range(10):
                peak = max(peak, worker_peak_kib(run["folder"]))
                time.sleep(0.25)
        seconds = time.perf_counter() - started
        if state["state"] != "finished":
            raise SystemExit(f"the run {state['state']}: {state['failure']}")
        return {"run": run["run"], "seconds": round(seconds, 1), "peak_gb": round(peak / 2**20, 3)}

    def evaluate(self, bench: str) -> dict[str, Any]:
        """Per head: test accuracy, and how far macro-F1 is above the majority guess's."""
        heads = self.run("evaluate", bench)["splits"]["test"]["heads"]
        return {
            name: {
                "n": head["n"],
                "accuracy": round(head["accuracy"], 4),
                "macro_f1": round(head["macro_f1"], 4),
                "macro_f1_gain": round(head["macro_f1"] - head["majority_macro_f1"], 4),
            }
            for name, head in heads.items()
        }


def worker_peak_kib(run_folder: str) -> int:
    """VmHWM of the process that trains this run; 0 if there is none."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if "workbench.training.worker" in command and run_folder in command:
                status = (process / "status").read_text()
                return int(status.partition("VmHWM:")[2].split()[0])
        except (OSError, IndexError, ValueError):
            continue
    return 0


def drawn(walk: Walk) -> dict[str, Any]:
    """600 drawn faces, `fast`."""
    walk.run("sample", "faces", "--count", 600, "--seed", 7)
    walk.run("init", "bench", "--images", "faces")
    walk.run("import", "bench", "faces/labels.csv", "--apply")
    return {**walk.train("bench", "--config", "fast"), "heads": walk.evaluate("bench")}


def cartoon(walk: Walk) -> dict[str, Any]:
    """The 1,225 cartoon faces, under their own schema."""
    faces = SHARED / "data" / "cartoon_faces"
    if not faces.is_dir():
        return {"skipped": f"{faces} is not there"}
    walk.run("init", "cartoons", "--images", faces / "images", "--config", "cartoon_faces")
    walk.run("import", "cartoons", faces / "labels.csv", "--apply")
    return {**walk.train("cartoons", "--config", "fast"), "heads": walk.evaluate("cartoons")}


def memory(walk: Walk) -> dict[str, Any]:
    """The worker's peak on 400 and on 4,000 faces, one epoch each over the same number of steps."""
    peaks = {}
    for count in (400, 4000):
        walk.run("sample", f"faces{count}", "--count", count, "--seed", 1)
        walk.run("init", f"bench{count}", "--images", f"faces{count}")
        walk.run("import", f"bench{count}", f"faces{count}/labels.csv", "--apply")
        options = ["--config", "fast", "--set", "training.epochs=2"]
        peaks[str(count)] = walk.train(f"bench{count}", *options)["peak_gb"]
    return {"peak_gb": peaks, "ratio": round(peaks["4000"] / peaks["400"], 3)}


def sample(walk: Walk) -> dict[str, Any]:
    """Faces drawn and written a second."""
    result = walk.run("sample", "many", "--count", 1500, "--seed", 1)
    return {"faces_per_second": round(result["faces"] / result["seconds"], 1)}


def many(walk: Walk) -> dict[str, Any]:
    """50,000 pictures."""
    return measure_many(walk.folder)


ROWS: dict[str, Callable[[Walk], dict[str, Any]]] = {
    "drawn": drawn,
    "cartoon": cartoon,
    "memory": memory,
    "many": many,
    "sample": sample,
}


def main() -> None:
    """Measure the rows asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    results = {}
    for name in options.rows or ROWS:
        with tempfile.TemporaryDirectory(prefix="workbench-acceptance-") as folder:
            results[name] = ROWS[name](Walk(Path(folder)))
        if not options.json:
            print(name, json.dumps(results[name], indent=1))
    if options.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
