"""A study as Optuna keeps it: begun once, its trials given out, their figures written down.

Optuna is imported here, in `place.py` and in `reading.py`, and only when a study is opened. What a trial
needs to be taken up again (its run, its machine, why it was asked to stop) stands in its user attributes.
"""

import math
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import optuna  # noqa: TID251 - the one room for it; nothing that draws imports this file
from optuna.distributions import (  # noqa: TID251 - as above
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import UpdateFinishedTrialError  # noqa: TID251 - as above
from optuna.trial import FrozenTrial, TrialState  # noqa: TID251 - as above

from workbench.errors import InputError
from workbench.sweep.parameter import Parameter, Value
from workbench.sweep.place import INSTEAD_OF, Place, has_tables, open_storage, refusals, turn
from workbench.sweep.plan import Plan
from workbench.sweep.space import grid
from workbench.training.host import host

_PLAN = "workbench"
_STARTUP_TRIALS = 4
"""So many are trained to their end before one is given up."""
_BEAT_S = 20.0


class TrialTaken(InputError):
    """Another machine has ended the trial, because it heard nothing of this one for long."""


class StudyTrial:
    """One trial that this process works on.

    Args:
        study: Its study.
        trial: What Optuna calls it.
    """

    def __init__(self, study: "Study", trial: optuna.Trial) -> None:
        self._study, self._trial = study, trial
        frozen = study.frozen(trial.number)
        self.number = trial.number
        self.values: Mapping[str, Value] = dict(trial.params)
        self.reported = set(frozen.intermediate_values)
        self.notes: dict[str, Any] = dict(frozen.user_attrs)
        self._beaten = -math.inf

    def note(self, **notes: Any) -> None:
        """Write down what is to be known of the trial, such as its run."""
        with self._study.writing(self.number):
            for key, value in notes.items():
                self._trial.set_user_attr(key, value)
        self.notes.update(notes)

    def report(self, epoch: int, value: float) -> bool:
        """Write down the metric of an epoch; whether the trial should be given up."""
        with self._study.writing(self.number):
            self._trial.report(value, epoch)
            self.reported.add(epoch)
            return self._trial.should_prune()

    def alive(self) -> None:
        """Let other machines know now and then that this one is at work on it."""
        if self._study.place.shared and time.monotonic() - self._beaten > _BEAT_S:
            self._beaten = time.monotonic()
            with self._study.writing(self.number):
                self._study.beat(self.number)

    def end(self, state: str, value: float | None = None) -> None:
        """Write down how it ended: "complete" with its value, "pruned" or "failed"."""
        states = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
        with self._study.writing(self.number):
            self._study.tell(self.number, states[state], value)


class Study:
    """An opened study; see `open_study` and `begin_study`."""

    def __init__(self, place: Place, plan: Plan, storage: optuna.storages.RDBStorage) -> None:
        """Args:
        place: Where it is kept.
        plan: What all of its trials have in common.
        storage: The opened database.
        """
        self.place, self.plan, self._storage = place, plan, storage
        self.parameters = plan.parameters
        self._study = optuna.load_study(study_name=plan.name, storage=storage, pruner=_pruner(plan))
        self._distributions = {one.key: _distribution(one) for one in self.parameters}

    def close(self) -> None:
        """Let go of the database."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    @contextmanager
    def writing(self, number: int) -> Iterator[None]:
        """While a trial is written.

        Raises:
            TrialTaken: Another machine has ended it.
            StoreError: The database cannot be reached.
        """
        with refusals(self.place):
            try:
                yield
            except UpdateFinishedTrialError as error:
                where = f"trial {number} of {self.plan.name}"
                raise TrialTaken("another machine has ended it", where=where) from error

    def frozen(self, number: int) -> FrozenTrial:
        """A trial as it stands."""
        return self.trials()[number]

    def trials(self) -> list[FrozenTrial]:
        """All trials as they stand, by number."""
        with refusals(self.place):
            return self._study.get_trials(deepcopy=False)

    def claim(self, wanted: int) -> StudyTrial | None:
        """Take the next trial, unless the study has as many as are wanted, or its grid has no more.

        Args:
            wanted: How many trials the study is to have, whoever makes them.

        Raises:
            StoreError: The database cannot be reached.
        """
        with turn(self.place), refusals(self.place), warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Optuna's heartbeats are "experimental", and meant for its own loop
            if self.place.shared:
                optuna.storages.fail_stale_trials(self._study)
            trials = self._study.get_trials(deepcopy=False)
            given_back = {one.user_attrs.get(INSTEAD_OF) for one in trials}
            waiting = [one.number for one in trials if one.state is TrialState.WAITING]
            begun = sum(one.number not in given_back for one in trials) - len(waiting)
            if begun >= wanted or (self.plan.space.sampler == "grid" and not waiting):
                return None
            # Seeded by the trials that there are: a study that was interrupted goes on as it would have.
            self._study.sampler = _sampler(self.plan, len(trials))
            trial = self._study.ask(self._distributions)
            self.beat(trial.number)
            taken = StudyTrial(self, trial)
            taken.note(host=host()["name"], bench=str(self.place.folder.parent))
            return taken

    def unfinished(self) -> list[StudyTrial]:
        """Trials of this bench and machine that were begun and have not ended."""
        mine = {"host": host()["name"], "bench": str(self.place.folder.parent)}
        return [
            StudyTrial(self, self._trial(one.number))
            for one in self.trials()
            if one.state is TrialState.RUNNING
            and (not self.place.shared or {key: one.user_attrs.get(key) for key in mine} == mine)
        ]

    def _trial(self, number: int) -> optuna.Trial:
        """A trial that was begun, to go on with."""
        with refusals(self.place):
            return optuna.Trial(self._study, self._id(number))

    def _id(self, number: int) -> int:
        """The database's number of a trial."""
        study = self._storage.get_study_id_from_name(self.plan.name)
        return self._storage.get_trial_id_from_study_id_trial_number(study, number)

    def beat(self, number: int) -> None:
        """A sign of life of a trial, by the database's clock."""
        if self.place.shared:
            self._storage.record_heartbeat(self._id(number))

    def tell(self, number: int, state: TrialState, value: float | None) -> None:
        """End a trial; one that has ended meanwhile stays as it is."""
        if self.trials()[number].state is not TrialState.RUNNING:
            raise UpdateFinishedTrialError
        self._study.tell(number, value if state is TrialState.COMPLETE else None, state)

    def enqueue_grid(self) -> None:
        """Put every combination without a trial into the queue; a start that was killed is made whole."""
        known = [values_of(one) for one in self.trials()]
        for values in grid(self.parameters):
            if values not in known:
                self._study.enqueue_trial(dict(values))


def begin_study(place: Place, plan: Plan) -> Study:
    """Begin a study, or go on with the one of that name.

    Args:
        place: Where it is kept.
        plan: What it is to be; of a study that has begun, what it was begun with holds.

    Raises:
        StoreError: The database cannot be reached or written.
        ConfigError: There is one of that name by another program, or by a newer version.
    """
    with turn(place), refusals(place):
        storage = open_storage(place, write=True)
        found = optuna.create_study(
            storage=storage,
            study_name=plan.name,
            direction="maximize" if plan.larger_is_better else "minimize",
            load_if_exists=True,
        )
        if _PLAN not in found.user_attrs:
            found.set_user_attr(_PLAN, plan.to_dict())
        study = _opened(place, plan.name, storage)
        if study.plan.space.sampler == "grid":
            study.enqueue_grid()
        return study


def open_study(place: Place, name: str, *, write: bool) -> Study | None:
    """Open a study that has begun; None if there is none of that name.

    Raises:
        StoreError: The database cannot be reached or read.
        ConfigError: It was begun by another program, or by a newer version.
    """
    if name not in study_names(place):
        return None
    with refusals(place):
        return _opened(place, name, open_storage(place, write=write))


def study_names(place: Place) -> tuple[str, ...]:
    """The studies that are kept in a database.

    Raises:
        StoreError: It cannot be reached or read.
    """
    if not place.exists or not has_tables(place):
        return ()
    with refusals(place):
        storage = open_storage(place, write=False)
        try:
            return tuple(sorted(optuna.get_all_study_names(storage)))
        finally:
            storage.engine.dispose()


def values_of(trial: FrozenTrial) -> dict[str, Value]:
    """A trial's parameters, also while it waits in the queue."""
    return dict(trial.params) or dict(trial.system_attrs.get("fixed_params", {}))


def _opened(place: Place, name: str, storage: optuna.storages.RDBStorage) -> Study:
    """A study with the plan that is written in it."""
    found = optuna.load_study(study_name=name, storage=storage)
    plan = Plan.from_dict(found.user_attrs.get(_PLAN, {}), f"study {name} in {place.shown}")
    return Study(place, plan, storage)


def _distribution(parameter: Parameter) -> BaseDistribution:
    """A parameter in Optuna's words."""
    if parameter.choices:
        return CategoricalDistribution(parameter.choices)
    low, high, step = parameter.low, parameter.high, parameter.step
    if parameter.whole:
        return IntDistribution(int(low), int(high), parameter.log, int(step or 1))
    return FloatDistribution(low, high, parameter.log, step)


def _sampler(plan: Plan, trials: int) -> optuna.samplers.BaseSampler:
    """How the next trial is chosen; a grid's are all in the queue."""
    seed = (1_000_003 * plan.settings.training.seed + trials) % 2**32
    if plan.space.sampler == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)


def _pruner(plan: Plan) -> optuna.pruners.BasePruner:
    """When a trial is given up: below the median of the others at its epoch, a fifth of the epochs apart."""
    if plan.space.pruner == "none":
        return optuna.pruners.NopPruner()
    warm_up = max(1, plan.settings.training.epochs // 5)
    return optuna.pruners.MedianPruner(n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=warm_up)
