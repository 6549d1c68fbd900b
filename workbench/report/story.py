"""What became of a run, in words: its state, how far it came, how good it is, and what went wrong."""

from collections.abc import Iterator

from workbench.evaluation import words
from workbench.evaluation.report import Evaluation
from workbench.report.course import figure
from workbench.report.markup import Html, element, join
from workbench.report.material import Material
from workbench.training.state import RunState
from workbench.training.tail import part
from workbench.tui.state_signs import signed
from workbench.tui.times import duration, moment

_LOOKS = {RunState.FINISHED: "good", RunState.FAILED: "bad", RunState.DIED: "bad", RunState.STOPPED: "ended"}


def state(material: Material) -> Html:
    """The state as a sign and a word."""
    found = material.snapshot.state
    look = _LOOKS.get(found, "ended" if found.ended else "live")
    return element("span", signed(found), class_=f"state {look}")


def story(material: Material) -> Html:
    """The first thing to read."""
    sentences = [*_what(material), *_how_far(material), *_how_good(material.evaluation, material.titles)]
    return join(_trouble(material), [element("p", one) for one in sentences], _remarks(material))


def _trouble(material: Material) -> Html | None:
    """Why a run failed or died, and where its log is; what of the log could not be read."""
    snapshot = material.snapshot
    lines = []
    if snapshot.failure:
        lines.append(element("p", element("b", f"{snapshot.state}: "), snapshot.failure))
        lines.append(element("p", "Its log: ", element("code", snapshot.log_path.absolute())))
    if snapshot.gone:
        lines.append(element("p", "The log of events vanished while it was read."))
    if snapshot.two_writers:
        lines.append(element("p", "Two workers have written the log at once: its curves may be mixed."))
    for reason, count in snapshot.skipped.items():
        what = "1 line" if count == 1 else f"{count:,} lines"
        lines.append(element("p", f"Skipped in the log of events: {what}: {reason}."))
    return element("div", *lines, class_="trouble", role="note") if lines else None


def _what(material: Material) -> Iterator[str]:
    """The network, its preset and its data."""
    summary, splits = material.summary, part(part(material.described, "data"), "splits")
    pictures = ", ".join(f"{count} {split}" for split, count in splits.items())
    heads = ", ".join(f"{head.title or head.name} ({len(head.classes)})" for head in material.schema.heads)
    start = part(material.described, "start")
    begun = (
        f"beginning with the weights of {start.get('run', summary.parent)} "
        f"({start.get('checkpoint', 'best')}, epoch {start.get('epoch', '?')})"
        if summary.parent
        else "from random weights"
    )
    backbone = part(part(material.described, "settings"), "model").get("weights")
    begun = "with the weights of a backbone" if backbone and not summary.parent else begun
    preset = f"by preset {summary.preset}" if summary.preset else "without a preset"
    yield (
        f"A network of architecture {summary.architecture or 'unknown'}, trained {preset}, {begun}, "
        f"to answer {heads}: in brackets the number of classes. Pictures: {pictures or 'unknown'}."
    )


def _how_far(material: Material) -> Iterator[str]:
    """Epochs, time, speed and the best epoch."""
    snapshot, summary = material.snapshot, material.summary
    if not snapshot.sign_wall and not snapshot.curves:
        yield "It has not begun: no worker has written anything yet."
        return
    speed = summary.images_per_second
    pace = f", at {figure(speed)} pictures a second" if speed else ""
    done = f"{summary.epochs_done} of {snapshot.epochs} epochs"
    took = duration(max(0.0, snapshot.sign_wall - snapshot.started))
    if snapshot.state.live:
        left = f", about {duration(snapshot.seconds_left)} left" if snapshot.seconds_left is not None else ""
        yield (
            f"It is {snapshot.state}: epoch {snapshot.epoch} of {snapshot.epochs}, batch {snapshot.batch} of "
            f"{snapshot.batches}{left}{pace}. This page shows it as it was at {moment(material.made)}, when "
            f"its last sign of life was {duration(snapshot.sign_age)} old and its last figures "
            f"{duration(snapshot.data_age)}."
        )
    else:
        yield (
            f"It {_ENDS.get(snapshot.state, snapshot.state)} after {done}; from its first to its last sign "
            f"of life ({moment(snapshot.sign_wall)}) went {took}{pace}."
        )
    if summary.best_text:
        yield f"Its best epoch is {summary.best_epoch}, by {summary.metric}: {summary.best:.4g}."


_ENDS = {
    RunState.FINISHED: "finished",
    RunState.STOPPED: "was stopped",
    RunState.PAUSED: "was paused",
    RunState.FAILED: "failed",
    RunState.DIED: "died",
}


def _how_good(evaluation: Evaluation | None, titles: dict[str, str]) -> Iterator[str]:
    """Accuracy of each head, and which of them prove nothing."""
    if evaluation is None:
        return
    heads = evaluation.splits[evaluation.focus].heads
    said = ", ".join(
        f"{titles.get(name, name)} {words.figure(one.accuracy)} (majority {words.figure(one.majority)})"
        for name, one in heads.items()
    )
    yield f"Accuracy on the {evaluation.focus} split: {said}."
    doubtful = [titles.get(name, name) for name, one in heads.items() if words.mark(one)]
    if doubtful:
        yield f"Not shown to be better than always the same answer: {', '.join(doubtful)}."


def _remarks(material: Material) -> Html | None:
    """What people noted."""
    note, tags = material.summary.note, material.summary.tags
    if not note and not tags:
        return None
    marks = [join(" ", element("span", tag, class_="tag")) for tag in tags]
    return element("p", element("b", "Note: "), note, *marks)
