"""What a person set for all benches: `config.toml` in their own configuration.

[notify]
on = ["end", "failure"]
command = "notify-send {run} {text}"
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from workbench.errors import ConfigError
from workbench.files import file_error
from workbench.settings.notify import NotifySettings
from workbench.settings.section import Section
from workbench.toml import line_of, read_toml, validate


class PersonSettings(Section):
    """All that is a person's and no bench's."""

    notify: NotifySettings = NotifySettings()


def person_file() -> Path:
    """Where it stands."""
    return Path(platformdirs.user_config_path("workbench")) / "config.toml"


def load_person(path: Path | None = None) -> PersonSettings:
    """The person's own settings; the defaults where there is no such file.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong; with file and line.
    """
    path = path or person_file()
    try:
        if not path.exists():
            return PersonSettings()
    except OSError as error:
        problem = file_error(error, path)
        raise ConfigError(problem.what, where=path, cure=problem.cure) from error
    table, text = read_toml(path)
    return validate(PersonSettings, table, where=path, text=text)


def refuse_in_bench(settings: Mapping[str, Any], where: Path, text: str) -> None:
    """Refuse a bench that would say what program is started on a person's machine.

    Args:
        settings: The bench's `[settings]`.
        where: Its file.
        text: That file's text.

    Raises:
        ConfigError: It has a table that is a person's; with file and line.
    """
    for key in PersonSettings.model_fields:
        if key in settings:
            place = f"{where}:{line_of(text, ('settings', key)) or 1}"
            raise ConfigError(
                f"{key!r} is a person's setting, not a bench's",
                where=place,
                cure=f"move it to {person_file()}",
            )
