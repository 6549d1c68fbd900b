"""Run the command line in this process, as a person would type it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from workbench.cli import main


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


Workbench = Callable[..., Done]


@pytest.fixture
def workbench(capsys: pytest.CaptureFixture[str]) -> Workbench:
    """A function that runs `workbench ARGUMENTS…`."""

    def run(*arguments: object) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 1, printed.out, printed.err)

    return run
