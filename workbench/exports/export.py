"""A run's network into files for other programs, each asked the test split before it is called good."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.cache import PixelCache
from workbench.dataset.table import Table
from workbench.errors import InputError, RunError, RunRefused
from workbench.evaluation.evaluate import evaluate_run
from workbench.evaluation.predict import Predictor
from workbench.evaluation.report import Evaluation, read_evaluation
from workbench.evaluation.silence import native_silence
from workbench.exports import card, labels
from workbench.exports.compare import Probabilities, ask, compare, verdict
from workbench.exports.folder import check_folder, new_folder, size_of
from workbench.exports.formats import Format
from workbench.exports.network import Exported, exported
from workbench.exports.result import ExportResult, FormatCheck
from workbench.training.data import cache_folder
from workbench.training.run import RunFolder

UNCHECKED = ".unchecked"
"""What the name of a file ends with whose answers differ too much."""
REPRESENTATIVE = 200
"""Pictures of the training split on which int8 measures ranges; more change the ranges little."""


def export_run(
    run: RunFolder,
    folder: Path,
    formats: Sequence[Format],
    *,
    pictures: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> ExportResult:
    """Write the best network of a run for other programs, with `labels.json` and `model_card.md`.

    Args:
        run: A run that has ended.
        folder: A new or empty folder; it appears when everything in it is written.
        formats: See `named_formats`.
        pictures: Compare the answers for so many pictures of the test split; 0 = all.
        progress: Called with (done, total) pictures asked.

    Returns:
        What each format is like. A file whose answers differ too much is kept with `.unchecked` after its
        name, so that nothing takes it by mistake.

    Raises:
        InputError: The folder cannot be used.
        RunError: There is no network, it does not fit, or the run is still training.
        WorkbenchError: The disk is full; nothing is left behind.
    """
    check_folder(folder)
    if run.alive():  # its network may be replaced at any moment
        raise RunRefused(f"the run is {run.state()}", where=run.name, cure="wait for its end, or stop it")
    predictor = Predictor(run)
    evaluation = _evaluation(run, progress)
    table = Table.load(run.data, predictor.schema)
    pixels = PixelCache(cache_folder(run), run.settings().dataset)
    try:
        work = _Export(predictor, table, pixels, pictures, len(formats), progress)
        with new_folder(folder) as staged:
            checks = tuple(work.write(one, staged) for one in formats)
            good = [one.format for one in checks if not one.reason]
            described = labels.describe(run, work.found, good)
            (staged / labels.FILE).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
            result = ExportResult(run.name, folder, work.split, len(work.asked), work.speed, checks)
            about = card.About(run, table, evaluation, described, work.found.parameters)
            (staged / card.FILE).write_text(card.text(about, result), encoding="utf-8", errors="replace")
    finally:
        pixels.close()
    return result


def _evaluation(run: RunFolder, progress: Callable[[int, int], None] | None) -> Evaluation:
    """The figures of every split: those beside the run, or measured now."""
    try:
        stored = read_evaluation(run)
    except RunError:
        stored = None  # damaged: measured again
    if stored is None or "test" not in stored.splits:
        return evaluate_run(run, progress=progress)
    return stored


class _Export:
    """The network, the pictures to ask and the answers that are wanted.

    Attributes:
        found: The network as it is written.
        split: Where the pictures are from: test, or validation where that is empty.
        asked: Their part of the table.
        speed: Pictures a second of the run's own network.
    """

    def __init__(
        self,
        predictor: Predictor,
        table: Table,
        pixels: PixelCache,
        pictures: int,
        formats: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.found: Exported = exported(predictor)
        self.split, chosen = _chosen(table, pictures)
        self._pixels, self._progress = pixels, progress
        self._done, self._total = 0, len(chosen) * (1 + formats)
        usable = self._usable(chosen)
        if not len(usable):
            raise InputError(
                f"not one picture of the {self.split} split can be read",
                where=predictor.path,
                cure="find them",
            )
        self.asked: Table = usable
        samples = self._usable(_drawn(table, REPRESENTATIVE))
        self._samples: NDArray[np.uint8] = pixels.read(samples.fingerprints)
        wanted, self.speed = ask(predictor.raw_answers, predictor.outputs, pixels, usable, self._tell)
        self._wanted: Probabilities = wanted

    def write(self, one: Format, staged: Path) -> FormatCheck:
        """Write one format and ask it."""
        path, module = staged / one.file, one.module()
        try:
            with native_silence():
                module.write(self.found.network, path, self._samples)
                answerer = module.load(path)
                answers, speed = ask(answerer, self.found.outputs, self._pixels, self.asked, self._tell)
            heads = compare(self._wanted, answers, self.asked)
        except OSError:
            raise
        except Exception as error:  # converters raise nearly anything on a layer that they do not know
            _remove(path)
            return FormatCheck(one, "", reason=_in_a_line(error))
        tolerance = one.tolerance(half=self.found.half)
        reason = verdict(heads, tolerance, len(self.asked))
        if reason:
            path = path.rename(path.with_name(path.name + UNCHECKED))
        return FormatCheck(one, path.name, size_of(path), speed, heads, str(tolerance), reason)

    def _usable(self, table: Table) -> Table:
        """Without pictures that cannot be read any more."""
        try:
            aside = self._pixels.ensure(table, lambda *_: self._tell(0))
        except InputError:  # not a single one
            return table.select(np.array([], dtype=np.intp))
        return table.without({one.fingerprint for one in aside})

    def _tell(self, pictures: int) -> None:
        """So many pictures more were asked."""
        self._done += pictures
        if self._progress:
            self._progress(self._done, self._total)


def _chosen(table: Table, pictures: int) -> tuple[str, Table]:
    """The split to ask and its pictures, the first ones where not all are wanted."""
    split = "test" if len(table.rows("test")) else "validation"
    rows = table.rows(split)
    return split, table.select(rows[:pictures] if pictures else rows)


def _drawn(table: Table, count: int) -> Table:
    """Pictures of the training split, drawn by chance but always the same."""
    rows = table.rows("train")
    if len(rows) > count:
        rows = np.sort(np.random.default_rng(0).choice(rows, count, replace=False))
    return table.select(rows)


def _remove(path: Path) -> None:
    """Half a file, or half a folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _in_a_line(error: Exception) -> str:
    """Why a converter gave up."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"cannot be written: {type(error).__name__}: {lines[0][:200] if lines else 'no cause was given'}"
