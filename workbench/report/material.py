"""Everything that a report tells of, read once: the run's files, where it stands, its evaluation."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import RunError, RunRefused
from workbench.evaluation.report import Evaluation, read_evaluation
from workbench.monitoring.follow import Follower
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.summary import RunSummary, summarise
from workbench.report.gallery import Gallery
from workbench.report.results import results
from workbench.schema import Schema
from workbench.training.run import RunFolder

_SLICE_S = 0.5


@dataclass(frozen=True)
class Material:
    """What a report is made of.

    Attributes:
        run: The run's folder.
        described: Its `run.json`.
        schema: The heads that it was made with.
        snapshot: Where it stands.
        summary: The same as one line of the list of runs.
        evaluation: Its tables; None where there are none.
        unevaluated: Why there are none.
        made: Unix seconds of the reading.
        gallery: Pictures, if they were asked for.
    """

    run: RunFolder
    described: Mapping[str, Any]
    schema: Schema
    snapshot: RunSnapshot
    summary: RunSummary
    evaluation: Evaluation | None
    unevaluated: str
    made: float
    gallery: Gallery | None = None

    @property
    def titles(self) -> dict[str, str]:
        """What each head is called."""
        return {head.name: head.title or head.name for head in self.schema.heads}


def read_material(run: RunFolder, progress: Callable[[int, int], None] | None = None) -> Material:
    """Read a run, live or ended.

    Args:
        run: The run.
        progress: Called with (read, 100), in percent of its log, while a long one is read.

    Raises:
        RunRefused: `run.json` is damaged, or of a newer version.
        ConfigError: Its schema is.
    """
    described, schema, summary = run.read(), run.schema(), summarise(run)
    if not isinstance(summary, RunSummary):
        raise RunRefused(summary.why, where=run.run_json)
    follower, made = Follower(run), time.time()
    while (snapshot := follower.poll(_SLICE_S)).reading is not None:
        if progress:
            progress(round(100 * snapshot.reading), 100)
    evaluation, why = _evaluation(run)
    return Material(run, described, schema, snapshot, summary, evaluation, why, made)


def _evaluation(run: RunFolder) -> tuple[Evaluation | None, str]:
    """The evaluation, or why there is none."""
    try:
        found = read_evaluation(run)
    except RunError as error:
        return None, str(error)
    except OSError as error:
        return None, f"{run.evaluation}: {error.strerror}"
    if found is None or not found.splits:
        stale = "its network has changed since" if run.evaluation.exists() else "not evaluated yet"
        return None, f"{stale}; where there is a network: workbench evaluate BENCH {run.name}"
    try:
        results(found, {})
    except (TypeError, ValueError, AttributeError):  # JSON of the right names with other things in them
        return None, f"{run.evaluation}: the file is damaged; evaluate the run again"
    return found, ""
