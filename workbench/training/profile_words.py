"""What a profile says to people: a table, and one line of advice by rules over its numbers."""

from collections.abc import Iterator

from workbench.settings import Settings
from workbench.training import profile
from workbench.training.events import EventLog
from workbench.training.profile import Profile, Report, Unprofiled

WAITS = 0.10
SAVES = 0.15
VALIDATES = 0.30
"""Shares of the training without its first steps from which waiting, saving, validating are too much."""
CROWDED = 0.30
"""Share of the steps from which what they take longer than one alone is too much."""
AROUND = 0.30
"""Share of the steps from which Python, or the optimiser, is too much: neither grows with the batch."""
FEWEST_STEPS = 10
"""Fewer say little."""
_NAMES = {
    profile.STARTING: "importing TensorFlow and the rest",
    profile.DATA: "reading pictures into the cache",
    profile.BUILDING: "building the network",
    profile.WAITING: "waiting for a batch",
    profile.FIRST_STEPS: "first steps, which compile",
    profile.STEP: "steps",
    profile.TELLING: "writing events",
    profile.VALIDATING: "validating",
    profile.SAVING: "saving",
    profile.PROFILING: "taking a step apart",
    profile.EVALUATING: "evaluating",
    profile.READING: "reading or decoding",
    profile.AUGMENTING: "augmenting",
    profile.MIXING: "mixing",
    profile.MOVING: "copying to the device",
    profile.COPY: "copying the batch",
    profile.FORWARD: "forward",
    profile.BACKWARD: "backward",
    profile.OPTIMISER: "optimiser",
    profile.PYTHON: "Python, Keras, metrics",
    profile.CROWD: "slower than one alone",
}
Row = tuple[str, float, float, float | None]
"""Part; seconds; share of all; milliseconds a picture, for what is done for every picture."""


def tell(measured: Unprofiled, log: EventLog, settings: Settings) -> None:
    """Write the event `profile`, where something was measured."""
    if isinstance(measured, Profile):
        report = measured.report()
        log.emit("profile", **report.to_dict(), advice=advice(report, settings))


def rows(report: Report) -> Iterator[Row]:
    """The table, in the order in which things happen; what goes on beside it at its end."""
    for part in profile.ONE_AFTER_THE_OTHER:
        if part not in report.seconds:
            continue
        pictures = {profile.WAITING: report.pictures, profile.STEP: report.settled}.get(part, 0)
        yield _row(report, _NAMES[part], report.seconds[part], pictures)
        if part == profile.STEP:
            for inner, seconds in report.of_the_steps.items():
                yield _row(report, f"  {_NAMES[inner]}", seconds, report.settled)
    yield _row(report, "the rest", report.rest)
    yield _row(report, "all", report.whole)
    for part in profile.BESIDE:
        if part in report.seconds:
            yield _row(report, f"  beside it: {_NAMES[part]}", report.seconds[part], report.pictures)


def _row(report: Report, name: str, seconds: float, pictures: int = 0) -> Row:
    """One row; what is done for each of some pictures has its milliseconds."""
    share = seconds / report.whole if report.whole else 0.0
    return name, seconds, share, 1000 * seconds / pictures if pictures else None


def advice(report: Report, settings: Settings) -> str:
    """The one thing to do next.

    What a training waits for, saves or validates is looked at first, the largest share that is too much; then
    what a step consists of. Shares are of the training without its first steps: a longer one has no more of
    them.

    Args:
        report: Where the time went.
        settings: Of that run.
    """
    steps = report.times.get(profile.STEP, 0)
    if steps < FEWEST_STEPS:
        return (
            f"too short to tell: {steps} steps after the first ones, which compile; at least {FEWEST_STEPS}"
            " are needed: raise training.epochs"
        )
    total = sum(report.seconds.get(part, 0.0) for part in profile.LOOP if part != profile.FIRST_STEPS)
    limits = {profile.WAITING: WAITS, profile.SAVING: SAVES, profile.VALIDATING: VALIDATES}
    shares = {part: report.seconds.get(part, 0.0) / total if total else 0.0 for part in limits}
    too_much = [part for part, limit in limits.items() if shares[part] >= limit]
    if not too_much:
        return _about_steps(report)
    part = max(too_much, key=lambda part: shares[part])
    words = {profile.WAITING: _waits, profile.SAVING: _saves, profile.VALIDATING: _validates}[part]
    return f"{words(report, settings)} ({shares[part]:.0%} of the training)"


def _waits(report: Report, settings: Settings) -> str:
    """What the pipeline waits for is what its thread does longest."""
    longest = max(profile.BESIDE, key=lambda part: report.seconds.get(part, 0.0))
    if longest == profile.AUGMENTING:
        return (
            "the pipeline waits for the augmentation: lower probabilities in [augment], or set"
            " hardware.augmentation=device where a GPU trains"
        )
    if longest == profile.MIXING:
        return "the pipeline waits for the mixing of pictures: lower training.mixing.probability"
    if longest == profile.MOVING:
        return "the pipeline waits for copies to the device: lower dataset.size"
    if settings.dataset.cache:
        return "the pipeline waits for the disk: put the bench on a faster one, or lower dataset.size"
    return "the pipeline waits for the disk and the decoder: set dataset.cache=true"


def _saves(report: Report, settings: Settings) -> str:
    """Checkpoints within epochs can be made rarer, those between them only by longer epochs."""
    epochs = report.times.get(profile.VALIDATING, 0)
    if settings.training.checkpoint_minutes and report.times.get(profile.SAVING, 0) > 2 * epochs + 1:
        return "saving takes long: raise training.checkpoint_minutes, or set it to 0"
    return "saving takes long beside such short epochs: raise training.pictures_per_epoch"


def _validates(_report: Report, _settings: Settings) -> str:
    """Each epoch asks for the whole validation split once."""
    return "validating takes long: raise training.pictures_per_epoch, or lower dataset.split.validation"


def _about_steps(report: Report) -> str:
    """The pipeline keeps up; what is left is the step itself."""
    parts, steps = report.of_the_steps, report.seconds.get(profile.STEP, 0.0)
    if not parts:
        return "the steps take most of the time, and none was taken apart: let the run finish to learn more"
    shares = {part: seconds / steps for part, seconds in parts.items()}
    if shares[profile.CROWD] >= CROWDED:
        return (
            f"a step takes {1 / (1 - shares[profile.CROWD]):.1f} times as long as one alone: the pipeline or"
            " other programs use the processor too; end those, or lower probabilities in [augment]"
        )
    for part, words in (
        (profile.PYTHON, "Python and Keras take"),
        (profile.OPTIMISER, "the optimiser takes"),
    ):
        if shares.get(part, 0.0) >= AROUND:
            return f"{words} {shares[part]:.0%} of the steps: raise training.batch_size"
    forward, backward = (shares.get(part, 0.0) for part in (profile.FORWARD, profile.BACKWARD))
    return (
        f"the network takes {forward + backward:.0%} of the steps, backward {backward:.0%}: lower"
        " dataset.size (time goes with its square), or take another network: workbench architectures"
    )
