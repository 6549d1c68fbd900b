"""Which run the Evaluate screen shows, and its evaluation; done in a thread, because it reads files."""

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RunError, WorkbenchError
from workbench.evaluation.report import Evaluation, read_evaluation
from workbench.training.run import run_folders
from workbench.training.state import RunState
from workbench.tui.screens.evaluate_confusion import confusion_lines
from workbench.tui.screens.evaluate_text import (
    CLASS_COLUMNS,
    HEAD_COLUMNS,
    classes_caption,
    classes_view,
    heads_caption,
    heads_view,
    remarks,
)
from workbench.tui.widgets.table_order import Order

_CURE = "evaluate the run again: a"


@dataclass(frozen=True)
class Choice:
    """What was found.

    Attributes:
        names: Runs that can be evaluated, the newest first.
        run: The one to show; empty where there is none.
        evaluation: Its evaluation; None where there is none of its present network.
        problem: Why its evaluation cannot be read.
        alive: Whether it is still training.
    """

    names: tuple[str, ...] = ()
    run: str = ""
    evaluation: Evaluation | None = None
    problem: str = ""
    alive: bool = False


def choose(runs_dir: Path, wanted: str = "") -> Choice:
    """The run that was asked for, else the newest that has ended well, else the newest with a network."""
    folders = run_folders(runs_dir)
    known = [run for run in folders if run.model.exists() or run.evaluation.exists()]
    run = next((one for one in folders if one.name == wanted), None)
    run = run or next((one for one in known if one.state() in (RunState.FINISHED, RunState.STOPPED)), None)
    run = run or next(iter(known), None)
    names = tuple(one.name for one in folders if one in known or one == run)
    if run is None:
        return Choice(names)
    try:
        evaluation = read_evaluation(run)
        return Choice(names, run.name, evaluation and checked(evaluation, run.evaluation), "", run.alive())
    except WorkbenchError as error:
        return Choice(names, run.name, None, str(error), run.alive())
    except OSError as error:
        return Choice(names, run.name, None, f"the evaluation cannot be read ({error})", run.alive())


def parse(output: bytes, where: object) -> Evaluation:
    """What `workbench evaluate --json` printed.

    Raises:
        RunError: It is something else.
    """
    try:
        found = json.loads(output)
    except ValueError as error:
        raise RunError("the evaluation printed something else than JSON", where=where, cure=_CURE) from error
    return checked(Evaluation.from_dict(found if isinstance(found, dict) else {}, where), where)


def checked(evaluation: Evaluation, where: object) -> Evaluation:
    """The same, if all of it can be shown: a file that was edited by hand must not end the screen.

    Raises:
        RunError: It cannot.
    """
    if not evaluation.head_names:
        raise RunError("the evaluation is of no head", where=where, cure=_CURE)
    try:
        for column in HEAD_COLUMNS:
            heads_view(evaluation, Order(column.key))
        heads_caption(evaluation, Order())
        for split, result in evaluation.splits.items():
            for name in evaluation.head_names:
                head = result.heads[name]
                classes_caption(name, head, split, Order())
                confusion_lines(head, 80)
                for column in CLASS_COLUMNS:
                    classes_view(head, Order(column.key))
            remarks(evaluation, split, evaluation.head_names)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise RunError("the evaluation is damaged", where=where, cure=_CURE) from error
    return evaluation
