"""Which runs to list, in words that a person types; `GRAMMAR` says which.

A filter is words parted by blanks, of which a run must fit each. A word is a part of its name, preset, tag,
note or state, whatever its capitals; or it asks about one column: `state:died`, `tag:good` (the whole tag),
`preset=fast` (the whole word), `best<0.4`, `duration>2h`, `started>=2026-11-01`. Quotes keep blanks together,
and take a word for what it is. A run without the figure never fits a comparison.
"""

import math
import operator
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.errors import InputError
from workbench.monitoring.columns import RunColumn, find_column
from workbench.monitoring.summary import RunSummary
from workbench.text import neutralise

GRAMMAR = (
    "words that a run must all have in its name, preset, tags, note or state; "
    "or a column: state:died tag:good best<0.4 duration>2h"
)
_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')
_ASKED = re.compile(r"([A-Za-z][\w/-]*)(<=|>=|[:<>=])(.*)", re.DOTALL)
_AMOUNT = re.compile(r"([0-9.]+(?:e[+-]?[0-9]+)?)\s*(s|sec|m|min|h|d)")
_SECONDS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": lambda found, wanted: f"{found:.4g}" == f"{wanted:.4g}",  # as it is shown
}
_EVERYWHERE = ("name", "preset", "note", "state")
_WHERE = "filter"


@dataclass(frozen=True)
class Condition:
    """One word of a filter.

    Attributes:
        key: The column's; "" for a word that may stand in several.
        sign: How it is asked about.
        word: What is looked for, in small letters.
        number: What is compared with.
    """

    key: str
    sign: str
    word: str
    number: float = math.nan

    def fits(self, run: RunSummary) -> bool:
        """Whether a run is as it is asked."""
        if not self.key:
            texts = [str(getattr(run, key)) for key in _EVERYWHERE]
            return any(self.word in text.casefold() for text in (*texts, *run.tags))
        value = getattr(run, self.key)
        if self.sign in _COMPARE and not math.isnan(self.number):
            return value is not None and _COMPARE[self.sign](value, self.number)
        if self.key == "tags":
            return self.word in [tag.casefold() for tag in run.tags]
        text = str(value).casefold()
        return self.word == text if self.sign == "=" else self.word in text


@dataclass(frozen=True)
class RunFilter:
    """What was typed, understood; without conditions every run fits."""

    text: str = ""
    conditions: tuple[Condition, ...] = ()

    def fits(self, run: RunSummary) -> bool:
        """Whether a run is to be listed."""
        return all(one.fits(run) for one in self.conditions)

    def among(self, runs: Sequence[RunSummary]) -> list[RunSummary]:
        """Those that fit, in the same order."""
        return [run for run in runs if self.fits(run)]


EVERY_RUN = RunFilter()


def parse_filter(text: str) -> RunFilter:
    """Understand what a person typed.

    Raises:
        InputError: A quote without an end, an unknown column, or something that it cannot be compared with.
    """
    if text.count('"') % 2:
        raise InputError("a quote has no end", where=_WHERE, cure='"two words" stand between two')
    words = _WORD.findall(text)
    return RunFilter(" ".join(words), tuple(_condition(word) for word in words))


def _condition(word: str) -> Condition:
    """One word."""
    asked = _ASKED.fullmatch(word)
    if asked is None:
        return Condition("", "", word.replace('"', "").casefold())
    name, sign, wanted = asked[1], asked[2], asked[3].replace('"', "")
    column = find_column(name, where=_WHERE)
    if not wanted:
        raise InputError(f"nothing stands after {name}{sign}", where=_WHERE, cure=_example(column))
    if column.number:
        if sign == ":":
            raise InputError(
                f"{name} is compared with <, >, <=, >= or =", where=_WHERE, cure=_example(column)
            )
        return Condition(column.key, sign, wanted, _amount(column, wanted))
    if sign not in (":", "="):
        raise InputError(f"{name} holds words and cannot be compared", where=_WHERE, cure=_example(column))
    return Condition(column.key, sign, wanted.casefold())


def _amount(column: RunColumn, wanted: str) -> float:
    """What a figure is compared with: a number, for durations with s, min or h, for times a day."""
    try:
        if column.key == "started":
            return time.mktime(time.strptime(wanted, "%Y-%m-%d"))
        amount = _AMOUNT.fullmatch(wanted) if column.key == "seconds" else None
        found = float(amount[1]) * _SECONDS[amount[2]] if amount else float(wanted)
    except (ValueError, OverflowError):
        found = math.nan
    if math.isnan(found):
        what = f"{neutralise(wanted, 40)!r} is no {'day' if column.key == 'started' else 'number'}"
        raise InputError(what, where=_WHERE, cure=_example(column))
    return found


_EXAMPLES = {
    "state": "state:died",
    "tags": "tag:good",
    "best": "best<0.4",
    "loss": "loss<0.4",
    "accuracy": "accuracy>=0.9",
    "macro_f1": "f1>=0.9",
    "seconds": "duration>2h",
    "started": "started>=2026-11-01",
}


def _example(column: RunColumn) -> str:
    """How it is asked about."""
    usual = f"{column.typed}>10" if column.number else f"{column.typed}:word"
    return f"such as {_EXAMPLES.get(column.key, usual)}"
