"""What a label is: an answer of one head about one picture, and the event that gave it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum

from workbench.schema import Head, Schema

EXCLUDED = "yes"
"""The answer that sets a picture's exclusion flag; `None` takes it back."""


class Special(Enum):
    """Answers that are no class."""

    CANNOT_TELL = "cannot_tell"


Answer = str | Special
"""The name of a class, or `Special.CANNOT_TELL`."""


class Source(StrEnum):
    """How an event came about."""

    HUMAN = "human"
    ACCEPTED = "suggestion accepted"
    CHANGED = "suggestion changed"
    IMPORTED = "imported"
    WITHDRAWN = "import taken back"
    UNDO = "undo"
    REDO = "redo"
    SEEN = "seen"
    CARRIED = "carried forward"
    LOCKED = "locked"


BY_HAND = frozenset({Source.HUMAN, Source.ACCEPTED, Source.CHANGED, Source.CARRIED, Source.LOCKED})
"""Sources of what a person pressed; undo takes back these."""
FROM_FILES = frozenset({Source.IMPORTED, Source.WITHDRAWN})
"""Sources of what a file said, and of taking that back: nobody looked at a picture for it."""
TURNS = frozenset({Source.UNDO, Source.REDO, Source.WITHDRAWN})
"""Sources of events about an earlier event, their target."""


class RemarkKind(StrEnum):
    """What can be said of a picture beside its heads."""

    FLAG = "flag"
    NOTE = "note"


@dataclass(frozen=True)
class Remark:
    """A flag or a note on a picture, as an event has it.

    Attributes:
        kind: Which of them.
        text: The note exactly as written, or "yes" for a flag; "" takes it away.
    """

    kind: RemarkKind
    text: str = ""


@dataclass(frozen=True)
class PictureLabels:
    """What is known about one picture.

    Attributes:
        answers: Answer of each answered head; open heads are absent.
        excluded: Whether the picture was marked as showing nothing to label.
        seen: Whether anybody looked at it here; an answer given here implies it, an imported one does not.
        flagged: Whether somebody wants it looked at again.
        note: What somebody wrote about it, exactly; to be neutralised before it is shown.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    excluded: bool = False
    seen: bool = False
    flagged: bool = False
    note: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether somebody could not tell, or flagged it."""
        return self.flagged or Special.CANNOT_TELL in self.answers.values()

    def open_heads(self, schema: Schema) -> tuple[Head, ...]:
        """The heads that still want an answer; none where the picture is excluded."""
        if self.excluded:
            return ()
        return tuple(head for head in schema.heads if head.name not in self.answers)

    def complete(self, schema: Schema) -> bool:
        """Whether nothing is left to do: excluded, or every head answered."""
        return self.excluded or all(head.name in self.answers for head in schema.heads)


@dataclass(frozen=True)
class NewEvent:
    """An event that is to be recorded.

    Attributes:
        fingerprint: The picture's content, 32 hex digits.
        head: A head's name, or the exclusion's.
        answer: The answer; None clears.
        name: The picture's file name at that time, exactly as on disk.
        source: How it came about.
        suggested: What a model had suggested, if anything.
        seconds: Time that the person took.
        remark: A flag or a note; `head` is "" and `answer` None then.
        annotator: Who answered, where a file knows it; whoever opened the store where "".
    """

    fingerprint: str
    head: str
    answer: Answer | None
    name: str = ""
    source: Source = Source.HUMAN
    suggested: Answer | None = None
    seconds: float | None = None
    remark: Remark | None = None
    annotator: str = ""


@dataclass(frozen=True)
class Event:
    """An event that is on the disk.

    Attributes:
        id: Grows with time.
        at: When, in UTC.
        annotator: Who.
        fingerprint, head, answer, name, source, suggested, seconds, remark: As in `NewEvent`; `answer` (or
            `remark`) is what holds from here on, also for undo and redo. `head` is "" for "seen" and remarks.
        target: The id of the event that was taken back, or that a redo gave again.
    """

    id: int
    at: datetime
    annotator: str
    fingerprint: str
    head: str
    answer: Answer | None
    name: str
    source: Source
    suggested: Answer | None = None
    seconds: float | None = None
    remark: Remark | None = None
    target: int | None = None
