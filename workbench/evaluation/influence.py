"""How often suggestions were accepted, and how much people were led by them.

People accept wrong suggestions more often than they would give that answer themselves (arXiv 2509.08514). On
a random slice the suggestions were held back, so both shares can be compared: agreement with a suggestion
that was seen, and with one that was not.
"""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from workbench.annotation.labels import BY_HAND, Event, Source
from workbench.evaluation.metrics import wilson_interval
from workbench.schema import Schema

_COUNTED = (Source.ACCEPTED, Source.CHANGED, Source.HUMAN)


@dataclass(frozen=True)
class Influence:
    """What became of the suggestions of one head, or of all.

    Attributes:
        accepted: Answers that are what was suggested, the suggestion being seen.
        changed: Answers that are something else, the suggestion being seen.
        agreed: Answers that are what was suggested, the suggestion being held back.
        differed: Answers that are something else, the suggestion being held back.
        seconds_shown: Median seconds of an answer under a suggestion; None where there is none.
        seconds_hidden: The same where it was held back.
    """

    accepted: int
    changed: int
    agreed: int
    differed: int
    seconds_shown: float | None
    seconds_hidden: float | None

    @property
    def shown(self) -> float | None:
        """Share of the suggestions seen that the answer agrees with."""
        total = self.accepted + self.changed
        return self.accepted / total if total else None

    @property
    def hidden(self) -> float | None:
        """Share of the suggestions held back that the answer agrees with."""
        total = self.agreed + self.differed
        return self.agreed / total if total else None

    @property
    def difference(self) -> tuple[float, float, float] | None:
        """How much higher the share is where suggestions are seen, and its 95 % interval.

        Newcombe's interval of a difference of two shares (Statistics in Medicine 17, 1998, method 10).
        """
        if self.shown is None or self.hidden is None:
            return None
        low, high = wilson_interval(self.accepted, self.accepted + self.changed)
        low_2, high_2 = wilson_interval(self.agreed, self.agreed + self.differed)
        between = self.shown - self.hidden
        return (
            between,
            between - math.hypot(self.shown - low, high_2 - self.hidden),
            between + math.hypot(high - self.shown, self.hidden - low_2),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            **vars(self),
            "agreement_shown": self.shown,
            "agreement_hidden": self.hidden,
            "difference": self.difference[0] if self.difference else None,
            "difference_interval": list(self.difference[1:]) if self.difference else None,
        }


def influence(events: Iterable[Event], schema: Schema) -> dict[str, Influence]:
    """Count what holds of each annotator's answers; what was undone or answered anew does not count.

    Args:
        events: Every event, oldest first.
        schema: The heads.

    Returns:
        By head, and under "all" for all of them.
    """
    standing = _standing(events)
    heads = {name: [one for one in standing if one.head == name] for name in schema.head_names}
    return {**{name: _count(found) for name, found in heads.items()}, "all": _count(standing)}


def _standing(events: Iterable[Event]) -> list[Event]:
    """The answers that still hold and that had a suggestion, seen or held back."""
    given: dict[int, Event] = {}
    undone: set[int] = set()
    for event in events:
        if event.source in BY_HAND:
            given[event.id] = event
        elif event.source is Source.UNDO and event.target is not None:
            undone.add(event.target)
        elif event.source is Source.REDO and event.target is not None:
            undone.discard(event.target)
    last: dict[tuple[str, str, str], Event] = {}
    for one in given.values():
        if one.id not in undone:
            key = (one.annotator, one.fingerprint, one.head)
            last[key] = _corrected(last.get(key), one)
    return [
        one
        for one in last.values()
        if one.suggested is not None and one.answer is not None and one.source in _COUNTED
    ]


def _corrected(before: Event | None, now: Event) -> Event:
    """An answer that replaces another one is still an answer to the suggestion that there was."""
    if before is None or before.suggested is None or now.suggested is not None:
        return now
    source = before.source
    if source is not Source.HUMAN:
        source = Source.ACCEPTED if now.answer == before.suggested else Source.CHANGED
    return replace(before, answer=now.answer, source=source)


def _count(events: list[Event]) -> Influence:
    """The counts of some answers."""
    seen = [one for one in events if one.source is not Source.HUMAN]
    held_back = [one for one in events if one.source is Source.HUMAN]
    agreed = sum(one.answer == one.suggested for one in held_back)
    accepted = sum(one.source is Source.ACCEPTED for one in seen)
    return Influence(
        accepted,
        len(seen) - accepted,
        agreed,
        len(held_back) - agreed,
        _median(seen),
        _median(held_back),
    )


def _median(events: list[Event]) -> float | None:
    """Median seconds of those that have any."""
    seconds = [one.seconds for one in events if one.seconds is not None]
    return round(statistics.median(seconds), 3) if seconds else None
