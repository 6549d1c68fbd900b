"""From what was asked for to an opened study: found again or begun, and what is wrong with it refused."""

from collections.abc import Callable, Sequence

from workbench.bench import Bench
from workbench.dataset.table import check_trainable
from workbench.errors import ConfigError, InputError, StoreError
from workbench.sweep.place import Place, is_name, place_of
from workbench.sweep.plan import Plan, make_plan
from workbench.sweep.reading import result_of
from workbench.sweep.result import StudyResult
from workbench.sweep.space import Space, read_space, space_names
from workbench.sweep.study import Study, begin_study, open_study, study_names
from workbench.toml import suggestion
from workbench.training.start import labelled_table


def begin(
    bench: Bench,
    place: Place,
    name: str,
    space: str = "",
    *,
    config: str = "",
    overrides: Sequence[str] = (),
    metric: str = "",
) -> Study:
    """Begin a study or go on with it.

    Args:
        bench: The bench.
        place: Where the study is kept.
        name: Its name.
        space: What is varied: a file, or the name of a study that comes with the program; "" for the one that
            has the study's name, or for what the study was begun with.
        config: The preset under the trials; "" for the space's own.
        overrides: `key=value` over it.
        metric: What is to be best; "" for what the space names.

    Raises:
        ConfigError: Something is wrong with it, or the study was begun with something else.
        InputError: There is no such study, or there are too few labels to learn from.
        StoreError: The database cannot be reached.
    """
    found = _plan_of(place, name)
    if found is None and not space and name not in space_names():
        raise unknown_study(bench, name, place)
    plan = found
    if plan is None or space or config or overrides or metric:
        varied = Space(name, plan.space) if plan and not space else read_space(space or name)
        plan = make_plan(bench, name, varied, config=config, overrides=overrides, metric=metric)
    if found is None:
        check_trainable(labelled_table(bench), bench.schema)
    study = begin_study(place, plan)
    _check_same(study, plan, bench)
    return study


def _check_same(study: Study, plan: Plan, bench: Bench) -> None:
    """Refuse to mix trials that have different things in common."""
    another = "give the new study another name"
    other, cure = study.plan.difference(plan), f"leave the options out to go on with it, or {another}"
    if study.plan.schema != bench.schema.fingerprint:
        other, cure = "other heads", another
    if other:
        study.close()
        raise ConfigError(f"the study was begun with {other}", where=f"study {study.plan.name}", cure=cure)


def begun_studies(
    bench: Bench, storage: str = "", tell: Callable[[str], None] | None = None
) -> list[StudyResult]:
    """Every study of a bench, or of a database that several machines share, by name.

    Args:
        bench: The bench.
        storage: The database; "" for the bench.
        tell: Told in a line of a file in the bench that cannot be read; the others are none the worse for it.

    Raises:
        ConfigError: No such address.
        StoreError: The database cannot be reached.
    """
    found = []
    for place, name in _begun(bench, storage):
        try:
            study = open_study(place, name, write=False)
        except (ConfigError, StoreError) as error:
            if place.shared and isinstance(error, StoreError):
                raise
            if tell and not place.shared:  # in a database it is another program's
                tell(f"passed over: {error}")
            continue
        if study is not None:
            found.append(result_of(bench, study))
            study.close()
    return found


def unknown_study(bench: Bench, name: str, place: Place) -> InputError:
    """The refusal of a name that no study has; names those that there are."""
    if name in space_names():
        cure = f"begin it with: workbench sweep {bench.root} {name}"
        return InputError("the study has not begun", where=f"study {name}", cure=cure)
    valid = set(space_names()) | set(study_names(place) if place.shared else _files(bench))
    return InputError(f"no study is named {name!r}", where=place.shown, cure=suggestion(name, sorted(valid)))


def _plan_of(place: Place, name: str) -> Plan | None:
    """What a study was begun with; None if there is none."""
    study = open_study(place, name, write=False)
    if study is None:
        return None
    study.close()
    return study.plan


def _begun(bench: Bench, storage: str) -> list[tuple[Place, str]]:
    """Where each study is kept, with its name."""
    if not storage:
        return [(place_of(bench, name), name) for name in _files(bench)]
    place = place_of(bench, "any", storage)
    return [(place, name) for name in study_names(place)]


def _files(bench: Bench) -> list[str]:
    """The studies that are kept in the bench."""
    return sorted(path.stem for path in bench.studies_dir.glob("*.db") if is_name(path.stem))
