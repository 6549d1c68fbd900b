"""Several runs side by side: only what differs in settings, machine and versions, their figures, their data.

The first run is the one that the others are compared with. Nothing here needs the pictures or a network: all
is read from the runs' folders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.errors import RunRefused
from workbench.monitoring.compare_data import DataDifference, compare_data
from workbench.monitoring.compare_figures import Figure, figures_of, side_by_side
from workbench.monitoring.compare_settings import Difference, differing, flat_facts, flat_settings
from workbench.monitoring.summary import RunSummary, describe, summarise
from workbench.text import neutralise
from workbench.training.run import RunFolder
from workbench.training.tail import part

MOST_RUNS = 6
"""More cannot be told apart on one chart."""


@dataclass(frozen=True)
class Comparison:
    """What differs between runs.

    Attributes:
        runs: In the order in which they were named.
        settings: Those that are not the same in all runs.
        equal_settings: How many are.
        facts: Likewise of preset, parent, schema, machine and versions.
        equal_facts: How many are the same.
        figures: Of each head in the best epoch, and on the test split where that was evaluated.
        data: Of each run but the first, how its data differ from the first run's.
    """

    runs: tuple[RunSummary, ...]
    settings: tuple[Difference, ...]
    equal_settings: int
    facts: tuple[Difference, ...]
    equal_facts: int
    figures: tuple[Figure, ...]
    data: tuple[DataDifference, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what differs by run stands in the order of `runs`."""
        return {
            "runs": [run.to_dict() for run in self.runs],
            "settings": {one.key: list(one.values) for one in self.settings},
            "equal_settings": self.equal_settings,
            "facts": {one.key: list(one.values) for one in self.facts},
            "equal_facts": self.equal_facts,
            "figures": [one.to_dict() for one in self.figures],
            "data": [asdict(one) for one in self.data],
        }


def check_runs(runs: Sequence[RunFolder]) -> None:
    """Refuse what cannot be compared.

    Raises:
        RunRefused: Fewer than two runs, more than can be told apart, or one twice.
    """
    names = [neutralise(run.name) for run in runs]
    if not 2 <= len(runs) <= MOST_RUNS:
        raise RunRefused(
            f"two to {MOST_RUNS} runs can be compared; received {len(runs)}", cure="name that many"
        )
    if twice := next((run for run in runs if list(runs).count(run) > 1), None):
        raise RunRefused("is named twice", where=neutralise(twice.name), cure=f"named: {', '.join(names)}")


def compare(runs: Sequence[RunFolder], before: Comparison | None = None) -> Comparison:
    """Compare runs with the first of them.

    Args:
        runs: Two to `MOST_RUNS`.
        before: What was found when the same runs had not come so far: their data, which a run never changes,
            are taken from there.

    Raises:
        RunRefused: See `check_runs`; or a run's description cannot be read.
    """
    check_runs(runs)
    described = [describe(run) for run in runs]
    summaries = tuple(_summary(run) for run in runs)
    settings, equal_settings = differing([flat_settings(one) for one in described])
    facts, equal_facts = differing([flat_facts(one) for one in described])
    found = [figures_of(run, summary) for run, summary in zip(runs, summaries, strict=True)]
    data = before.data if before is not None else compare_data(runs, described)
    return Comparison(
        summaries, settings, equal_settings, facts, equal_facts, side_by_side(found, _heads(described)), data
    )


def _summary(run: RunFolder) -> RunSummary:
    """How far it came.

    Raises:
        RunRefused: It cannot be listed.
    """
    found = summarise(run)
    if not isinstance(found, RunSummary):
        raise RunRefused(found.why, where=run.run_json, cure="it is damaged")
    return found


def _heads(described: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The heads of all runs, each once, the first run's first."""
    names: dict[str, None] = {"": None}
    for one in described:
        heads = part(one, "schema").get("heads")
        for head in heads if isinstance(heads, list) else ():
            if isinstance(head, Mapping) and isinstance(head.get("name"), str):
                names[head["name"]] = None
    return tuple(names)
