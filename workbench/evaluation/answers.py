"""A network's answers for files: what they are, the CSV that they are written to, which files are meant."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.annotation.formats.cells import line, protect
from workbench.errors import Cancelled, InputError
from workbench.evaluation.growing import PART, growing
from workbench.images.decode import SUFFIXES
from workbench.images.walk import walk
from workbench.schema import Schema

if TYPE_CHECKING:
    from workbench.evaluation.overlay import Overlays

Answer = tuple[str, float]
"""The most probable class and its probability."""


@dataclass(frozen=True)
class Prediction:
    """What a network says about a file: an answer of each head, or the reason why there is none."""

    path: Path
    answers: Mapping[str, Answer]
    reason: str = ""


@dataclass(frozen=True)
class PredictResult:
    """What `predict_to_files` did."""

    output: Path
    predicted: int
    set_aside: tuple[tuple[str, str], ...]
    overlays: int
    seconds: float

    @property
    def pictures_per_second(self) -> float:
        """Decoding, answering and drawing together."""
        return self.predicted / self.seconds if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "output": str(self.output),
            "predicted": self.predicted,
            "set_aside": dict(self.set_aside),
            "overlays": self.overlays,
            "seconds": round(self.seconds, 3),
            "pictures_per_second": round(self.pictures_per_second, 2),
        }


def picture_files(images: Iterable[Path], output: Path) -> list[Path]:
    """The files that are meant, folders opened, each once.

    Args:
        images: Files and folders, as a person named them.
        output: Where the answers go; it must not be a picture.

    Raises:
        InputError: Nothing there, no pictures, or `output` cannot be meant.
    """
    found: dict[Path, None] = {}
    for path in images:
        if path.is_dir():
            found.update(
                (path / file.name, None) for file in sorted(walk(path).files, key=lambda one: one.name)
            )
        elif path.exists():
            found[path] = None
        else:
            raise InputError("no such picture or folder", where=path, cure="check the path")
    if not found:
        raise InputError("no pictures to answer for", cure="name pictures, or folders that hold some")
    if not output.absolute().parent.is_dir():
        raise InputError("no such folder", where=output.parent, cure="create it first")
    is_picture = output.suffix.lower() in SUFFIXES or output.resolve() in {path.resolve() for path in found}
    if is_picture or output.is_dir():
        raise InputError("would be overwritten", where=output, cure="name a CSV file after -o")
    return list(found)


def collect(
    predictions: Iterable[Prediction],
    total: int,
    schema: Schema,
    output: Path,
    overlay: Path | None,
    progress: Callable[[int, int], None] | None,
) -> PredictResult:
    """Write answers as they come, so that memory does not grow with their number.

    Args:
        predictions: One a picture.
        total: How many there will be.
        schema: The heads.
        output: The CSV file; until it is whole it is called `NAME.part`.
        overlay: A folder for drawn copies.
        progress: Called with (done, total) after each; a KeyboardInterrupt that it raises ends the work.

    Raises:
        Cancelled: Interrupted; the answers so far are in `NAME.part`.
        InputError: Not one picture could be read; nothing is written.
        WorkbenchError: Something cannot be written.
    """
    from workbench.evaluation.overlay import Overlays

    passed = _Passed(total, Overlays(overlay, schema) if overlay else None, progress)
    started = time.perf_counter()
    try:
        write_predictions(output, passed.through(predictions), schema)
    except (KeyboardInterrupt, Cancelled):
        part = output.with_name(output.name + PART)
        raise Cancelled(
            f"interrupted after {passed.done} of {total} pictures", cure=f"their answers are in {part}"
        ) from None
    seconds = time.perf_counter() - started
    drawn = passed.drawn.count if passed.drawn else 0
    return PredictResult(output, passed.done - len(passed.aside), tuple(passed.aside), drawn, seconds)


class _Passed:
    """What is known of predictions that have passed by.

    Attributes:
        done: How many.
        aside: Those without an answer, and why.
        drawn: The copies, if any are drawn.
    """

    def __init__(
        self, total: int, drawn: "Overlays | None", progress: Callable[[int, int], None] | None
    ) -> None:
        self.done, self.drawn = 0, drawn
        self.aside: list[tuple[str, str]] = []
        self._total, self._progress = total, progress

    def through(self, predictions: Iterable[Prediction]) -> Iterator[Prediction]:
        """The same predictions, each looked at when the one before it is written.

        Raises:
            InputError: They have all passed by and none had an answer.
        """
        for prediction in predictions:
            yield prediction
            self.done += 1
            if prediction.reason:
                self.aside.append((str(prediction.path), prediction.reason))
            elif self.drawn:
                self.drawn.add(prediction)
            if self._progress:
                self._progress(self.done, self._total)
        if len(self.aside) == self.done:
            raise InputError(
                f"none of the {self.done} pictures can be read; the first: {self.aside[0][1]}",
                where=self.aside[0][0],
            )


def write_predictions(path: Path, predictions: Iterable[Prediction], schema: Schema) -> None:
    """Write answers as CSV: file_name, for each head its class and `HEAD_probability`, and why one has none.

    Cells that a spreadsheet would run as a formula are made harmless.

    Raises:
        WorkbenchError: The file cannot be written; what was there before is untouched.
    """
    columns = [name for head in schema.head_names for name in (head, f"{head}_probability")]
    with growing(path) as file:
        file.write(line(protect(name) for name in ("file_name", *columns, "set_aside")))
        for one in predictions:
            file.write(line([protect(str(one.path)), *_cells(one, schema), protect(one.reason)]))


def _cells(prediction: Prediction, schema: Schema) -> Iterator[str]:
    """Class and probability of each head; empty for a picture that was set aside."""
    for head in schema.head_names:
        if head in prediction.answers:
            name, chance = prediction.answers[head]
            yield protect(name)
            yield f"{chance:.6f}"
        else:
            yield ""
            yield ""
