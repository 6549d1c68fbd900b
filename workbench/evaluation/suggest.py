"""Suggestions for a bench: a run's network is asked, or a file is read; the bench's file is written whole."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.annotation.labels import PictureLabels
from workbench.annotation.queue import PictureQueue
from workbench.annotation.suggestion_import import SuggestionPlan, plan_suggestions
from workbench.annotation.suggestions import SuggestedRow, Suggestions
from workbench.bench import Bench
from workbench.errors import Cancelled, InputError
from workbench.images.catalog import Picture
from workbench.schema import Schema
from workbench.training.run import RunFolder


@dataclass(frozen=True)
class SuggestResult:
    """What `suggest_with_run` did.

    Attributes:
        source: The run's name.
        file: Where the suggestions are.
        asked: Pictures that the network was asked about.
        known: Pictures that this network had answered before, and that were not asked about again.
        answers: Suggestions that were written for those asked about.
        set_aside: Name and reason of each picture that could not be read.
        seconds: Duration.
    """

    source: str
    file: str
    asked: int
    known: int
    answers: int
    set_aside: tuple[tuple[str, str], ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "set_aside": dict(self.set_aside), "seconds": round(self.seconds, 3)}


def suggest_with_run(
    bench: Bench,
    run: RunFolder,
    pictures: Sequence[Picture],
    labels: Mapping[str, PictureLabels],
    *,
    everything: bool = False,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SuggestResult:
    """Ask a run's network about every open head; pictures that it answered already are not asked about again.

    Args:
        bench: Where the suggestions go; those of other pictures stay.
        run: The run.
        pictures: The bench's pictures.
        labels: By fingerprint.
        everything: Whether heads that are answered get suggestions too.
        progress: Called with (done, total).
        cancelled: Asked before each batch.

    Raises:
        InputError: The network answers other heads or classes than the bench's.
        RunError: See `Predictor`.
        Cancelled: What was answered until then is written.
    """
    started = time.perf_counter()
    check_fits(run.schema(), bench.schema, run.name)
    before = known_suggestions(bench)
    wanted = _wanted(bench.schema, run.schema(), pictures, labels, everything)
    fresh = _fresh(before, run)
    todo = [one for one in wanted if not (one[0].fingerprint in fresh and _covers(before, *one))]
    found: list[SuggestedRow] = []
    aside: list[tuple[str, str]] = []
    try:
        _ask(bench, run, todo, found, aside, progress, cancelled)
    except (Cancelled, KeyboardInterrupt) as error:
        write_suggestions(bench, before, found, pictures)
        raise Cancelled(
            f"interrupted; {len(found)} of {len(todo)} pictures have suggestions now",
            cure="the same command goes on from there",
        ) from error
    write_suggestions(bench, before, found, pictures)
    return SuggestResult(
        run.name,
        str(bench.suggestions_file),
        len(todo),
        len(wanted) - len(todo),
        sum(len(row.answers) for row in found),
        tuple(aside),
        time.perf_counter() - started,
    )


def suggest_from_file(bench: Bench, path: Path, pictures: Sequence[Picture]) -> SuggestionPlan:
    """Take the suggestions of a file; those of other pictures stay.

    Raises:
        ImportRefused: The file is of other heads or classes; nothing is written.
        WorkbenchError: The suggestions cannot be written.
    """
    plan = plan_suggestions(path, bench.schema, pictures, bench.images_root, now())
    write_suggestions(bench, known_suggestions(bench), plan.accepted, pictures)
    return plan


def known_suggestions(bench: Bench) -> Suggestions:
    """The bench's suggestions; none where they are of other heads, for then they are made anew."""
    try:
        return Suggestions.read(bench.suggestions_file, bench.schema)
    except InputError:
        return Suggestions(bench.schema)


def write_suggestions(
    bench: Bench, before: Suggestions, found: Iterable[SuggestedRow], pictures: Iterable[Picture]
) -> None:
    """Write what is suggested now, and what was suggested before for other pictures that are still there.

    Raises:
        WorkbenchError: The place cannot be written; the earlier file is as it was.
    """
    present = {picture.fingerprint for picture in pictures}
    kept = [before.row(one) for one in before.fingerprints() if one in present]
    Suggestions(bench.schema, [*kept, *found]).write(bench.suggestions_file)


def check_fits(theirs: Schema, ours: Schema, run: str) -> None:
    """Refuse a network whose answers mean nothing on this bench.

    Raises:
        InputError: It has no head of ours, or a head with other classes.
    """
    shared = [head for head in theirs.heads if head.name in ours.head_names]
    if not shared:
        heads = ", ".join(theirs.head_names)
        raise InputError(
            f"the network answers other heads than the bench's: {heads}",
            where=run,
            cure="take a run of this bench: workbench runs BENCH",
        )
    for head in shared:
        known = [one.name for one in ours.head(head.name).classes]
        if strange := next((one.name for one in head.classes if one.name not in known), None):
            raise InputError(
                f"the network knows a class of {head.name} that the bench does not: {strange}",
                where=run,
                cure="train a run with the bench's present heads",
            )


def now() -> str:
    """The time in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


_Wanted = tuple[Picture, tuple[str, ...]]


def _wanted(
    ours: Schema,
    theirs: Schema,
    pictures: Sequence[Picture],
    labels: Mapping[str, PictureLabels],
    everything: bool,
) -> list[_Wanted]:
    """Each picture with the heads that want a suggestion, where there are any."""
    nothing, queue, found = PictureLabels(), PictureQueue(pictures), []
    for picture in queue:
        known = labels.get(picture.fingerprint, nothing)
        heads = ours.heads if everything else known.open_heads(ours)
        names = tuple(head.name for head in heads if head.name in theirs.head_names)
        if names:
            found.append((picture, names))
    return found


def _fresh(before: Suggestions, run: RunFolder) -> set[str]:
    """The pictures whose suggestions this very network made."""
    try:
        since = datetime.fromtimestamp(run.model.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except OSError:
        return set()
    rows = map(before.row, before.fingerprints())
    return {row.fingerprint for row in rows if row.source == run.name and row.made >= since}


def _covers(before: Suggestions, picture: Picture, heads: tuple[str, ...]) -> bool:
    """Whether every head that wants a suggestion has one."""
    known = before.of(picture.fingerprint)
    return all(head in known for head in heads)


def _ask(
    bench: Bench,
    run: RunFolder,
    todo: Sequence[_Wanted],
    found: list[SuggestedRow],
    aside: list[tuple[str, str]],
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    """Ask the network; what it says is appended as it comes."""
    from workbench.evaluation.predict import Predictor, predict_files

    if not todo:
        return
    predictor, made = Predictor(run), now()
    paths = [bench.images_root / picture.name for picture, _ in todo]
    predictions = predict_files(predictor, paths, cancelled=cancelled)
    for done, ((picture, heads), prediction) in enumerate(zip(todo, predictions, strict=True), 1):
        if prediction.reason:
            aside.append((picture.name, prediction.reason))
        else:
            answers = {head: prediction.answers[head] for head in heads}
            found.append(SuggestedRow(picture.fingerprint, answers, run.name, made))
        if progress:
            progress(done, len(todo))
