"""The training engine, measured: `python -m tests.benchmarks.training [ROW …] [--json]`.

Rows and their keys:
  speed    `ratio_ours_to_plain`: images a second of the reference's network, our step to Keras' `fit` with
           its defaults on the same arrays; `ratio_ours_to_resident`: a real run with reading, augmentation
           and events to our step on one batch in memory; processes of their own, by turns, medians
  size     seconds an epoch and the worker's memory with 600, 6,000 and 60,000 pictures
  start    seconds from starting a run to its first batch event, and of its phases
  cartoon  test accuracy of the preset `accurate` on ../shared/data/cartoon_faces, three seeds
  skewed   500 drawn faces with the reference's imbalance: its settings beside preset `skewed`, three seeds,
           asked 1,000 new faces; `report`: the report's table beside that of the preset `reference`
Kills are in `tests.benchmarks.broken`, stop and pause in `tests.benchmarks.steering`.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from tests.benchmarks.acceptance import SHARED, Walk
from tests.benchmarks.many import write_many
from workbench.config import load_settings
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess
from workbench.resources import resource
from workbench.schema import load_schema
from workbench.training.launcher import worker_environment

SEEDS = (0, 1, 2)
REPORTED = {  # training and validation accuracy in per cent, from ../shared/design/reference-system.md
    "freckles": (98, 96),
    "wrinkles": (87, 86),
    "glasses": (92, 95),
    "hair_colour": (51, 48),
    "hair_top": (69, 66),
}
_TURNS = 3
_SETTLED = 4
"""Batches of a run that are not counted: the first ones compile."""


def speed(walk: Walk) -> dict[str, Any]:
    """Our step beside plain Keras, and a run beside our step."""
    arrays = walk.folder / "arrays.npz"
    _write_arrays(arrays)
    make_bench(walk, "bench", 200)
    rates: dict[str, list[float]] = {"plain": [], "resident": [], "live": []}
    for _ in range(_TURNS):
        rates["plain"] += _steps("plain", arrays, dict(os.environ))
        rates["resident"] += _steps("resident", arrays, worker_environment())
        rates["live"] += _live(walk)
    middle = {way: statistics.median(found) for way, found in rates.items()}
    return {
        "ratio_ours_to_plain": round(middle["resident"] / middle["plain"], 3),
        "ratio_ours_to_resident": round(middle["live"] / middle["resident"], 3),
        "images_per_second": {way: round(value, 1) for way, value in middle.items()},
        "spread": {way: [round(min(found), 1), round(max(found), 1)] for way, found in rates.items()},
    }


def _write_arrays(path: Path) -> None:
    """160 sample faces and class indices."""
    size, rng = load_settings("reference").dataset.size, np.random.default_rng(0)
    pictures = sorted((resource("data") / "sample").glob("*.jpg"))[:160]
    images = np.stack([preprocess(decode(picture), size) for picture in pictures])
    heads = load_schema("face").heads
    codes: dict[str, Any] = {
        head.name: rng.integers(0, len(head.classes), len(images), dtype=np.int16) for head in heads
    }
    np.savez(path, images=images, **codes)


def _steps(way: str, arrays: Path, environment: dict[str, str]) -> list[float]:
    """One way of training, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.steps", way, str(arrays)]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    return list(json.loads(done.stdout))


def _live(walk: Walk) -> list[float]:
    """A real run of the preset `reference`: its pace from one batch event to the last of its epoch."""
    # waited for by one process: to start a monitor every other second would take a tenth of the machine
    run = walk.run("train", "bench", "--config", "reference", "--set", "training.epochs=1")["run"]
    found = [event for event in events_of(walk, "bench", run) if event["type"] == "batch"]
    first = next(event for event in found if event["batch"] >= _SETTLED)
    batches = found[-1]["batch"] - first["batch"]
    return [32 * batches / (found[-1]["mono"] - first["mono"])]


