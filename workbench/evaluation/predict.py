"""Asking a trained network: probabilities of pictures, answers for files that need not be in the bench."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Cancelled, PictureError, RunError, RunRefused
from workbench.evaluation.answers import Answer, Prediction, PredictResult, collect, picture_files
from workbench.evaluation.model_file import load_network
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess
from workbench.model.registry import output_names
from workbench.training.host import usable_cores
from workbench.training.run import RunFolder
from workbench.training.tail import read_tail

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

_BATCH = 32
_MOST_WORKERS = 8


class Predictor:
    """The best network of a run.

    Args:
        run: A run with a `model.keras`.

    Attributes:
        schema: The schema that the network was trained with.
        size: Height and width in pixels of the pictures that it takes.
        blur_sigma: The Gaussian blur that they had in training.
        network: The network itself.
        outputs: What it calls the answers of each head.

    Raises:
        RunError: There is no network (says why and where the log is), it may not be loaded, or it does not
            fit the run's schema and size.
    """

    def __init__(self, run: RunFolder) -> None:
        self.schema = run.schema()
        dataset = run.settings().dataset
        self.size, self.blur_sigma = dataset.size, dataset.blur_sigma
        if not run.model.exists():
            raise _no_model(run)
        self.network = _load(run.model)
        self.outputs = output_names(self.schema)
        self.path = run.model
        self._check(run)

    def probabilities(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """The network's answers.

        Args:
            images: RGB, (N, size, size, 3), resized and blurred as in training.

        Returns:
            For each head float32 (N, K), rows that sum to 1.
        """
        answers = self.raw_answers(images)
        return {head: answers[name] for head, name in self.outputs.items()}

    def raw_answers(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """The same by the names of the network's outputs."""
        answers: Mapping[str, Any] = self.network.predict_on_batch(images)
        return {name: np.asarray(one, dtype=np.float32) for name, one in answers.items()}

    def answer(self, images: NDArray[np.uint8]) -> list[dict[str, Answer]]:
        """For each picture each head's most probable class."""
        found = self.probabilities(images)
        rows: list[dict[str, Answer]] = [{} for _ in images]
        for head in self.schema.heads:
            chances = found[head.name]
            for row, index in enumerate(chances.argmax(axis=1).tolist()):
                rows[row][head.name] = (head.classes[index].name, float(chances[row, index]))
        return rows

    def _check(self, run: RunFolder) -> None:
        """Refuse a network that belongs to other heads or another size."""
        import keras  # noqa: TID251 - here is where the evaluation predicts

        wanted = {self.outputs[head.name]: (None, len(head.classes)) for head in self.schema.heads}
        try:
            pictures = keras.KerasTensor((None, self.size, self.size, 3), dtype="uint8")
            answers = self.network.compute_output_spec(pictures)
            found = {name: tuple(one.shape) for name, one in answers.items()}
        except Exception:  # whatever Keras raises for pictures that do not fit
            found = {}
        if found != wanted:
            raise RunError(
                "the network's heads or picture size are not those of the run",
                where=run.model,
                cure="put back the model.keras that the run itself wrote",
            )


def _load(path: Path) -> "keras.Model":
    """Load a network for asking only."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    model = load_network(path)
    model.jit_compile = False  # XLA on a CPU takes longer to compile than to predict
    return model


def _no_model(run: RunFolder) -> RunRefused:
    """Why a run has no network, and where to read on."""
    state = run.state()
    if state.live:
        return RunRefused(
            f"the run has no network yet; it is {state}", where=run.name, cure="wait for its first epoch"
        )
    cause = read_tail(run.events).failure
    said = f"the run {state} before its first checkpoint" + (f": {cause}" if cause else "")
    return RunRefused(f"no network: {said}", where=run.name, cure=f"its log: {run.log}")


def predict_files(
    predictor: Predictor,
    paths: Iterable[Path],
    *,
    batch_size: int = _BATCH,
    workers: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Prediction]:
    """Answer every head for files, in their order, in flat memory.

    While the network answers a batch, threads decode the next one.

    Args:
        predictor: The network.
        paths: Picture files; one that cannot be read is answered with its reason.
        batch_size: Pictures at once.
        workers: Threads that decode; 0 = one a core, without the first, and at most 8.
        cancelled: Asked before each batch.

    Raises:
        Cancelled: `cancelled` said so.
    """

    def pixels(path: Path) -> NDArray[np.uint8] | str:
        try:
            return preprocess(decode(path), predictor.size, predictor.blur_sigma)
        except PictureError as error:
            return error.what

    rest = iter(paths)
    # As many threads as cores would take the interpreter from the one that feeds the network.
    threads = workers or min(_MOST_WORKERS, max(1, usable_cores() - 1))
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")

    def begin() -> list[tuple[Path, Future[NDArray[np.uint8] | str]]]:
        return [(path, pool.submit(pixels, path)) for path in islice(rest, batch_size)]

    try:
        batch = begin()
        while batch:
            if cancelled and cancelled():
                raise Cancelled("interrupted")
            ahead = begin()
            yield from _answered(predictor, [(path, waiting.result()) for path, waiting in batch])
            batch = ahead
    finally:
        pool.shutdown(cancel_futures=True)


def _answered(
    predictor: Predictor, batch: Sequence[tuple[Path, NDArray[np.uint8] | str]]
) -> Iterator[Prediction]:
    """The answers for a batch of pictures; text stands for one that could not be read."""
    good = [one for _, one in batch if not isinstance(one, str)]
    answers = iter(predictor.answer(np.stack(good)) if good else ())
    for path, one in batch:
        yield Prediction(path, {}, one) if isinstance(one, str) else Prediction(path, next(answers))


def predict_to_files(
    run: RunFolder,
    images: Iterable[Path],
    output: Path,
    *,
    overlay: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PredictResult:
    """Answer every head for pictures and folders of them; write a CSV and, if asked, drawn copies.

    Args:
        run: The run whose network answers.
        images: Files, and folders in which every picture is taken.
        output: The CSV file; until it is whole it is called `NAME.part`.
        overlay: A folder for copies with the answers drawn under them; made if it is not there.
        progress: Called with (done, total).
        cancelled: Asked before each batch.

    Raises:
        Cancelled: Interrupted, by `cancelled` or by `progress`; the answers so far are in `NAME.part`.
        InputError: No such picture, none that can be read, or `output` would overwrite one.
        RunError: See `Predictor`.
    """
    paths = picture_files(images, output)
    predictor = Predictor(run)
    predictions = predict_files(predictor, paths, cancelled=cancelled)
    return collect(predictions, len(paths), predictor.schema, output, overlay, progress)
