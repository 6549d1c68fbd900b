"""One answer a head out of several annotators' answers, by a rule that is named.

Only pictures that several annotators answered need a rule; on all others every rule gives what is there.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from workbench.annotation.labels import EXCLUDED, Answer, PictureLabels
from workbench.annotation.store import LabelStore
from workbench.annotation.votes import Votes, annotators, votes
from workbench.errors import InputError
from workbench.text import neutralise
from workbench.toml import suggestion


class MergeRule(StrEnum):
    """How several answers become one."""

    LATEST = "latest"
    MAJORITY = "majority"
    ADJUDICATED = "adjudicated"


@dataclass(frozen=True)
class Merged:
    """The labels of a bench by one rule.

    Attributes:
        rule: The rule.
        adjudicator: Whose answers decide; empty where nobody's do.
        labels: By fingerprint.
        undecided: (fingerprint, heads that have answers and got none), by fingerprint.
        annotators: Whose answers were merged, where several answered the same picture.
    """

    rule: MergeRule
    adjudicator: str
    labels: Mapping[str, PictureLabels]
    undecided: tuple[tuple[str, tuple[str, ...]], ...] = ()
    annotators: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """What a reader of the labels must know, a line each."""
        meaning = {
            MergeRule.LATEST: "where annotators differ, the latest answer counts",
            MergeRule.MAJORITY: "where annotators differ, the most frequent answer counts; a tie gives none",
            MergeRule.ADJUDICATED: f"where annotators differ, {self.adjudicator}'s answer counts, else none",
        }
        lines = [f"merged by the rule {self.rule}: {meaning[self.rule]}"]
        if self.undecided:
            heads, pictures = sum(len(heads) for _, heads in self.undecided), len(self.undecided)
            many = f"{heads} head{'s' * (heads > 1)} of {pictures} picture{'s' * (pictures > 1)}"
            lines.append(f"undecided, and so without an answer: {many}")
        return tuple(neutralise(line) for line in lines)

    def to_dict(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Plain values for JSON; `names` gives the file name of each fingerprint."""
        return {
            "merge": self.rule.value,
            "adjudicator": self.adjudicator,
            "annotators": list(self.annotators),
            "notes": list(self.notes()),
            "undecided": [
                {"fingerprint": fingerprint, "name": names.get(fingerprint, ""), "heads": list(heads)}
                for fingerprint, heads in self.undecided
            ],
        }


def merge(store: LabelStore, rule: str = MergeRule.LATEST, adjudicator: str = "") -> Merged:
    """The labels by a rule.

    Args:
        store: The labels of all annotators.
        rule: "latest": the last answer of each head, whoever gave it. "majority": the most frequent one; a
            tie gives none. "adjudicated": the adjudicator's, or the one on which all agree; else none.
        adjudicator: Whose answers decide under that rule.

    Raises:
        InputError: No such rule, or no or an unknown adjudicator.
    """
    if rule not in list(MergeRule):
        raise InputError(
            f"no rule is named {rule!r}", where="--merge", cure=suggestion(rule, list(MergeRule))
        )
    chosen = MergeRule(rule)
    labels = store.all_labels()
    found = {} if chosen is MergeRule.LATEST else votes(store)
    who = annotators(found)
    if chosen is not MergeRule.ADJUDICATED:
        decide: _Decide = _most_frequent
    elif adjudicator and (not who or adjudicator in who):
        decide = lambda given: given.get(adjudicator, _unanimous(given))  # noqa: E731
    else:
        raise InputError(
            f"nobody named {adjudicator!r} answered" if adjudicator else "the rule needs an adjudicator",
            where="--adjudicator",
            cure=suggestion(adjudicator, who) if who else "name the annotator whose answers decide",
        )
    undecided = []
    for fingerprint, one in sorted(found.items()):
        labels[fingerprint], open_heads = _decided(
            labels[fingerprint], one, decide, store.schema.exclusion.name
        )
        if open_heads:
            undecided.append((fingerprint, open_heads))
    return Merged(chosen, adjudicator, labels, tuple(undecided), who)


_Decide = Callable[[Mapping[str, Answer]], Answer | None]


def _most_frequent(given: Mapping[str, Answer]) -> Answer | None:
    """The answer with most votes; None where two have as many."""
    (answer, most), *others = Counter(given.values()).most_common()
    return None if others and others[0][1] == most else answer


def _unanimous(given: Mapping[str, Answer]) -> Answer | None:
    """The answer of all; None where they differ."""
    answers = set(given.values())
    return answers.pop() if len(answers) == 1 else None


def _decided(
    known: PictureLabels, one: Votes, decide: _Decide, exclusion: str
) -> tuple[PictureLabels, tuple[str, ...]]:
    """A picture's labels by a rule, and the heads that it leaves open."""
    found = {head: decide(given) for head, given in one.heads.items()}
    open_heads = tuple(head for head, answer in found.items() if answer is None)
    flag = found.pop(exclusion, one.imported.get(exclusion))
    answers = {
        head: answer for head, answer in one.imported.items() if head != exclusion and head not in found
    }
    answers |= {head: answer for head, answer in found.items() if answer is not None}
    return replace(known, answers=answers, excluded=flag == EXCLUDED), open_heads
