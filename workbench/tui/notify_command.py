"""Starting the program that a person set as `notify.command`: apart from us, silent, and not for long."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

LIMIT_S = 10.0
"""How long the program may take."""


class NotifyCommand:
    """A program that is started for each notice, without a shell.

    Args:
        arguments: The program and its arguments; "{run}", "{state}" and "{text}" stand for what happened.
        environment: The program's environment, to which WORKBENCH_RUN, WORKBENCH_STATE, WORKBENCH_TEXT and
            WORKBENCH_EVENT are added.
        complain: Called once, in another thread, with a line that says why it cannot be started.
        limit_s: Seconds after which it is ended, with everything that it started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        complain: Callable[[str], object] | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._arguments, self._environment = tuple(arguments), dict(environment)
        self._complain = complain
        self._limit = limit_s
        self._threads: list[threading.Thread] = []

    def start(self, event: str, *, run: str, state: str, text: str) -> None:
        """Start it; returns at once. The words must be harmless already."""
        values = {"{run}": _no_option(run), "{state}": state, "{text}": _no_option(text)}
        arguments = [values.get(one, one) for one in self._arguments]
        words = {"RUN": run, "STATE": state, "TEXT": text, "EVENT": event}
        environment = self._environment | {f"WORKBENCH_{name}": word for name, word in words.items()}
        thread = threading.Thread(target=self._run, args=(arguments, environment), name="notify", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def settle(self) -> None:
        """Wait for what was started, at most as long as it may take."""
        for thread in self._threads:
            thread.join(self._limit + 1)

    def _run(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """In the thread."""
        try:
            process = subprocess.Popen(
                arguments,
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            complain, self._complain = self._complain, None
            if complain is not None:
                complain(f"notify.command: {arguments[0]!r} cannot be started: {_reason(error)}")
            return
        try:
            process.wait(self._limit)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _no_option(word: str) -> str:
    """A run's folder may be named like an option of the program."""
    return f"_{word}" if word.startswith("-") else word


def _reason(error: Exception) -> str:
    """Why, in the system's words."""
    return str(getattr(error, "strerror", None) or error)
