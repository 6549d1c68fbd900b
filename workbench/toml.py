"""Reading TOML that a person wrote, every mistake answered with file, line, key and nearest name."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from workbench.errors import ConfigError
from workbench.files import file_error
from workbench.text import neutralise

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]
_MAX_BYTES = 1 << 20


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Read a TOML file.

    Returns:
        The table, and the text, in which `line_of` finds a key again.

    Raises:
        ConfigError: Not there, too large for a settings file, not UTF-8, or not TOML (with line and column).
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b"\0" * (_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError("no such file", where=path, cure="check the path") from error
    except OSError as error:
        problem = file_error(error, path)
        raise ConfigError(problem.what, where=path, cure=problem.cure) from error
    if len(raw) > _MAX_BYTES:
        raise ConfigError("larger than 1 MiB, so no settings file", where=path)
    try:
        text = raw.decode("utf-8-sig")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}", where=path, cure="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", where=path, cure="mend that line") from error


def line_of(text: str, location: Location) -> int:
    """The 1-based line on which the key at `location` stands in a TOML text; 0 if it is not found."""
    keys = [str(part) for part in location if not isinstance(part, int)]
    section: list[str] = []
    best = 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?", line):
            section = [part.strip().strip("\"'") for part in header[1].split(".")]
            if section == keys:
                best = best or number
        elif (entry := re.match(r"\s*([\w.\"'-]+)\s*=", line)) and keys == [
            *section,
            *(part.strip("\"'") for part in entry[1].split(".")),
        ]:
            return number
    return best


def validate(model: type[Model], table: Mapping[str, Any], *, where: object, text: str = "") -> Model:
    """Check a table against a pydantic model.

    Args:
        model: What the table is to become.
        table: What was read.
        where: The file, or "--set", for the message.
        text: The file's text, if there is one, for the line number.

    Raises:
        ConfigError: The first thing wrong, with file, line, key, what was expected and what came.
    """
    try:
        return model.model_validate(dict(table))
    except ValidationError as error:
        raise _first_problem(model, error, where, text) from error


def _first_problem(model: type[BaseModel], error: ValidationError, where: object, text: str) -> ConfigError:
    """The one line for the first of pydantic's complaints."""
    problem = error.errors(include_url=False)[0]
    location = problem["loc"]
    line = line_of(text, location) or (line_of(text, location[:-1]) if text else 0)
    place = f"{where}:{line}" if line else f"{where}"
    key = ".".join(map(str, location))
    if problem["type"] == "extra_forbidden":
        return ConfigError(
            f"unknown key {key!r}", where=place, cure=suggestion(str(location[-1]), _names(model, location))
        )
    if problem["type"] == "missing":
        return ConfigError(f"the key {key!r} is missing", where=place, cure="add it")
    if problem["type"] == "too_short":
        least, found = problem["ctx"]["min_length"], problem["ctx"]["actual_length"]
        return ConfigError(f"{key}: at least {least} are needed; found {found}", where=place)
    message = str(problem["msg"]).removeprefix("Value error, ")
    received = neutralise(repr(problem.get("input")), 60)
    prefix = f"{key}: " if key else ""
    return ConfigError(f"{prefix}{message}; received {received}", where=place)


def _names(model: type[BaseModel], location: Location) -> list[str]:
    """The valid keys beside the one at `location`."""
    current: type[BaseModel] | None = model
    mapped = False
    for part in location[:-1]:
        if current is None or isinstance(part, int):
            continue
        if mapped:  # this part is an entry's own name
            mapped = False
            continue
        field = current.model_fields.get(part)
        annotation = field.annotation if field else None
        mapped = get_origin(annotation) is dict
        for candidate in (annotation, *getattr(annotation, "__args__", ())):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                annotation = candidate
        current = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return list(current.model_fields) if current else []


def suggestion(name: str, valid: Sequence[str]) -> str:
    """ "did you mean 'x'?" for the nearest valid name, else the list of them."""
    if near := difflib.get_close_matches(name, valid, 1, 0.5):
        return f"did you mean {near[0]!r}?"
    return f"valid: {', '.join(valid)}" if valid else "remove it"
