"""The lines about a run that plain watching writes; no Textual here."""

import math
from collections.abc import Mapping, Sequence

from workbench.monitoring.snapshot import RunSnapshot
from workbench.tui.times import duration

_EACH_EPOCH = ("train_epoch", "validation")


def new_items(before: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """What stands in `now` and not in `before`, of which it may have lost the beginning."""
    for kept in range(min(len(before), len(now)), 0, -1):
        if list(before[len(before) - kept :]) == list(now[:kept]):
            return tuple(now[kept:])
    return tuple(now)


def epoch_lines(snapshot: RunSnapshot, after: float, metrics: Mapping[int, str]) -> dict[int, str]:
    """A line for each epoch that was finished after epoch `after`.

    Args:
        snapshot: Where the run stands.
        after: The last epoch that has a line; more than the run has where it went back to a checkpoint.
        metrics: What the run says of an epoch's watched metric, such as "val_loss 1.2 ★ best".
    """
    last = last_epoch(snapshot)
    ends = {key: one for key, one in snapshot.curves.items() if key[2] in _EACH_EPOCH}
    epochs = {x for one in ends.values() for x in one.places.tolist() if min(after, last) < x}
    values = {
        key: dict(zip(one.places.tolist(), one.values.tolist(), strict=True)) for key, one in ends.items()
    }
    lines = {}
    for epoch in sorted(epochs):
        parts = [f"epoch {epoch:.0f}{of_all(snapshot)}"]
        for words, key in (("loss", ("", "loss", "train_epoch")), ("val loss", ("", "loss", "validation"))):
            value = values.get(key, {}).get(epoch, math.nan)
            parts += [f"{words} {value:.3f}"] if math.isfinite(value) else []
        heads = [
            f"{head} {found[epoch]:.3f}"
            for (head, metric, split), found in values.items()
            if head
            and (metric, split) == ("accuracy", "validation")
            and math.isfinite(found.get(epoch, math.nan))
        ]
        parts += [f"val accuracy: {', '.join(heads)}"] if heads else []
        parts += [f"watched: {metrics[int(epoch)]}"] if int(epoch) in metrics else []
        lines[int(epoch)] = "  ".join(parts)
    return lines


def of_all(snapshot: RunSnapshot) -> str:
    """ "/10" of ten epochs; nothing where nobody knows how many there will be."""
    return f"/{snapshot.epochs}" if snapshot.epochs else ""


def progress_line(snapshot: RunSnapshot) -> str:
    """ "epoch 3/10  batch 21/40  14.2 images/s  3 min left  loss 2.31", or how far the phase is."""
    phase, _, done = snapshot.phase.partition(": ")
    if phase != "training":
        return snapshot.phase if "/" in done else ""
    if not snapshot.batch:
        return ""
    parts = [f"epoch {snapshot.epoch}{of_all(snapshot)}", f"batch {snapshot.batch}/{snapshot.batches}"]
    parts += [f"{snapshot.images_per_second:.1f} images/s"] if snapshot.images_per_second else []
    parts += [f"{duration(snapshot.seconds_left)} left"] if snapshot.seconds_left is not None else []
    curve = snapshot.curves.get(("", "loss", "train"))
    if curve is not None and math.isfinite(curve.newest):
        parts.append(f"loss {curve.newest:.2f}")
    return "  ".join(parts)


def remark_lines(snapshot: RunSnapshot) -> list[str]:
    """Restarts and advice, with their place; the best epoch has a star in its own line."""
    marks = [(mark.place, mark.text) for mark in snapshot.marks if mark.kind == "restart"]
    advice = [
        (one.place, f"advice at epoch {one.place:.3g}: {one.text}")
        for one in snapshot.advice
        if one.kind != "best"
    ]
    return [text for _, text in sorted(marks + advice)]


def skipped_lines(snapshot: RunSnapshot) -> list[str]:
    """Why lines of the log were skipped, a line a reason; how many there are, the last line says."""
    gone = ["the log has vanished; waiting for it"] if snapshot.gone and snapshot.state.live else []
    return gone + [f"some lines of the log are skipped: {reason}" for reason in snapshot.skipped]


def last_epoch(snapshot: RunSnapshot) -> float:
    """The last epoch that was finished."""
    ends = [one.places[-1] for key, one in snapshot.curves.items() if key[2] in _EACH_EPOCH and len(one)]
    return max(ends, default=0.0)


def is_end(snapshot: RunSnapshot, note: str) -> bool:
    """Whether a note says the same as the run's end."""
    return snapshot.state.ended and note.startswith(f"{snapshot.state}: ")