def events_of(walk: Walk, bench: str, run: str) -> list[dict[str, Any]]:
    """Everything that a run wrote down."""
    lines = (walk.folder / bench / "runs" / run / "events.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def make_bench(walk: Walk, name: str, count: int, *options: object) -> None:
    """A bench of drawn faces with their labels."""
    walk.run("sample", f"{name}-faces", "--count", count, *options)
    walk.run("init", name, "--images", f"{name}-faces")
    walk.run("import", name, f"{name}-faces/labels.csv", "--apply")


def size(walk: Walk) -> dict[str, Any]:
    """An epoch's seconds and the worker's memory as the set grows a hundredfold."""
    found = {}
    for count in (600, 6_000, 60_000):
        bench, pictures = f"bench{count}", walk.folder / f"pictures{count}"
        write_many(pictures, count)
        walk.run("init", bench, "--images", pictures)
        walk.run("import", bench, _labels(pictures), "--apply")
        # so many epochs that each set's training is long enough to be timed
        settings = (
            f"training.epochs={max(2, 6_000 // count)}",
            "dataset.size=64",
            "training.warmup_epochs=0",
        )
        options = [word for one in settings for word in ("--set", one)]
        trained = walk.train(bench, "--config", "fast", *options)
        epochs = [
            event["seconds"] for event in events_of(walk, bench, trained["run"]) if event["type"] == "epoch"
        ]
        seconds = statistics.median(epochs[1:])
        found[str(count)] = {
            "epoch_s": round(seconds, 2),
            "ms_per_picture": round(1000 * seconds / count, 3),
            "peak_gb": trained["peak_gb"],
        }
    each = [one["ms_per_picture"] for one in found.values()]
    peaks = [one["peak_gb"] for one in found.values()]
    return {
        "sizes": found,
        "time_60000_to_6000": round(each[2] / each[1], 3),
        "memory_60000_to_600": round(peaks[2] / peaks[0], 3),
    }


def _labels(pictures: Path) -> Path:
    """A labels.csv for every picture, class by class in turn."""
    heads = load_schema("face").heads
    lines = [",".join(["file_name", *(head.name for head in heads)])]
    for number, path in enumerate(sorted(pictures.rglob("*.jpg"))):
        codes = (str(head.classes[number % len(head.classes)].code) for head in heads)
        lines.append(",".join([path.relative_to(pictures).as_posix(), *codes]))
    target = pictures.parent / f"{pictures.name}.csv"
    target.write_text("\n".join(lines) + "\n")
    return target


def start(walk: Walk) -> dict[str, Any]:
    """From the command to the first batch event, and how long each phase took."""
    make_bench(walk, "bench", 200)
    begun = time.time()
    run = walk.train("bench", "--config", "fast", "--set", "training.epochs=1")["run"]
    events = events_of(walk, "bench", run)
    first = next(event for event in events if event["type"] == "batch")
    phases = [event for event in events if event["type"] == "phase" and event["wall"] <= first["wall"]]
    ends = [*(event["wall"] for event in phases[1:]), first["wall"]]
    return {
        "command_to_first_batch_s": round(first["wall"] - begun, 2),
        "worker_to_first_batch_s": round(first["wall"] - events[0]["wall"], 2),
        "phases_s": {
            phase["name"]: round(end - phase["wall"], 2) for phase, end in zip(phases, ends, strict=True)
        },
    }


def cartoon(walk: Walk) -> dict[str, Any]:
    """The preset `accurate` on the cartoon faces."""
    faces = SHARED / "data" / "cartoon_faces"
    if not faces.is_dir():
        return {"skipped": f"{faces} is not there"}
    walk.run("init", "cartoons", "--images", faces / "images", "--config", "cartoon_faces")
    walk.run("import", "cartoons", faces / "labels.csv", "--apply")
    return trained_and_tested(walk, "cartoons", "accurate")


def skewed(walk: Walk) -> dict[str, Any]:
    """Few pictures and the reference's imbalance: its settings beside ours, on 1,000 new faces."""
    make_bench(walk, "bench", 500, "--seed", 1, "--balance", "reference")
    walk.run("sample", "fresh", "--count", 1000, "--seed", 2, "--balance", "reference")
    found: dict[str, Any] = {}
    for preset in ("reference", "skewed"):
        seeds = []
        for seed in SEEDS:
            trained = walk.train("bench", "--config", preset, "--set", f"training.seed={seed}")
            walk.run("predict", "bench", trained["run"], "fresh", "-o", "answers.csv")
            splits = walk.run("evaluate", "bench", trained["run"])["splits"]
            report = {"report": _beside_report(splits)} if preset == "reference" else {}
            seeds.append({**trained, "fresh": _hair_colour(walk.folder), **report})
        found[preset] = {
            "accuracy": round(statistics.mean(one["fresh"]["accuracy"] for one in seeds), 4),
            "macro_f1": round(statistics.mean(one["fresh"]["macro_f1"] for one in seeds), 4),
            "seeds": seeds,
        }
    return {
        f"hair_colour_{what}_gain": round(found["skewed"][what] - found["reference"][what], 4)
        for what in ("macro_f1", "accuracy")
    } | found


def _beside_report(splits: dict[str, Any]) -> dict[str, Any]:
    """The report's five rows and ours: per cent right in training and validation."""
    return {
        head: {
            "report": [training, validation],
            "ours": [round(100 * splits[one]["heads"][head]["accuracy"]) for one in ("train", "validation")],
            "majority": round(100 * splits["validation"]["heads"][head]["majority"]),
            "macro_f1": round(splits["validation"]["heads"][head]["macro_f1"], 2),
        }
        for head, (training, validation) in REPORTED.items()
    }


def _hair_colour(folder: Path) -> dict[str, float]:
    """How right the answers are about the fresh faces' hair."""
    with (folder / "answers.csv").open() as answers, (folder / "fresh" / "labels.csv").open() as labels:
        found = {Path(row["file_name"]).name: row["hair_colour"] for row in csv.DictReader(answers)}
        truth = {row["file_name"]: row["hair_colour"] for row in csv.DictReader(labels)}
    names = {str(one.code): one.name for one in load_schema("face").head("hair_colour").classes}
    pairs = [(names.get(code, code), found[name]) for name, code in truth.items() if name in found and code]
    true, guess = zip(*pairs, strict=True)
    return {
        "pictures": len(pairs),
        "accuracy": round(float(accuracy_score(true, guess)), 4),
        "macro_f1": round(float(f1_score(true, guess, average="macro")), 4),
    }


def trained_and_tested(walk: Walk, bench: str, preset: str) -> dict[str, Any]:
    """Each head's test figures with three seeds of weights and order, and their means."""
    seeds = []
    for seed in SEEDS:
        trained = walk.train(bench, "--config", preset, "--set", f"training.seed={seed}")
        seeds.append({"seed": seed, **trained, "heads": walk.evaluate(bench)})
    mean = {
        head: {
            what: round(statistics.mean(one["heads"][head][what] for one in seeds), 4)
            for what in ("accuracy", "macro_f1")
        }
        for head in seeds[0]["heads"]
    }
    return {"mean": mean, "longest_s": max(one["seconds"] for one in seeds), "seeds": seeds}


ROWS: dict[str, Callable[[Walk], dict[str, Any]]] = {
    "speed": speed,
    "size": size,
    "start": start,
    "cartoon": cartoon,
    "skewed": skewed,
}


def main() -> None:
    """Measure the rows asked for, or all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    for name in options.rows or ROWS:
        with tempfile.TemporaryDirectory(prefix="workbench-training-") as folder:
            results[name] = ROWS[name](Walk(Path(folder)))
        if not options.json:
            print(name, json.dumps(results[name], indent=1), flush=True)
    if options.json:  # ratios first
        ratios = {key: value for key, value in results.get("speed", {}).items() if key.startswith("ratio")}
        print(json.dumps({**ratios, **results}, indent=1))


if __name__ == "__main__":
    main()
