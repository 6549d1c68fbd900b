"""What a person chose by key, kept for each kind of terminal in their own configuration."""

import json
from pathlib import Path

import platformdirs

from workbench.files import file_error, write_atomically

_FILE = "terminals.json"


def memory_file() -> Path:
    """Where the choices are kept."""
    return Path(platformdirs.user_config_path("workbench")) / _FILE


def recall(term: str, file: Path | None = None) -> str:
    """The way that was chosen on a terminal of this `TERM`; "" where there is none."""
    found = _read(file or memory_file()).get(term)
    return found if isinstance(found, str) else ""


def remember(term: str, way: str, file: Path | None = None) -> None:
    """Keep a choice.

    Raises:
        WorkbenchError: It cannot be written.
    """
    file = file or memory_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise file_error(error, file.parent) from error
    write_atomically(file, json.dumps({**_read(file), term: way}, indent=1, sort_keys=True))


def _read(file: Path) -> dict[str, object]:
    """All choices; none where the file is missing or damaged."""
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}
