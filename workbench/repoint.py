"""Pictures that lie elsewhere now: `bench.toml` is told, once it is sure that they are the same pictures."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.annotation.store import LabelStore
from workbench.bench import BENCH_FILE, Bench, images_entry
from workbench.errors import BenchError, ConfigError, InputError
from workbench.files import file_error, write_atomically
from workbench.images.catalog import Catalog, ScanProgress
from workbench.toml import line_of, read_toml

_IMAGES = re.compile(r"""(\s*["']?images["']?\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)""", re.DOTALL)


@dataclass(frozen=True)
class Repointed:
    """What was found in the new folder.

    Attributes:
        bench: The bench's folder.
        images: Where the pictures are looked for from now on.
        before: Where they were looked for.
        pictures: Usable pictures in the new folder.
        labelled: Pictures that have labels.
        found: Those of them that are in the new folder, by content.
    """

    bench: Path
    images: Path
    before: Path
    pictures: int
    labelled: int
    found: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        paths = {name: str(getattr(self, name)) for name in ("bench", "images", "before")}
        return {**vars(self), **paths}


def repoint(
    bench: Bench,
    images: Path,
    *,
    force: bool = False,
    progress: Callable[[ScanProgress], None] | None = None,
) -> Repointed:
    """Have a bench look for its pictures in another folder; doing it again with the old one takes it back.

    Args:
        bench: The bench; its `bench.toml` is rewritten in one line, everything else in it stays.
        images: The folder in which the pictures lie now.
        force: Also where none of the labelled pictures is there.
        progress: Told how far the look through the folder is.

    Raises:
        InputError: No such folder, no picture in it, or none of those that are labelled; nothing was changed.
        BenchError: The bench is read-only, or its `images` line cannot be replaced.
    """
    images = Path(os.path.abspath(images))  # noqa: PTH100 - a link to a disk is to stay one
    if not bench.writable:
        raise BenchError("the bench is read-only", where=bench.root, cure="make the folder writable")
    labelled = _labelled(bench)
    aside = bench.cache_dir / f"catalog.{os.getpid()}.db"
    try:
        with closing(Catalog(images, aside)) as catalog:
            catalog.scan(progress)
            there = {picture.fingerprint for picture in catalog.pictures()}
            count = catalog.count()
        found = len(labelled & there)
        if labelled and not found and not force:
            raise InputError(
                f"none of the {len(labelled)} labelled pictures is among the {count} in this folder",
                where=images,
                cure="name the folder that they were moved to, or use --force for other pictures",
            )
        _rewrite(bench, images)
        with suppress(OSError):  # what was read need not be read again; without it, it is
            aside.replace(bench.catalog_db)
    finally:
        for leftover in bench.cache_dir.glob(f"{aside.name}*"):
            leftover.unlink(missing_ok=True)
    return Repointed(bench.root, images, bench.images_root, count, len(labelled), found)


def _labelled(bench: Bench) -> set[str]:
    """The fingerprints of the pictures that have labels."""
    with closing(LabelStore(bench.labels_db, bench.schema, read_only=True)) as store:
        return {name for name, one in store.all_labels().items() if one.answers or one.excluded}


def _rewrite(bench: Bench, images: Path) -> None:
    """Replace the one line of `bench.toml`, comments and all else untouched."""
    path = bench.root / BENCH_FILE
    table, _ = read_toml(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise file_error(error, path) from error
    entry = images_entry(bench.root, images)
    lines = text.splitlines(keepends=True)
    number = line_of(text, ("images",))
    if number and (matched := _IMAGES.fullmatch(lines[number - 1])):
        lines[number - 1] = f"{matched[1]}{entry}{matched[3]}"
    written = "".join(lines)
    if not _says(written, {**table, **tomllib.loads(f"images = {entry}")}):
        raise ConfigError(
            "the line 'images' is written in a way that cannot be replaced",
            where=f"{path}:{number}",
            cure=f"write it by hand: images = {entry}",
        )
    write_atomically(path, written)


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a TOML text means this table."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff")) == wanted
    except tomllib.TOMLDecodeError:
        return False
