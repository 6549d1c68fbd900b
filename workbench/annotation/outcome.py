"""What a key did, for whoever shows it."""

from dataclasses import dataclass

NO_PICTURE = "there are no pictures yet"


@dataclass(frozen=True)
class Outcome:
    """What a key did.

    Attributes:
        saved: Whether an event is on the disk now.
        picture_changed: Whether another picture is to be drawn.
        message: What to tell the person, neutralised; "" for nothing.
        failed: Whether the store refused; `message` says why, and nothing was changed.
    """

    saved: bool = False
    picture_changed: bool = False
    message: str = ""
    failed: bool = False
