"""Keys that a person gave to commands: `[settings.keys]` of a bench over `keys.toml` of the person.

Which commands and keys there are, the screens know; `tui/keymap.py` checks these against them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import platformdirs

from workbench.errors import ConfigError
from workbench.files import file_error
from workbench.text import neutralise
from workbench.toml import line_of, read_toml

_FORM = 'a key or a list of keys, such as "z" or ["u", "ctrl+z"]; [] for none'
_MOST, _DEEPEST = 8, 3


@dataclass(frozen=True)
class KeyChoice:
    """The keys of one command.

    Attributes:
        command: Its id, after a screen and a dot where it is meant on that screen only.
        keys: As written; empty for none.
        place: File and line, for messages.
    """

    command: str
    keys: tuple[str, ...]
    place: str


def user_keys_file() -> Path:
    """Where a person's own keys stand, for every bench."""
    return Path(platformdirs.user_config_path("workbench")) / "keys.toml"


def load_user_keys(path: Path | None = None) -> tuple[KeyChoice, ...]:
    """The person's own keys; none where there is no such file.

    Raises:
        ConfigError: It cannot be read, or something in it is no key.
    """
    path = path or user_keys_file()
    try:
        if not path.exists():
            return ()
    except OSError as error:
        problem = file_error(error, path)
        raise ConfigError(problem.what, where=path, cure=problem.cure) from error
    table, text = read_toml(path)
    return read_keys(table, path, text, ())


def read_keys(table: Any, where: Path, text: str, location: tuple[str, ...]) -> tuple[KeyChoice, ...]:
    """The keys in a table of TOML.

    Args:
        table: Command → key or list of keys.
        where: The file.
        text: Its text, for line numbers.
        location: The table's place in the file.

    Raises:
        ConfigError: Something in it is no key; with file and line.
    """
    if not isinstance(table, Mapping):
        place = _place(where, text, location)
        raise ConfigError("'keys' must be a table", where=place, cure='[settings.keys], then undo = "z"')
    found: list[KeyChoice] = []
    for command, value in table.items():
        if isinstance(value, Mapping) and len(location) < _DEEPEST:  # of one screen
            inner = read_keys(value, where, text, (*location, command))
            found += (replace(one, command=f"{command}.{one.command}") for one in inner)
            continue
        place = _place(where, text, (*location, command))
        keys = [value] if isinstance(value, str) else value
        if not isinstance(keys, list) or len(keys) > _MOST or not all(isinstance(k, str) and k for k in keys):
            received = neutralise(repr(value), 60)
            raise ConfigError(f"{command}: expected {_FORM}; received {received}", where=place)
        found.append(KeyChoice(command, tuple(keys), place))
    return tuple(found)


def _place(where: Path, text: str, location: tuple[str, ...]) -> str:
    """File and line of a key, or of the table that it stands in."""
    line = line_of(text, location) or line_of(text, location[:-1])
    return f"{where}:{line}" if line else str(where)
