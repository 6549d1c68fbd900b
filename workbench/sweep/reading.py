"""Reading a study: Optuna's trials as rows, with what their runs tell that is not written down yet."""

import math
from contextlib import suppress
from pathlib import PurePath

from optuna.trial import FrozenTrial, TrialState  # noqa: TID251 - see study

from workbench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.sweep.result import StudyResult, TrialRow
from workbench.sweep.study import Study, values_of
from workbench.sweep.trial import images_per_second
from workbench.training.host import host
from workbench.training.metric_names import better
from workbench.training.run import RunFolder

_STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


def result_of(bench: Bench, study: Study) -> StudyResult:
    """Read a study.

    Raises:
        StoreError: The database cannot be read.
    """
    plan = study.plan
    return StudyResult(
        name=plan.name,
        metric=plan.metric,
        larger_is_better=plan.larger_is_better,
        sampler=plan.space.sampler,
        preset=plan.preset,
        place=study.place.shown,
        parameters=study.parameters,
        trials=tuple(_row(bench, study, one) for one in study.trials()),
    )


def _row(bench: Bench, study: Study, trial: FrozenTrial) -> TrialRow:
    """One trial; what is not written down yet is looked up in its run, if that is here."""
    notes, best, best_epoch = trial.user_attrs, None, 0
    for epoch, value in sorted(trial.intermediate_values.items()):
        if better(value, best, study.plan.metric):
            best, best_epoch = value, epoch
    state, run = _STATES[trial.state], PurePath(str(notes.get("run", ""))).name  # a name, whoever wrote it
    here = notes.get("host") == host()["name"] and notes.get("bench") == str(bench.root)
    speed = notes.get("images_per_second")
    if state == "running" and here:
        folder = RunFolder(bench.runs_dir / run)
        if not run or not folder.alive():
            state = "interrupted"
        with suppress(WorkbenchError):
            speed = images_per_second(folder) if run else None
    return TrialRow(
        number=trial.number,
        state=state,
        values=values_of(trial),
        best=best,
        best_epoch=best_epoch,
        epochs=max((epoch for epoch in trial.intermediate_values), default=0),
        images_per_second=speed if isinstance(speed, int | float) and math.isfinite(speed) else None,
        run=run,
        host=str(notes.get("host", "")),
        cause=str(notes.get("cause", "")),
        data=str(notes.get("data", "")),
    )
