"""Which pictures come, and in which order: a queue as a person asks for it."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from workbench.annotation.labels import PictureLabels, Special
from workbench.images.catalog import Picture
from workbench.schema import Schema


class QueueKind(StrEnum):
    """What the pictures of a queue have in common."""

    ALL = "all"
    UNLABELLED = "unlabelled"
    HEAD_OPEN = "head open"
    CANNOT_TELL = "cannot tell"
    FLAGGED = "flagged"
    DISAGREEING = "disagreeing"
    CLASS = "class"


TO_LABEL = frozenset({QueueKind.ALL, QueueKind.UNLABELLED, QueueKind.HEAD_OPEN})
"""Queues that are worked off by answering; the others are looked through from the first to the last."""


class Order(StrEnum):
    """How the pictures of a queue follow each other."""

    NAME = "name"
    CHANCE = "chance"
    LIKENESS = "likeness"


@dataclass(frozen=True)
class QueueChoice:
    """A queue as a person asks for it.

    Attributes:
        kind: What its pictures have in common.
        head: For `HEAD_OPEN` and `CLASS`: the head.
        answer: For `CLASS`: the name of the class.
        text: Only pictures whose name holds this, capitals aside; "" for all.
        order: How they follow each other.
        seed: Another one gives another order by chance.
    """

    kind: QueueKind = QueueKind.ALL
    head: str = ""
    answer: str = ""
    text: str = ""
    order: Order = Order.NAME
    seed: int = 0

    @property
    def everything(self) -> bool:
        """Whether no picture is left out."""
        return self.kind is QueueKind.ALL and not self.text

    @property
    def plain(self) -> bool:
        """Whether it is all pictures by name."""
        return self.everything and self.order is Order.NAME

    @property
    def mark(self) -> str:
        """16 hex digits that tell queues apart, under which the place in each is kept."""
        parts = "\0".join(map(str, self.to_dict().values()))
        return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def title(self, schema: Schema) -> str:
        """The queue in words, such as "glasses: sunglasses, named “b”"; to be neutralised to be shown."""
        words = str(self.kind)
        if self.kind in (QueueKind.HEAD_OPEN, QueueKind.CLASS):
            head = schema.head(self.head)
            found = head.by_name(self.answer)
            words = f"{head.title} open"
            if self.kind is QueueKind.CLASS:
                words = f"{head.title}: {found.title if found else self.answer}"
        return f"{words}, named “{self.text}”" if self.text else words

    def order_title(self) -> str:
        """The order in words, such as "by chance 3"."""
        return f"by {self.order}" + (f" {self.seed}" if self.order is Order.CHANCE and self.seed else "")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind.value,
            "head": self.head,
            "answer": self.answer,
            "text": self.text,
            "order": self.order.value,
            "seed": self.seed,
        }

    @classmethod
    def from_dict(cls, table: Any, schema: Schema) -> Self:
        """What `to_dict` gave; the queue of all pictures where this is none, or of heads that are gone."""
        try:
            choice = cls(**table)
            choice = replace(choice, kind=QueueKind(choice.kind), order=Order(choice.order))
            named = choice.kind in (QueueKind.HEAD_OPEN, QueueKind.CLASS)
            head = schema.head(choice.head) if named and choice.head in schema.head_names else None
            gone = named and head is None
            if head is not None and choice.kind is QueueKind.CLASS:
                gone = head.by_name(choice.answer) is None
        except (TypeError, ValueError):
            return cls()
        return cls() if gone else choice


def select(
    pictures: Iterable[Picture],
    labels: Callable[[str], PictureLabels],
    choice: QueueChoice,
    schema: Schema,
    disagreeing: Collection[str] = frozenset(),
) -> list[Picture]:
    """The pictures of a queue as the labels are now, in the order given.

    Args:
        pictures: All, each content once.
        labels: A picture's labels by its fingerprint.
        choice: The queue.
        schema: The heads.
        disagreeing: Fingerprints of the pictures on which annotators differ.
    """
    belongs = _rule(choice, schema, disagreeing)
    text = choice.text.casefold()
    return [
        picture
        for picture in pictures
        if (not text or text in picture.name.casefold()) and belongs(picture, labels(picture.fingerprint))
    ]


def _rule(
    choice: QueueChoice, schema: Schema, disagreeing: Collection[str]
) -> Callable[[Picture, PictureLabels], bool]:
    """Whether a picture belongs to a queue of this kind."""
    rules: dict[QueueKind, Callable[[Picture, PictureLabels], bool]] = {
        QueueKind.ALL: lambda *_: True,
        QueueKind.UNLABELLED: lambda _, labels: not labels.complete(schema),
        QueueKind.HEAD_OPEN: lambda _, labels: not labels.excluded and choice.head not in labels.answers,
        QueueKind.CANNOT_TELL: lambda _, labels: Special.CANNOT_TELL in labels.answers.values(),
        QueueKind.FLAGGED: lambda _, labels: labels.flagged,
        QueueKind.DISAGREEING: lambda picture, _: picture.fingerprint in disagreeing,
        QueueKind.CLASS: lambda _, labels: labels.answers.get(choice.head) == choice.answer,
    }
    return rules[choice.kind]


def queue_choices(schema: Schema) -> tuple[QueueChoice, ...]:
    """Every queue that there is under a schema, in the order in which a person chooses among them."""
    kinds = (QueueKind.ALL, QueueKind.UNLABELLED)
    doubts = (QueueKind.CANNOT_TELL, QueueKind.FLAGGED, QueueKind.DISAGREEING)
    return (
        *map(QueueChoice, kinds),
        *(QueueChoice(QueueKind.HEAD_OPEN, head.name) for head in schema.heads),
        *map(QueueChoice, doubts),
        *(QueueChoice(QueueKind.CLASS, head.name, one.name) for head in schema.heads for one in head.classes),
    )


def queue_sizes(
    pictures: Iterable[Picture],
    labels: Callable[[str], PictureLabels],
    schema: Schema,
    disagreeing: Collection[str],
) -> dict[QueueChoice, int]:
    """How many pictures each of `queue_choices` has."""
    sizes = dict.fromkeys(queue_choices(schema), 0)
    known = {(choice.kind, choice.head, choice.answer): choice for choice in sizes}
    untouched = 0
    for picture in pictures:
        found, differs = labels(picture.fingerprint), picture.fingerprint in disagreeing
        if not (found.answers or found.excluded or found.flagged or differs):
            untouched += 1
            continue
        for belongs in _queues_of(found, schema, differs):
            if (choice := known.get(belongs)) is not None:
                sizes[choice] += 1
    for kind, head, _ in _queues_of(PictureLabels(), schema, disagreeing=False):
        sizes[known[kind, head, ""]] += untouched
    return sizes


def _queues_of(
    labels: PictureLabels, schema: Schema, disagreeing: bool
) -> Iterator[tuple[QueueKind, str, str]]:
    """Every queue that a picture belongs to."""
    yield QueueKind.ALL, "", ""
    open_heads = labels.open_heads(schema)
    if open_heads:
        yield QueueKind.UNLABELLED, "", ""
    for head in open_heads:
        yield QueueKind.HEAD_OPEN, head.name, ""
    marks = (
        (QueueKind.CANNOT_TELL, Special.CANNOT_TELL in labels.answers.values()),
        (QueueKind.FLAGGED, labels.flagged),
        (QueueKind.DISAGREEING, disagreeing),
    )
    for kind, has_it in marks:
        if has_it:
            yield kind, "", ""
    for name, answer in labels.answers.items():
        if isinstance(answer, str):
            yield QueueKind.CLASS, name, answer


def arrange(
    pictures: list[Picture], choice: QueueChoice, walk: Mapping[str, int] | None = None
) -> list[Picture]:
    """The pictures in the order that was asked for.

    Args:
        pictures: In the order of their names.
        choice: Order and seed. By chance each picture has its own number, so that one that joins later moves
            no other.
        walk: For `LIKENESS`: the place of each fingerprint; by name until that is known.
    """
    if choice.order is Order.CHANCE:
        return sorted(pictures, key=lambda picture: _lot(choice.seed, picture.fingerprint))
    if choice.order is Order.LIKENESS and walk is not None:
        last = len(walk)
        return sorted(pictures, key=lambda picture: walk.get(picture.fingerprint, last))
    return pictures


def _lot(seed: int, fingerprint: str) -> bytes:
    """A number drawn for a picture."""
    return hashlib.blake2b(f"{seed} {fingerprint}".encode(), digest_size=8).digest()
