"""How the labels are spread: what one must see before training, because imbalance hides in accuracies."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.annotation.labels import Answer, PictureLabels, Special
from workbench.schema import Head, Schema


@dataclass(frozen=True)
class HeadDistribution:
    """One head's labels; of an unlabelled head names are empty and shares are 0.

    Attributes:
        head: The head's name.
        counts: Pictures of each class, in the schema's order, zeros included.
        unlabelled: Pictures without an answer.
        cannot_tell: Pictures answered "cannot tell".
        majority_class: The most frequent class.
        majority_share: Its share of the pictures with a class, 0 to 1.
        rarest_class: The least frequent class, one without any picture included.
        rarest_count: Its pictures.
        effective_classes: exp(Shannon entropy), the number of equally frequent classes that would be as
            diverse (Hill, Ecology 54, 1973); from 1 to the number of classes.
    """

    head: str
    counts: Mapping[str, int]
    unlabelled: int
    cannot_tell: int
    majority_class: str
    majority_share: float
    rarest_class: str
    rarest_count: int
    effective_classes: float

    @property
    def labelled(self) -> int:
        """Pictures with a class."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Distribution:
    """All heads' labels.

    Attributes:
        heads: In the schema's order.
        excluded: Pictures flagged "not a face"; they count nowhere else but in `pictures` and `complete`.
        pictures: Distinct pictures.
        complete: Pictures that need no more work: excluded, or every head answered.
    """

    heads: tuple[HeadDistribution, ...]
    excluded: int
    pictures: int
    complete: int

    def head(self, name: str) -> HeadDistribution:
        """The distribution of one head; KeyError if there is none."""
        for found in self.heads:
            if found.head == name:
                return found
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, heads by name."""
        heads: dict[str, Any] = {}
        for head in self.heads:
            heads[head.head] = {**asdict(head), "counts": dict(head.counts), "labelled": head.labelled}
        return {
            "pictures": self.pictures,
            "complete": self.complete,
            "excluded": self.excluded,
            "heads": heads,
        }


_NOTHING = PictureLabels(answers={})


def distribution(
    schema: Schema, labels: Mapping[str, PictureLabels], fingerprints: Iterable[str]
) -> Distribution:
    """Count the labels of the given pictures.

    Args:
        schema: The heads.
        labels: Current labels by fingerprint; pictures without an entry are unlabelled.
        fingerprints: The pictures of the bench; a duplicate counts once.
    """
    found = [labels.get(fingerprint, _NOTHING) for fingerprint in set(fingerprints)]
    faces = [one for one in found if not one.excluded]
    heads = tuple(_head(head, [one.answers.get(head.name) for one in faces]) for head in schema.heads)
    excluded = len(found) - len(faces)
    complete = excluded + sum(all(name in one.answers for name in schema.head_names) for one in faces)
    return Distribution(heads, excluded, len(found), complete)


def _head(head: Head, answers: Sequence[Answer | None]) -> HeadDistribution:
    """Count one head."""
    found = Counter(answers)
    counts = {one.name: found[one.name] for one in head.classes}
    cannot_tell = found[Special.CANNOT_TELL]
    unlabelled = len(answers) - cannot_tell - sum(counts.values())  # a class that the schema lost is none
    return summarise(head.name, counts, unlabelled=unlabelled, cannot_tell=cannot_tell)


def summarise(
    head: str, counts: Mapping[str, int], *, unlabelled: int = 0, cannot_tell: int = 0
) -> HeadDistribution:
    """The figures of a head from the counts of its classes."""
    total = sum(counts.values())
    if not total:
        return HeadDistribution(head, dict(counts), unlabelled, cannot_tell, "", 0.0, "", 0, 0.0)
    majority = max(counts, key=lambda name: counts[name])
    rarest = min(counts, key=lambda name: counts[name])
    shares = [count / total for count in counts.values() if count]
    entropy = -sum(share * math.log(share) for share in shares)
    return HeadDistribution(
        head,
        dict(counts),
        unlabelled,
        cannot_tell,
        majority,
        counts[majority] / total,
        rarest,
        counts[rarest],
        math.exp(entropy),
    )
