"""The command line: arguments in, one call into a room, a report out. Nothing is computed here.

`workbench BENCH` opens the screens on a bench, `workbench` alone on the bench in this folder or else on the
sample bench. Exit codes: 0 done, 1 it failed, 2 what was asked for is wrong, 130 interrupted. An error is one
line on stderr; a traceback is shown only with `--debug`.
"""

import errno
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from workbench import __version__
from workbench.cli import (
    architectures,
    care,
    compare,
    exports,
    keys,
    labels,
    monitor,
    rates,
    report,
    runs,
    shelf,
    steering,
    suggest,
    sweep,
    system,
)
from workbench.errors import Cancelled, InputError, WorkbenchError
from workbench.files import file_error
from workbench.text import neutralise

OPEN = "open"
_INTERRUPTED = 130
_ROOMS = (
    system,
    labels,
    care,
    runs,
    shelf,
    monitor,
    report,
    compare,
    rates,
    steering,
    sweep,
    architectures,
    exports,
    suggest,
    keys,
)


def make_app() -> typer.Typer:
    """Put the commands together."""
    app = typer.Typer(
        name="workbench",
        help=(__doc__ or "").partition("\n\n")[2].replace("`", ""),
        no_args_is_help=False,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(_options)
    for room in _ROOMS:
        for name, function in room.COMMANDS.items():
            app.command(name)(function)
    return app


def _version(shown: bool) -> None:
    """Print the version and end."""
    if shown:
        print(f"workbench {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    """Label faces, train a classifier and see how far it can be trusted, in a terminal.

    workbench BENCH opens the screens on a bench; workbench alone opens the bench in this folder, or else the
    sample bench. An error is one line on stderr, with exit code 2 where what was asked for is wrong.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command line and exit with its code; the one place where errors become lines."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    if debug:
        given.remove("--debug")
    try:
        code = _run(given)
        _write_out()
    except BrokenPipeError:  # `workbench … | head`: the reader has seen enough
        _drop_output()
        code = 0
    except (KeyboardInterrupt, Cancelled) as error:
        says_more = isinstance(error, Cancelled) and error.cure
        _complain(str(error) if says_more else "interrupted; what was finished is kept")
        code = _INTERRUPTED
    except WorkbenchError as error:
        if debug:
            raise
        _complain(str(error))
        code = error.exit_code
    except Exception as error:
        if debug:
            raise
        code = getattr(error, "exit_code", 1)
        if hasattr(error, "format_message"):  # a mistake in the command line, found by typer
            _complain(f"{neutralise(error.format_message())}; see: workbench --help")
        elif isinstance(error, OSError) and error.errno == errno.ENOSPC:  # `workbench … > FILE`
            _drop_output()
            _complain(str(file_error(error, error.filename or "standard output")))
            code = InputError.exit_code
        else:
            _complain(f"{type(error).__name__}: {neutralise(error)}; a bug: please report it with --debug")
    sys.exit(code)


def _run(given: list[str]) -> int:
    """Run the command, `open` where none is named."""
    app = make_app()
    command = typer.main.get_command(app)
    if not given or (not given[0].startswith("-") and given[0] not in _names()):
        given = [OPEN, *given]
    try:
        result = command.main(args=given, prog_name="workbench", standalone_mode=False)
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # typer would make a failure of it
            raise BrokenPipeError from ended
        raise
    if result == _INTERRUPTED:  # typer's word for ctrl+c
        raise KeyboardInterrupt
    return result if isinstance(result, int) else 0


def _write_out() -> None:
    """Write what was printed now, not when the interpreter ends and can only print a warning."""
    try:
        if sys.stdout is not None:  # closed by `>&-`
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_output()
        raise file_error(error, "standard output") from error


def _drop_output() -> None:
    """What cannot be written any more must not be tried once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _names() -> set[str]:
    """Every command's name."""
    return {name for room in _ROOMS for name in room.COMMANDS}


def _complain(line: str) -> None:
    """One line on stderr."""
    print(f"workbench: {line}", file=sys.stderr)
