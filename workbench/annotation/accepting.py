"""Suggestions becoming answers: what a key makes of them, and what is put on record about it."""

from collections.abc import Mapping

from workbench.annotation.labels import Answer, NewEvent, PictureLabels, Source
from workbench.annotation.suggestions import Advice, Suggestion
from workbench.images.catalog import Picture
from workbench.schema import Schema


def provenance(
    advice: Advice, picture: Picture, labels: PictureLabels, head: str, answer: Answer
) -> tuple[Source, str | None]:
    """How an answer came about, and what was suggested.

    A suggestion that was held back is recorded too: an answer of source HUMAN with a suggestion is one that
    the suggestion could not have led. A head that is answered shows none, so a second answer has none.
    """
    if head in labels.answers:
        return Source.HUMAN, None
    if (one := advice.shown(picture.fingerprint).get(head)) is not None:
        return (Source.ACCEPTED if one.answer == answer else Source.CHANGED), one.answer
    held_back = advice.held_back(picture.fingerprint).get(head)
    return Source.HUMAN, held_back.answer if held_back is not None else None


def acceptance(
    picture: Picture, labels: PictureLabels, shown: Mapping[str, Suggestion], schema: Schema
) -> list[NewEvent]:
    """The events of ⏎: each open head of a picture that has a suggestion.

    Args:
        picture: The picture.
        labels: Its answers so far.
        shown: What is suggested, by head.
        schema: The heads.
    """
    heads = [head.name for head in labels.open_heads(schema) if head.name in shown]
    return [
        NewEvent(
            picture.fingerprint, head, shown[head].answer, picture.name, Source.ACCEPTED, shown[head].answer
        )
        for head in heads
    ]
