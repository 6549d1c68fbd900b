"""Events in words: what happened to a picture, by whom and how."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workbench.annotation.labels import Answer, Event, RemarkKind, Source
from workbench.schema import Head, Schema
from workbench.text import neutralise

_HOW = {
    Source.HUMAN: "by hand",
    Source.ACCEPTED: "suggestion accepted",
    Source.CHANGED: "suggestion overruled",
    Source.IMPORTED: "imported",
    Source.WITHDRAWN: "import taken back",
    Source.UNDO: "undone",
    Source.REDO: "redone",
    Source.SEEN: "",
    Source.CARRIED: "carried forward",
    Source.LOCKED: "locked",
}


@dataclass(frozen=True)
class HistoryLine:
    """One event of a picture; every word is harmless to show.

    Attributes:
        at: When, in UTC.
        who: The annotator.
        what: What holds from then on, such as "glasses: sunglasses".
        how: How it came about, with what was suggested.
        seconds: Time that the person took; None where nobody did anything.
    """

    at: datetime
    who: str
    what: str
    how: str
    seconds: float | None


def history_lines(events: Iterable[Event], schema: Schema) -> tuple[HistoryLine, ...]:
    """The events of a picture in words, oldest first."""
    return tuple(
        HistoryLine(
            one.at, neutralise(one.annotator), what_holds(one, schema), _how(one, schema), one.seconds
        )
        for one in events
    )


def what_holds(event: Event, schema: Schema) -> str:
    """What holds after an event, such as "glasses: sunglasses" or "note “half in the dark”"."""
    if event.remark is not None:
        words = event.remark.text
        if event.remark.kind is RemarkKind.FLAG:
            return "flagged" if words else "not flagged"
        return neutralise(f"note “{words}”" if words else "no note")
    if event.head == schema.exclusion.name:
        return neutralise(schema.exclusion.title if event.answer else f"not “{schema.exclusion.title}”")
    if not event.head:
        return "looked at"
    head = next((one for one in schema.heads if one.name == event.head), None)
    return neutralise(f"{head.title if head else event.head}: {answer_words(head, event.answer)}")


def after_turn(event: Event, schema: Schema) -> str:
    """What holds after an undo or a redo, such as "hair top, now open"."""
    if event.remark is not None:
        if event.remark.kind is RemarkKind.FLAG:
            return f"flag, now {'' if event.remark.text else 'not '}set"
        return neutralise(f"note, now “{event.remark.text}”" if event.remark.text else "note, now none")
    if event.head == schema.exclusion.name:
        return neutralise(f"{schema.exclusion.title}, now {'not ' if event.answer is None else ''}set")
    head = schema.head(event.head)
    return neutralise(f"{head.title}, now {answer_words(head, event.answer)}")


def answer_words(head: Head | None, answer: Answer | None) -> str:
    """An answer as the screen calls it; not neutralised."""
    if answer is None:
        return "open"
    if not isinstance(answer, str):
        return "cannot tell"
    found = head.by_name(answer) if head is not None else None
    return found.title if found and found.title else answer


def _how(event: Event, schema: Schema) -> str:
    """How it came about."""
    words = _HOW[event.source]
    if event.suggested is None:
        return words
    head = next((one for one in schema.heads if one.name == event.head), None)
    return neutralise(f"{words} ({answer_words(head, event.suggested)})")
