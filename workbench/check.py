"""A look through a whole bench: labels, pictures, near-duplicates, splits, cache. Nothing is changed unasked.

No repair takes a label away: what it mends are indexes, guards and caches. Everything else is listed for a
person, who knows which of two answers is right.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from workbench.annotation.integrity import KIND as LABELS
from workbench.annotation.integrity import examine_labels
from workbench.annotation.labels import PictureLabels
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.dataset.rows import damaged_rows
from workbench.dataset.split import read_splits
from workbench.errors import WorkbenchError
from workbench.files import file_error
from workbench.images.catalog import Catalog, Picture, ScanProgress
from workbench.images.duplicates import Look, look_at_all, near_pairs
from workbench.problem import Problem

MISSING, CHANGED, UNREADABLE = "missing pictures", "changed pictures", "unreadable pictures"
DIFFERENT, STRADDLING, SPLITS, CACHE = "unlike answers", "straddling splits", "splits", "cache"
_KINDS = (LABELS, MISSING, CHANGED, UNREADABLE, DIFFERENT, STRADDLING, SPLITS, CACHE)
_LEFTOVERS = (".bench.toml.*", ".splits.csv.*", ".suggestions.csv.*", "cache/catalog.*.db*")
_OLD_S = 3600.0
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class CheckReport:
    """What a look through a bench found.

    Attributes:
        pictures: Usable pictures.
        labelled: Pictures that have labels.
        problems: What is left to do, in the order of the rooms.
        repaired: What was put right.
    """

    pictures: int
    labelled: int
    problems: tuple[Problem, ...]
    repaired: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "pictures": self.pictures,
            "labelled": self.labelled,
            "problems": [one.to_dict() for one in self.problems],
            "repaired": [one.to_dict() for one in self.repaired],
        }


def check_bench(bench: Bench, *, apply: bool = False, told: Told = lambda *_: None) -> CheckReport:
    """Look through a bench.

    Args:
        bench: The bench.
        apply: Do the repairs that need no decision.
        told: Called with what is being done, how much of it is done, and of how much.

    Raises:
        StoreError: A repair of the labels was refused: locked, full or not writable.
    """
    problems = examine_labels(bench.labels_db, bench.schema)
    labels, names = _labels(bench, problems)
    pictures, looks = _pictures(bench, problems, told)
    problems += _orphans(labels, names, pictures)
    pairs = [(pictures[one], pictures[other]) for one, other in near_pairs(looks)]
    unlike = [pair for pair in pairs if pair[0].fingerprint != pair[1].fingerprint]
    problems += _unlike_answers(unlike, labels)
    problems += _splits(bench, unlike)
    problems += _cache(bench, told)
    repaired = _mend(problems) if apply else ()
    left = sorted((one for one in problems if one not in repaired), key=lambda one: _KINDS.index(one.kind))
    return CheckReport(len(pictures), len(labels), tuple(left), repaired)


def _labels(bench: Bench, problems: list[Problem]) -> tuple[dict[str, PictureLabels], dict[str, str]]:
    """All labels, and the last known name of each picture; none where they cannot be opened."""
    try:
        with closing(LabelStore(bench.labels_db, bench.schema, read_only=True)) as store:
            known = {mark: one for mark, one in store.all_labels().items() if _labelled(one)}
            return known, store.names()
    except WorkbenchError as error:
        problem = Problem(LABELS, error.where, error.what, error.cure)
        if problem not in problems:
            problems.append(problem)
        return {}, {}


def _labelled(labels: PictureLabels) -> bool:
    """Whether something would be lost with these."""
    return bool(labels.answers) or labels.excluded


def _pictures(bench: Bench, problems: list[Problem], told: Told) -> tuple[Sequence[Picture], Sequence[Look]]:
    """The pictures as they are now, each with a look at it."""

    def progress(at: ScanProgress) -> None:
        told("finding pictures", at.done, at.found)

    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        try:
            catalog.scan(progress)
        except WorkbenchError as error:
            problems.append(Problem(MISSING, error.where, error.what, error.cure))
            return (), ()
        cure = "put the file right, or leave it: it is not labelled and not trained on"
        problems += [Problem(UNREADABLE, one.name, one.reason, cure) for one in catalog.set_aside()]
        pictures = catalog.pictures()
        looks = look_at_all([catalog.path(one) for one in pictures], partial(told, "looking at pictures"))
    for picture, look in zip(pictures, looks, strict=True):
        if look.reason:
            problems.append(Problem(UNREADABLE, picture.name, look.reason, cure))
        elif look.fingerprint != picture.fingerprint:
            what = "its content is not what it was, though its size and time are"
            problems.append(Problem(CHANGED, picture.name, what, "put the right file back from a copy"))
    return pictures, looks


def _orphans(
    labels: Mapping[str, PictureLabels], names: Mapping[str, str], pictures: Sequence[Picture]
) -> Iterator[Problem]:
    """Labels whose picture is gone, or has other content now."""
    if not pictures:
        return
    here = {picture.fingerprint for picture in pictures}
    taken = {picture.name for picture in pictures}
    for mark in sorted(labels.keys() - here, key=lambda one: names.get(one, "")):
        name = names.get(mark, "")
        if name in taken:
            what = "its content is another one now; the labels of the earlier content are kept"
            yield Problem(CHANGED, name, what, "put the earlier file back, or label the new one")
        else:
            what = f"it has {len(labels[mark].answers)} answers, which are kept; the picture is gone"
            cure = "put it back under any name; if all were moved: workbench repoint BENCH --images DIR"
            yield Problem(MISSING, name, what, cure)


def _unlike_answers(
    pairs: Sequence[tuple[Picture, Picture]], labels: Mapping[str, PictureLabels]
) -> Iterator[Problem]:
    """Near-duplicates whose classes differ; an answer against "cannot tell" or none is no contradiction."""
    nothing = PictureLabels()
    for one, other in pairs:
        mine, theirs = (labels.get(picture.fingerprint, nothing) for picture in (one, other))
        differ = [
            f"{head} {answer} / {theirs.answers[head]}"
            for head, answer in mine.answers.items()
            if isinstance(answer, str)
            and isinstance(theirs.answers.get(head), str)
            and theirs.answers[head] != answer
        ]
        if _labelled(mine) and _labelled(theirs) and mine.excluded != theirs.excluded:
            differ.append("one of them is excluded")
        if differ:
            what = f"looks like {other.name}: {', '.join(differ)}"
            yield Problem(DIFFERENT, one.name, what, "look at both and correct one")


def _splits(bench: Bench, pairs: Sequence[tuple[Picture, Picture]]) -> Iterator[Problem]:
    """A damaged file of splits, and near-duplicates in different splits."""
    try:
        divisions = read_splits(bench.splits_file)
    except WorkbenchError as error:
        yield Problem(SPLITS, error.where, error.what, error.cure)
        return
    for name, division in divisions.items():
        for one, other in pairs:
            mine, theirs = (division.get(picture.fingerprint) for picture in (one, other))
            if mine and theirs and mine != theirs:
                what = f"is in {mine}, and {other.name}, which looks like it, in {theirs} ({name})"
                cure = "a test on one of them is too kind; remove one from the pictures"
                yield Problem(STRADDLING, one.name, what, cure)


def _cache(bench: Bench, told: Told) -> Iterator[Problem]:
    """Damaged pixels, and what interrupted commands left behind."""
    files = sorted(bench.cache_dir.glob("pixels-*.bin"))
    for number, path in enumerate(files):
        told("reading the cache", number, len(files))
        if damaged := damaged_rows(path):
            mend = partial(_remove, [path, path.with_suffix(".idx")])
            what = f"{damaged} of its pictures are damaged"
            yield Problem(CACHE, str(path), what, repair="remove it; it is made anew when needed", mend=mend)
    for pattern in _LEFTOVERS:
        for path in sorted(filter(_is_old, bench.root.glob(pattern))):
            what = "left behind by a command that was interrupted"
            yield Problem(CACHE, str(path), what, repair="remove it", mend=partial(_remove, [path]))


def _is_old(path: Path) -> bool:
    """Whether no command can be at work on it any more."""
    try:
        return time.time() - path.stat().st_mtime > _OLD_S
    except OSError:
        return False


def _remove(paths: Sequence[Path]) -> None:
    """Remove files that can be made anew."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise file_error(error, path) from error


def _mend(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Do every repair that there is; returns what was repaired."""
    mended = []
    for problem in problems:
        if problem.mend is not None:
            problem.mend()
            mended.append(problem)
    return tuple(mended)
