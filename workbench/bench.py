"""A bench on disk: a folder that holds everything the workbench knows. Every path in it is named here, once.

mybench/
  bench.toml   which pictures, which schema, the settings that differ from the defaults
  labels.db    every label ever given
  splits.csv   which picture belongs to training, validation or test, for good
  suggestions.csv  what a network or a file suggests for pictures, if anything
  cache/       may be thrown away at any time
  runs/        one folder a training run
  studies/     one database a study of many runs (`workbench sweep`)
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from workbench.config import Settings, load_settings
from workbench.errors import BenchError, ConfigError
from workbench.files import file_error, write_atomically
from workbench.keys import KeyChoice, read_keys
from workbench.person import refuse_in_bench
from workbench.schema import Schema, load_schema
from workbench.toml import line_of, read_toml, suggestion, validate

BENCH_VERSION = 1
BENCH_FILE = "bench.toml"
SCHEMA_FILE = "schema.toml"
_KEYS = ("version", "images", "schema", "settings")


@dataclass(frozen=True)
class Bench:
    """An opened bench.

    Attributes:
        root: The bench's folder, absolute.
        images_root: The folder of the pictures, absolute; they are never changed or moved.
        schema: The heads that are labelled.
        settings_table: The bench's own settings, under every preset.
        writable: Whether labels, splits and runs can be written.
        keys: Keys that `[settings.keys]` gives to commands.
    """

    root: Path
    images_root: Path
    schema: Schema
    settings_table: Mapping[str, Any] = field(default_factory=dict)
    writable: bool = True
    keys: tuple[KeyChoice, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name, for the screen's header."""
        return self.root.name

    @property
    def labels_db(self) -> Path:
        """Every label event."""
        return self.root / "labels.db"

    @property
    def splits_file(self) -> Path:
        """The split of each picture, by fingerprint; kept so that it never changes as pictures are added."""
        return self.root / "splits.csv"

    @property
    def suggestions_file(self) -> Path:
        """What a network, or somebody's file, suggests for pictures; may be made anew."""
        return self.root / "suggestions.csv"

    @property
    def cache_dir(self) -> Path:
        """What can be made anew."""
        return self.root / "cache"

    @property
    def catalog_db(self) -> Path:
        """The list of pictures with their fingerprints."""
        return self.cache_dir / "catalog.db"

    @property
    def runs_dir(self) -> Path:
        """One folder a training run."""
        return self.root / "runs"

    @property
    def studies_dir(self) -> Path:
        """One database a study, and the lock of whoever works on it."""
        return self.root / "studies"

    def settings(self, name_or_path: str | Path | None = None, overrides: Sequence[str] = ()) -> Settings:
        """The settings of a preset on this bench.

        Raises:
            ConfigError: See `config.load_settings`.
        """
        return load_settings(name_or_path, overrides, self.settings_table, self.root)

    @classmethod
    def create(cls, root: Path, *, images: Path, schema: str | Path = "face") -> "Bench":
        """Make a bench.

        Args:
            root: A folder that does not exist yet, is empty, or holds nothing but the pictures' folder.
            images: The folder of the pictures.
            schema: A schema's name or the path of its TOML file; it is copied into the bench.

        Raises:
            BenchError: `root` is in use, or cannot be written; or `images` is no folder.
            ConfigError: The schema is wrong.
        """
        root, images = root.absolute(), images.absolute()
        if (root / BENCH_FILE).exists():
            raise BenchError("is a bench already", where=root, cure=f"open it with: workbench {root}")
        in_use = root.is_dir() and any(not images.is_relative_to(child) for child in root.iterdir())
        if in_use or (root.exists() and not root.is_dir()):
            raise BenchError(
                "exists and is not an empty folder", where=root, cure="name a new folder for the bench"
            )
        if not images.is_dir():
            raise BenchError("no such folder of pictures", where=images, cure="check the path after --images")
        loaded = load_schema(schema)
        source = Path(schema)
        lines = [
            "# A workbench bench. Paths are absolute, or relative to this file.",
            f"version = {BENCH_VERSION}",
            f"images = {images_entry(root, images)}",
        ]
        is_file = source.is_file() and (source.suffix == ".toml" or len(source.parts) > 1)
        lines.append(f"schema = {_toml_string(SCHEMA_FILE if is_file else str(schema))}")
        lines += ["", "[settings]", "# what differs from the defaults, such as:", "# dataset.size = 160", ""]
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _as_bench_error(error, root) from error
        if is_file:
            write_atomically(root / SCHEMA_FILE, source.read_bytes())
        write_atomically(root / BENCH_FILE, "\n".join(lines))
        return cls(root, images, loaded, {}, True)

    @classmethod
    def open(cls, root: Path) -> "Bench":
        """Open a bench.

        Raises:
            BenchError: No such folder, no bench, or one of a newer version.
            ConfigError: A mistake in `bench.toml`, with its line.
        """
        root = root.absolute()
        if not root.exists():
            raise BenchError(
                "no such folder", where=root, cure=f"make a bench: workbench init {root} --images DIR"
            )
        if not (root / BENCH_FILE).is_file():
            raise BenchError(
                "is no bench", where=root, cure=f"make one: workbench init NEW_FOLDER --images {root}"
            )
        table, text = read_toml(root / BENCH_FILE)
        _check(table, root / BENCH_FILE, text)
        images = Path(table["images"])
        schema_entry = str(table["schema"])
        local = root / schema_entry
        schema = load_schema(local if schema_entry.endswith(".toml") else schema_entry)
        settings = dict(table.get("settings", {}))
        refuse_in_bench(settings, root / BENCH_FILE, text)
        keys = read_keys(settings.pop("keys", {}), root / BENCH_FILE, text, ("settings", "keys"))
        validate(_SettingsTable, {"settings": settings}, where=root / BENCH_FILE, text=text)
        return cls(
            root,
            images if images.is_absolute() else root / images,
            schema,
            settings,
            os.access(root, os.W_OK),
            keys,
        )


