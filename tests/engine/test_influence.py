"""What became of suggestions: counted on events, with figures that one can check by hand."""

from datetime import UTC, datetime

import pytest

from workbench.annotation.labels import Answer, Event, Source, Special
from workbench.evaluation.influence import influence
from workbench.schema import Schema


class Log:
    """Events as the store would have them."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(
        self,
        source: Source,
        picture: int,
        answer: Answer | None = None,
        suggested: Answer | None = None,
        *,
        head: str = "glasses",
        target: int | None = None,
        who: str = "ana",
        seconds: float | None = 1.0,
    ) -> int:
        """Append one; returns its id."""
        id_ = len(self.events) + 1
        self.events.append(
            Event(
                id=id_,
                at=datetime.now(UTC),
                annotator=who,
                fingerprint=str(picture),
                head=head,
                answer=answer,
                name="",
                source=source,
                suggested=suggested,
                seconds=seconds,
                target=target,
            )
        )
        return id_


def test_shares_of_seen_and_held_back_suggestions(face_schema: Schema) -> None:
    log = Log()
    for picture in range(9):
        log.add(Source.ACCEPTED, picture, "none", "none", seconds=0.5)
    log.add(Source.CHANGED, 9, "normal", "none", seconds=4.0)
    for picture in range(10, 16):
        log.add(Source.HUMAN, picture, "none", "none" if picture < 13 else "normal", seconds=2.0)
    log.add(Source.HUMAN, 20, "none")
    log.add(Source.IMPORTED, 21, "none")
    found = influence(log.events, face_schema)
    glasses = found["glasses"]
    assert (glasses.accepted, glasses.changed, glasses.agreed, glasses.differed) == (9, 1, 3, 3)
    assert (glasses.shown, glasses.hidden) == (0.9, 0.5)
    assert (glasses.seconds_shown, glasses.seconds_hidden) == (0.5, 2.0)
    assert found["all"].to_dict() == glasses.to_dict()
    assert (found["wrinkles"].shown, found["wrinkles"].difference) == (None, None)
    # Newcombe 1998, method 10, worked by hand: Wilson 9/10 = .596 … .982, 3/6 = .188 … .812
    assert glasses.difference is not None
    shift, low, high = glasses.difference
    assert shift == pytest.approx(0.4)
    assert low == pytest.approx(0.4 - (0.304**2 + 0.312**2) ** 0.5, abs=2e-3)
    assert high == pytest.approx(0.4 + (0.082**2 + 0.312**2) ** 0.5, abs=2e-3)


def test_only_what_still_holds_is_counted(face_schema: Schema) -> None:
    log = Log()
    first = log.add(Source.ACCEPTED, 1, "none", "none")
    log.add(Source.UNDO, 1, None, target=first)
    second = log.add(Source.ACCEPTED, 2, "none", "none")
    log.add(Source.UNDO, 2, None, target=second)
    log.add(Source.REDO, 2, "none", target=second)
    log.add(Source.ACCEPTED, 3, "none", "none")
    log.add(Source.CHANGED, 3, "normal", "none")
    log.add(Source.CHANGED, 3, Special.CANNOT_TELL, "none", who="ben")
    log.add(Source.ACCEPTED, 4, "none", "none")
    log.add(Source.HUMAN, 4, None)
    glasses = influence(log.events, face_schema)["glasses"]
    assert (glasses.accepted, glasses.changed) == (1, 2)


def test_a_later_correction_counts_against_the_suggestion_that_there_was(face_schema: Schema) -> None:
    log = Log()
    log.add(Source.ACCEPTED, 1, "none", "none")
    log.add(Source.HUMAN, 1, "normal")
    log.add(Source.CHANGED, 2, "normal", "none")
    log.add(Source.HUMAN, 2, "none")
    log.add(Source.HUMAN, 3, "none", "normal")
    log.add(Source.HUMAN, 3, "normal")
    log.add(Source.HUMAN, 4, "none")
    glasses = influence(log.events, face_schema)["glasses"]
    assert (glasses.accepted, glasses.changed, glasses.agreed, glasses.differed) == (1, 1, 1, 0)


def test_nothing_is_reported_of_nothing(face_schema: Schema) -> None:
    found = influence([], face_schema)
    assert set(found) == {*face_schema.head_names, "all"}
    assert found["all"].to_dict()["agreement_shown"] is None
