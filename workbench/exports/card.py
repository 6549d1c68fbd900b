"""`model_card.md`: what the network is, what it learnt from, how good it is, where it fails, how to load it.

After "Model Cards for Model Reporting" (Mitchell et al., FAT* 2019); every sentence is made of the run's
data, settings and figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workbench import __version__
from workbench.config import NOT_OF_A_RUN, leaves
from workbench.dataset.table import SPLITS, Table
from workbench.evaluation.report import Evaluation, HeadMetrics
from workbench.evaluation.words import DASH, figure
from workbench.exports.limits import class_counts, limits
from workbench.exports.loading import loading
from workbench.exports.markdown import bullets, plain, table
from workbench.exports.result import ExportResult
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.run import RunFolder
from workbench.training.tail import number, read_tail

FILE = "model_card.md"
_ALWAYS = (
    "model.architecture",
    "dataset.size",
    "dataset.blur_sigma",
    "training.epochs",
    "training.batch_size",
    "training.optimizer",
    "training.learning_rate",
    "training.schedule",
    "training.seed",
)
"""Settings that are named even where they are the defaults."""


@dataclass(frozen=True)
class About:
    """What the card tells of.

    Attributes:
        run: The run.
        table: Its pictures, divided.
        evaluation: Its figures.
        labels: What `labels.json` says.
        parameters: Numbers in the weights.
    """

    run: RunFolder
    table: Table
    evaluation: Evaluation
    labels: Mapping[str, Any]
    parameters: int


def text(about: About, result: ExportResult) -> str:
    """The card, in Markdown."""
    schema = about.run.schema()
    parts = [
        f"# {plain(schema.title or schema.name)}: model card\n",
        _summary(about, schema),
        "## Limits\n",
        bullets(limits(schema, about.table, about.evaluation)),
        "## Figures\n",
        _figures(about.evaluation),
        "## Data\n",
        _data(about, schema),
        "## Settings\n",
        _settings(about.run),
        "## Files\n",
        _files(result),
        "## Loading\n",
        loading(about.labels, [one.format.name for one in result.checks if not one.reason]),
    ]
    return "\n".join(parts)


def _summary(about: About, schema: Schema) -> str:
    """What it is, in a few lines."""
    described, tail = about.run.read(), read_tail(about.run.events)
    made = datetime.fromtimestamp(max(0.0, number(described.get("created"))), UTC)
    heads = ", ".join(f"{plain(head.title)} ({len(head.classes)} classes)" for head in schema.heads)
    lines = [
        f"Says of a picture of a face: {heads}.",
        f"Run {plain(about.run.name)} of {made:%Y-%m-%d}, preset {plain(described.get('preset') or 'none')}, "
        f"{about.parameters:,} parameters; network {about.labels['network']}, workbench {__version__}.",
    ]
    if tail.best is not None:
        lines.append(
            f"The weights are those of epoch {tail.best_epoch} of {tail.epoch}, the best by "
            f"{plain(tail.metric)} ({tail.best:.4g})."
        )
    return bullets(lines)


def _figures(evaluation: Evaluation) -> str:
    """One row a head, on the split that says most."""
    focus = evaluation.focus
    header = ["head", "n", *SPLITS, "95 % interval", "always the same answer", "macro-F1", "weakest class"]
    result = evaluation.splits[focus]
    rows = []
    for name, one in result.heads.items():
        splits = [
            figure(evaluation.splits[split].heads[name].accuracy) if split in evaluation.splits else "–"
            for split in SPLITS
        ]
        rows.append(
            [name, one.n, *splits, _interval(one), _majority(one), figure(one.macro_f1), _weakest(one)]
        )
    said = (
        f"Accuracy by split; the interval (Wilson), the baseline, macro-F1 and the weakest class are of the "
        f"{focus} split, {result.pictures} pictures.\n"
    )
    return f"{said}\n{table(header, rows)}"


def _interval(one: HeadMetrics) -> str:
    """From – to."""
    return DASH if one.interval is None else f"{one.interval[0]:.3f} – {one.interval[1]:.3f}"


def _majority(one: HeadMetrics) -> str:
    """What always answering the most frequent class would reach."""
    return DASH if one.majority is None else f"{one.majority:.3f} ({one.majority_class})"


def _weakest(one: HeadMetrics) -> str:
    """The class that is found least often."""
    return DASH if one.weakest is None else f"{one.weakest} (recall {figure(one.weakest_recall)})"


def _data(about: About, schema: Schema) -> str:
    """How many pictures, and of which classes."""
    counted = about.table
    rows = [
        [head.name, one.name, *counts]
        for head in schema.heads
        for one, *counts in zip(
            head.classes, *(class_counts(head, counted, split) for split in SPLITS), strict=True
        )
    ]
    parts = ", ".join(f"{len(counted.rows(split))} {split}" for split in SPLITS)
    said = (
        f"{len(counted)} labelled pictures: {parts}. What was tested on was never trained on, and equal "
        "pictures lie in the same split. Fingerprint of pictures, labels and splits: "
        f"{counted.fingerprint}.\n"
    )
    return f"{said}\n{table(['head', 'class', *SPLITS], rows)}"


def _settings(run: RunFolder) -> str:
    """The principal settings, and all that are not the defaults."""
    usual = dict(leaves(Settings().to_dict()))
    rows = [
        [name, str(value)]
        for keys, value in leaves(run.settings().to_dict())
        if ((name := ".".join(keys)) in _ALWAYS or usual.get(keys) != value) and keys[0] not in NOT_OF_A_RUN
    ]
    return table(["setting", "value"], rows)


def _files(result: ExportResult) -> str:
    """What each format is like, measured."""
    rows = [
        [
            one.format.title,
            one.file or "–",
            f"{one.size / 1e6:.2f}",
            f"{one.pictures_per_second:.0f}",
            "–" if one.largest is None else f"{one.largest:.2g}",
            "–" if one.equal_share is None else f"{one.equal_share:.1%}",
            f"failed: {one.reason}" if one.reason else f"passed: {one.tolerance}",
        ]
        for one in result.checks
    ]
    said = (
        f"Each file was asked {result.pictures} pictures of the {result.split} split and compared with the "
        f"run's own network in Keras ({result.pictures_per_second:.0f} pictures/s here).\n"
    )
    header = ["format", "file", "MB", "pictures/s", "largest difference", "equal answers", "check"]
    return f"{said}\n{table(header, rows)}"
