"""`[notify]` of a person's own `config.toml`: how they are told of a run's end, failure or new best epoch.

It is a person's and no bench's: a bench may come from anywhere, and `command` starts a program.
"""

import shlex
from typing import Literal

from pydantic import Field, field_validator

from workbench.settings.section import Section

PLACEHOLDERS = ("{run}", "{state}", "{text}")
Event = Literal["end", "failure", "best"]


class NotifySettings(Section):
    """How a person is told that something happened to a run that they watch."""

    on: tuple[Event, ...] = Field(
        ("end", "failure", "best"),
        description="end: finished, stopped, paused; failure: failed, died; best: a new best epoch",
    )
    bell: bool = Field(True, description="ring the terminal's bell")
    desktop: Literal["auto", "osc9", "osc777", "none"] = Field(
        "auto", description="a message of the terminal's own; auto: the kind that this one is known to have"
    )
    command: str = Field(
        "", max_length=4096, description="a program of yours; {run}, {state} and {text} are arguments for it"
    )
    slow_line: Literal["auto", "yes", "no"] = Field(
        "auto", description="yes: neither bell nor message; auto: where the terminal is reached by SSH"
    )

    @field_validator("command")
    @classmethod
    def _plain_arguments(cls, command: str) -> str:
        """A text that came from outside must never be part of what a shell reads."""
        try:
            arguments = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"expected a program and its arguments ({error})") from error
        for one in arguments:
            if one not in PLACEHOLDERS and any(name in one for name in PLACEHOLDERS):
                raise ValueError(
                    "{run}, {state} and {text} must each be an argument of its own; within a shell's words "
                    "use $WORKBENCH_RUN, $WORKBENCH_STATE and $WORKBENCH_TEXT"
                )
        if arguments and arguments[0] in PLACEHOLDERS:
            raise ValueError("the program itself cannot be a placeholder")
        return command

    @property
    def arguments(self) -> tuple[str, ...]:
        """The program and its arguments, placeholders among them; empty for none."""
        return tuple(shlex.split(self.command))