class _SettingsTable(BaseModel):
    """The settings as they stand in `bench.toml`, so that a mistake is found with its line."""

    settings: Settings


def _check(table: Mapping[str, Any], path: Path, text: str) -> None:
    """Refuse a bench.toml of a newer version, with unknown keys, or with values of the wrong type."""
    version = table.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise ConfigError(
            "the key 'version' is missing or no whole number", where=path, cure=f"version = {BENCH_VERSION}"
        )
    if version > BENCH_VERSION:
        raise BenchError(
            f"the bench has version {version}; this program knows {BENCH_VERSION}",
            where=path,
            cure="update workbench",
        )
    for key in table:
        if key not in _KEYS:
            place = f"{path}:{line_of(text, (key,))}"
            raise ConfigError(f"unknown key {key!r}", where=place, cure=suggestion(key, _KEYS))
    for key in ("images", "schema"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise ConfigError(
                f"the key {key!r} is missing or no text", where=path, cure="see bench.toml of a new bench"
            )
    if not isinstance(table.get("settings", {}), Mapping):
        raise ConfigError("'settings' must be a table", where=path)


def images_entry(root: Path, images: Path) -> str:
    """How the folder of pictures stands in `bench.toml`: relative where it lies in the bench, else absolute.

    Raises:
        BenchError: The path cannot be written as UTF-8.
    """
    inside = images.resolve().is_relative_to(root.resolve())
    return _toml_string(os.path.relpath(images, root) if inside else str(images))


def _toml_string(text: str) -> str:
    """A TOML basic string, whatever stands in the path."""
    escaped = "".join(
        f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else "\\" + c if c in '\\"' else c for c in text
    )
    try:
        entry = f'"{escaped}"'
        tomllib.loads(f"value = {entry}")
        entry.encode()
    except (tomllib.TOMLDecodeError, UnicodeEncodeError) as error:
        raise BenchError(
            "a path that cannot be written down as UTF-8", where=text, cure="rename that folder"
        ) from error
    return entry


def _as_bench_error(error: OSError, path: Path) -> BenchError:
    """The operating system's refusal as a bench's."""
    problem = file_error(error, path)
    return BenchError(problem.what, where=path, cure=problem.cure)
