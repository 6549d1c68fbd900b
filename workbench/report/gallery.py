"""Pictures for a report: those about which the network is most surely wrong, or any, as small JPEGs.

A run keeps no answers, so its network is asked anew. Faces are personal data: nothing of this happens unless
it is asked for.
"""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from workbench.bench import Bench
from workbench.dataset.table import MASKED, SPLITS, Table
from workbench.errors import PictureError, RunError, WorkbenchError
from workbench.evaluation.answers import Prediction
from workbench.images.decode import thumbnail
from workbench.schema import Schema
from workbench.training.run import RunFolder

_SIDE = 168
"""Pixels of a thumbnail's longer side."""
_QUALITY = 78


@dataclass(frozen=True)
class HeadAnswer:
    """What the network says of a picture about a head; `truth` is "" where the picture has no label."""

    head: str
    truth: str
    answer: str
    probability: float

    @property
    def wrong(self) -> bool:
        """Whether there is a label, and it is another one."""
        return bool(self.truth) and self.truth != self.answer


@dataclass(frozen=True)
class Shown:
    """One picture.

    Attributes:
        name: Its path in the folder of pictures.
        answers: Of each head.
        jpeg: The thumbnail; empty where there is none.
        reason: Why there is none.
    """

    name: str
    answers: tuple[HeadAnswer, ...]
    jpeg: bytes = b""
    reason: str = ""

    @property
    def uri(self) -> str:
        """The thumbnail as an address that holds it."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}"

    @property
    def worst(self) -> float:
        """The probability that the network gives its surest mistake; 0 for a picture without any."""
        return max((one.probability for one in self.answers if one.wrong), default=0.0)


@dataclass(frozen=True)
class Gallery:
    """Pictures of a split.

    Attributes:
        split: Which one.
        at_random: Whether they are any, not the worst mistakes.
        asked: How many pictures the network was asked.
        mistakes: How many of those have at least one mistake.
        shown: The pictures.
        lost: Pictures that could not be read, and why.
    """

    split: str
    at_random: bool
    asked: int
    mistakes: int
    shown: tuple[Shown, ...]
    lost: tuple[tuple[str, str], ...] = ()


def choose_pictures(
    run: RunFolder, count: int, *, at_random: bool = False, progress: Callable[[int, int], None] | None = None
) -> Gallery:
    """Ask the run's network about a split and choose pictures of it.

    Args:
        run: A run with a network.
        count: How many pictures to show at the most.
        at_random: Any pictures (the same each time), not those with the surest mistakes.
        progress: Called with (done, total) pictures.

    Raises:
        RunError: There is no network, or it does not fit; or the table of pictures is damaged or not divided.
    """
    from workbench.evaluation.predict import Predictor, predict_files

    schema = run.schema()
    table = Table.load(run.data, schema)
    if table.splits is None:
        raise RunError("the run's table is not divided", where=run.data, cure="the file is damaged")
    split = next((one for one in reversed(SPLITS) if len(table.rows(one))), "test")
    rows = table.rows(split)
    if at_random and len(rows) > count:
        drawn = np.random.default_rng(run.settings().training.seed).choice(rows, count, replace=False)
        rows = np.sort(drawn)
    paths = [_place(run, table, int(row)) for row in rows]
    found, lost = [], []
    for done, (row, one) in enumerate(zip(rows, predict_files(Predictor(run), paths), strict=True), 1):
        if one.reason:
            lost.append((table.names[row], one.reason))
        else:
            found.append((one.path, _shown(schema, table, int(row), one)))
        if progress:
            progress(done, len(rows))
    wrong = [pair for pair in found if pair[1].worst]
    chosen = found if at_random else sorted(wrong, key=lambda pair: -pair[1].worst)[:count]
    return Gallery(split, at_random, len(rows), len(wrong), _drawn(chosen), tuple(lost))


def _place(run: RunFolder, table: Table, row: int) -> Path:
    """Where a picture lies now: as when the run was made, or in the folder of the bench around it."""
    noted = Path(table.paths[row])
    if noted.exists():
        return noted
    try:
        moved = Bench.open(run.root.absolute().parent.parent).images_root / table.names[row]
    except WorkbenchError:
        return noted
    return moved if moved.exists() else noted


def _shown(schema: Schema, table: Table, row: int, one: Prediction) -> Shown:
    """A picture's answers beside its labels."""
    answers = []
    for head in schema.heads:
        code = int(table.codes[head.name][row])
        truth = "" if code == MASKED else head.classes[code].name
        answers.append(HeadAnswer(head.name, truth, *one.answers[head.name]))
    return Shown(table.names[row], tuple(answers))


def _drawn(chosen: Sequence[tuple[Path, Shown]]) -> tuple[Shown, ...]:
    """The same with their thumbnails."""
    drawn = []
    for path, one in chosen:
        try:
            drawn.append(Shown(one.name, one.answers, jpeg(path)))
        except PictureError as error:
            drawn.append(Shown(one.name, one.answers, reason=error.what))
    return tuple(drawn)


def jpeg(path: Path) -> bytes:
    """A small copy of a picture, with nothing of its metadata.

    Raises:
        PictureError: It cannot be read.
    """
    file = io.BytesIO()
    Image.fromarray(thumbnail(path, (_SIDE, _SIDE))).save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()
