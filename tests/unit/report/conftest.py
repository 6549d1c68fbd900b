"""Runs whose names, classes and words are hostile, and what a page made of them must not hold."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from tests.unit.evaluation.conftest import head
from tests.unit.training.conftest import batch, epoch, phase, write
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.table import Table
from workbench.evaluation.report import ClassMetrics, Evaluation, SplitResult, write_evaluation
from workbench.training.run import RunFolder

HOSTILE = '<script>alert(1)</script>"><img src=http://127.0.0.1/x onerror=alert(2)>\u202eevil\u2066\x1b[2J'
"""Markup, a quote that ends an attribute, marks that turn the direction of writing, a terminal's escape."""
SCHEMA = """
name = "hostile"
[[heads]]
name = "glasses"
title = "{}"
classes = ["none", "{}"]
"""


class Page(HTMLParser):
    """A page taken apart as a browser does: its elements, its text, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words += data + " "

    @property
    def addresses(self) -> list[str]:
        """What a browser could follow or fetch."""
        return [
            value for _, name, value in self.attributes if name in ("src", "href", "action", "xlink:href")
        ]


def make_hostile(folder: Path, words: str = HOSTILE) -> RunFolder:
    """A failed run whose schema, preset, command, picture, notes, remarks and evaluation hold some words."""
    spelt = ["".join(f"\\U{ord(one):08x}" for one in part) for part in (words, words[:70])]
    (folder / "schema.toml").write_text(SCHEMA.format(*spelt))
    (folder / "faces").mkdir()
    bench = Bench.create(folder / "bench", images=folder / "faces", schema=folder / "schema.toml")
    names = (f"{words.replace('/', '-')}.jpg", "b.jpg", "c.jpg")
    table = Table(("a" * 32, "b" * 32, "c" * 32), names, names, {"glasses": np.array([0, 1, 1], np.int16)})
    divided = table.with_splits(np.array(["train", "validation", "test"]))
    run = RunFolder.create(bench, load_settings("fast"), divided, words, slug="hostile", command=[words])
    run.log.touch()
    write(run, phase("training"), *(batch(1, number, wall=1.8e9) for number in range(1, 5)), epoch(1))
    write(
        run, {"type": "note", "text": words}, {"type": "rate", "epoch": 1, "batch": 2, "from": 0.1, "to": 1}
    )
    write(run, {"type": "failed", "cause": words, "wall": 1.8e9 + 60})
    figures = head(
        classes=(ClassMetrics("none", 7, 7, 0.9, 0.9, 0.9), ClassMetrics(words, 3, 3, 0.6, 0.6, 0.6))
    )
    found = replace(figures, weakest=words, confusion=((6, 1), (1, 2)))
    splits = {"test": SplitResult(10, 0.5, {"glasses": found})}
    write_evaluation(run, Evaluation(run.name, splits, "", {words: words}, (words,)))
    (run.root / "remarks.json").write_text(json.dumps({"note": words, "tags": ["<b>", "fine"]}))
    return run
