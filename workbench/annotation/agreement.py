"""How far annotators agree: in per cent, and beyond what chance would give.

Per cent: of all pairs of answers to one question about one picture, how many are equal. Cohen's kappa (Educ.
Psychol. Meas. 20, 1960) for exactly two annotators; Krippendorff's alpha for nominal data ("Computing
Krippendorff's Alpha-Reliability", 2011) for any number, gaps allowed. Both are 1 where all agree, and 0 where
chance would do as well; neither exists where only one answer was ever given. "Cannot tell" is an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.annotation.labels import Answer
from workbench.annotation.store import LabelStore
from workbench.annotation.votes import Votes, annotators, votes

Unit = Mapping[str, Answer]
"""The answers to one question about one picture, by annotator."""


@dataclass(frozen=True)
class Agreement:
    """How far some annotators agree on a head, or on all.

    Attributes:
        pictures: Pictures that at least two of them answered.
        compared: Pairs of answers to the same question about the same picture.
        equal: Those that are equal.
        kappa: Cohen's; None unless exactly two annotators answered, and where only one answer was given.
        alpha: Krippendorff's; None where only one answer was given.
    """

    pictures: int
    compared: int
    equal: int
    kappa: float | None
    alpha: float | None

    @property
    def percent(self) -> float | None:
        """Equal pairs in per cent; None where nothing can be compared."""
        return 100 * self.equal / self.compared if self.compared else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "percent": self.percent}


@dataclass(frozen=True)
class AgreementReport:
    """How far the annotators of a bench agree.

    Attributes:
        annotators: Who answered pictures that another one answered too.
        pictures: Pictures that several annotators answered.
        heads: Head, or exclusion, → agreement.
        pairs: (annotator, annotator) → agreement; kappa and alpha are the means of the heads that have one.
        overall: Of everything; kappa and alpha are the means of the heads that have one.
        disagreeing: (fingerprint, the heads on which they differ), by fingerprint.
    """

    annotators: tuple[str, ...]
    pictures: int
    heads: Mapping[str, Agreement]
    pairs: Mapping[tuple[str, str], Agreement]
    overall: Agreement
    disagreeing: tuple[tuple[str, tuple[str, ...]], ...]

    def to_dict(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Plain values for JSON; `names` gives the file name of each fingerprint."""
        return {
            "annotators": list(self.annotators),
            "pictures": self.pictures,
            "overall": self.overall.to_dict(),
            "heads": {head: one.to_dict() for head, one in self.heads.items()},
            "pairs": [{"annotators": list(pair), **one.to_dict()} for pair, one in self.pairs.items()],
            "disagreeing": [
                {"fingerprint": fingerprint, "name": names.get(fingerprint, ""), "heads": list(heads)}
                for fingerprint, heads in self.disagreeing
            ],
        }


def disagreeing(store: LabelStore) -> tuple[str, ...]:
    """The fingerprints of the pictures on which annotators differ, in a head or in the flag; sorted."""
    return tuple(sorted(fingerprint for fingerprint, one in votes(store).items() if one.differ()))


def agreement(store: LabelStore) -> AgreementReport:
    """Compare all annotators of a bench, as far as they answered the same pictures."""
    found = votes(store)
    questions = (*store.schema.head_names, store.schema.exclusion.name)
    who = annotators(found)
    heads = {head: measure(_units(found, head, who)) for head in questions}
    pairs = {
        pair: _overall(_compare(found, questions, pair), _shared(found, pair))
        for pair in combinations(who, 2)
    }
    return AgreementReport(
        who,
        len(found),
        heads,
        pairs,
        _overall(list(heads.values()), _shared(found, who)),
        tuple(
            (fingerprint, differing)
            for fingerprint, one in sorted(found.items())
            if (differing := one.differ())
        ),
    )


def _units(found: Mapping[str, Votes], head: str, who: Sequence[str]) -> list[Unit]:
    """The answers of these annotators to one question, picture by picture, where two or more gave one."""
    units: list[Unit] = []
    for one in found.values():
        given = one.heads.get(head, {})
        unit = {name: given[name] for name in who if name in given}
        if len(unit) > 1:
            units.append(unit)
    return units


def _compare(found: Mapping[str, Votes], questions: Sequence[str], pair: tuple[str, str]) -> list[Agreement]:
    """Two annotators, question by question."""
    return [measure(_units(found, head, pair)) for head in questions]


def _shared(found: Mapping[str, Votes], who: Sequence[str]) -> int:
    """Pictures of which at least two of these annotators answered the same question."""
    return sum(
        any(sum(name in given for name in who) > 1 for given in one.heads.values()) for one in found.values()
    )


def _overall(parts: Sequence[Agreement], pictures: int) -> Agreement:
    """All questions together: pairs are added up; kappa and alpha are the means of those that exist."""
    kappas = [part.kappa for part in parts if part.kappa is not None]
    alphas = [part.alpha for part in parts if part.alpha is not None]
    return Agreement(
        pictures,
        sum(part.compared for part in parts),
        sum(part.equal for part in parts),
        float(np.mean(kappas)) if kappas else None,
        float(np.mean(alphas)) if alphas else None,
    )


def measure(units: Sequence[Unit]) -> Agreement:
    """The agreement on one question.

    Args:
        units: The answers to it about each picture; those of fewer than two annotators do not count.
    """
    compared = [unit for unit in units if len(unit) > 1]
    pairs = [pair for unit in compared for pair in combinations(unit.values(), 2)]
    who = {name for unit in compared for name in unit}
    kappa = _kappa(compared, sorted(who)) if len(who) == 2 else None
    return Agreement(
        len(compared), len(pairs), sum(one == other for one, other in pairs), kappa, _alpha(compared)
    )


def _kappa(units: Sequence[Unit], who: Sequence[str]) -> float | None:
    """Cohen's: (observed - expected) / (1 - expected), expected from how often each gave each answer."""
    numbers: dict[Answer, int] = {}
    one, other = (np.array([numbers.setdefault(unit[name], len(numbers)) for unit in units]) for name in who)
    shares = [np.bincount(given, minlength=len(numbers)) / len(units) for given in (one, other)]
    expected = float(shares[0] @ shares[1])
    observed = float(np.mean(one == other))
    return None if len(numbers) < 2 else (observed - expected) / (1 - expected)


def _alpha(units: Sequence[Unit]) -> float | None:
    """Krippendorff's for nominal data: 1 - observed / expected disagreement, from the coincidence matrix."""
    numbers: dict[Answer, int] = {}
    counts = [[numbers.setdefault(answer, len(numbers)) for answer in unit.values()] for unit in units]
    if len(numbers) < 2:
        return None
    coincidences: NDArray[np.float64] = np.zeros((len(numbers), len(numbers)))
    for given in counts:
        row = np.bincount(given, minlength=len(numbers)).astype(np.float64)
        coincidences += (np.outer(row, row) - np.diag(row)) / (len(given) - 1)
    totals = coincidences.sum(axis=0)
    values = float(totals.sum())
    observed = values - float(np.trace(coincidences))
    expected = (values**2 - float(totals @ totals)) / (values - 1)
    return 1 - observed / expected
