"""What a monitor can watch: a run of ours, or a file that another training writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from workbench.errors import WorkbenchError
from workbench.monitoring.curves import Axis, Curve, CurveKey
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.text import neutralise
from workbench.training.log_names import outputs_in
from workbench.training.run import RunFolder

Heads = tuple[tuple[str, str], ...]
"""(name, title to show) of each head, in the order of its charts."""


class Followed(Protocol):
    """Something that is read again and again; belongs to one thread."""

    def poll(self, seconds: float | None = None) -> RunSnapshot:
        """Read what is new and say where it stands.

        Args:
            seconds: About how long to read; what is left is read next time, and `RunSnapshot.reading` says
                how far it came. None reads everything that there is.
        """
        ...

    def detail(self, axis: Axis, left: float, right: float) -> Mapping[CurveKey, Curve]:
        """The points of a window singly, for a zoom into merged ones; empty where that is not possible."""
        ...


class Source(Protocol):
    """Something that can be watched; nothing is read before it is followed."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def heads(self) -> Heads:
        """Its heads as far as they are known now; none for one curve of everything."""
        ...

    def follow(self) -> Followed:
        """Begin to read, from the start."""
        ...


@dataclass(frozen=True)
class RunSource:
    """A run of a bench."""

    run: RunFolder

    @property
    def name(self) -> str:
        """The run's name."""
        return self.run.name

    def heads(self) -> Heads:
        """Names and titles of its heads; none where `run.json` cannot be read."""
        try:
            if self.run.foreign:
                return tuple(
                    (name, neutralise(name.replace("_", " "))) for name in outputs_in(self.run.read())
                )
            return tuple((head.name, neutralise(head.title)) for head in self.run.schema().heads)
        except WorkbenchError:
            return ()

    def follow(self) -> Followed:
        """Read its log from the start."""
        return Follower(self.run)
