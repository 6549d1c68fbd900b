"""What the Label screen shows of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.annotation.counts import QueueProgress
from workbench.annotation.labels import Answer, PictureLabels
from workbench.annotation.progress import SessionProgress
from workbench.annotation.selection import QueueChoice
from workbench.annotation.suggestions import Suggestion
from workbench.images.catalog import Picture
from workbench.schema import Head

_NO_QUEUE = QueueProgress(QueueChoice(), 0, 0, None)


@dataclass(frozen=True)
class DeskView:
    """What the label screen shows; nothing in it changes.

    Attributes:
        picture: The picture to label; None where there is none.
        path: Where it lies.
        labels: Its labels.
        head: The active head.
        position: Its place in the queue, from 0.
        total: Pictures in the queue.
        progress: How much is done over all pictures, and how fast.
        ahead: The next pictures, to be drawn beforehand.
        copies: Whether other files hold the same picture.
        message: What the last step did, or why it was refused, in words.
        suggested: What a network suggests for the picture, by head; no answer before a key says so.
        saved: True if the last step was committed, False if refused, None where it had nothing to commit.
        queue: Which pictures come, and how far that is.
        passing: The head of a pass over one head; "" where all heads of a picture are asked.
        locks: The answer of each locked head.
    """

    picture: Picture | None
    path: Path | None
    labels: PictureLabels
    head: Head
    position: int
    total: int
    progress: SessionProgress
    ahead: tuple[tuple[Picture, Path], ...] = ()
    copies: bool = False
    message: str = ""
    saved: bool | None = None
    suggested: Mapping[str, Suggestion] = field(default_factory=dict)
    queue: QueueProgress = _NO_QUEUE
    passing: str = ""
    locks: Mapping[str, Answer] = field(default_factory=dict)
