"""The Label screen's sentences."""

from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from workbench.annotation.history import HistoryLine
from workbench.annotation.labels import PictureLabels
from workbench.annotation.selection import QueueChoice, QueueKind
from workbench.images.catalog import SetAside
from workbench.schema import Schema
from workbench.text import neutralise
from workbench.tui.desk import DeskView
from workbench.tui.widgets.folding import folded
from workbench.tui.widgets.picture_line import PictureWords
from workbench.tui.widgets.wrapping import counted, wrap

_NARROW = 30  # columns that the picture's place has at least


def picture_words(view: DeskView, schema: Schema) -> PictureWords:
    """The picture's name, exactly but harmless, and everything about it that is no answer."""
    choice = view.queue.choice
    queue = neutralise(f"{choice.title(schema)}, {choice.order_title()}")
    passing = neutralise(f"{schema.head(view.passing).title} only") if view.passing else ""
    if view.picture is None:
        return PictureWords(queue=queue, plain=choice.plain, passing=passing)
    copies = "   has copies" if view.copies else ""
    size = f"{view.picture.width}×{view.picture.height}"
    state = f"{view.position + 1} of {view.total}   {size}   {_state(view.labels, schema)}{copies}"
    return PictureWords(
        neutralise(view.picture.name),
        state,
        queue,
        choice.plain,
        passing,
        view.labels.flagged,
        neutralise(view.labels.note),
    )


def _state(labels: PictureLabels, schema: Schema) -> str:
    """How far a picture is labelled."""
    if labels.excluded:
        return neutralise(schema.exclusion.title)
    answered = len(schema.heads) - len(labels.open_heads(schema))
    if answered == len(schema.heads):
        return "complete"
    if answered:
        return f"{answered} of {len(schema.heads)} answered"
    return "seen, no answer yet" if labels.seen else "new"


def empty_queue(choice: QueueChoice, schema: Schema, key: str) -> str:
    """What to do where the queue holds no picture."""
    title = "\n".join(wrap(neutralise(choice.title(schema)), _NARROW, 3))
    what = {
        QueueKind.UNLABELLED: "every picture is labelled",
        QueueKind.HEAD_OPEN: "this head is answered on every picture",
        QueueKind.CANNOT_TELL: "nobody was in doubt",
        QueueKind.FLAGGED: "no picture is flagged",
        QueueKind.DISAGREEING: "no two annotators differ",
        QueueKind.CLASS: "no picture has this answer",
    }
    reason = "no name holds this text" if choice.text else what.get(choice.kind, "")
    return f"no picture in the queue\n{title}\n\n{reason}\npress {key} for another queue"


def no_pictures(folder: Path, key: str) -> str:
    """What to do where the folder holds none."""
    what_to_do = f"put JPEG, PNG or other pictures there\nand press {key} to look again"
    return f"no pictures in\n{neutralise(folder, 60)}\n\n{what_to_do}"


def all_done(total: int) -> str:
    """What to do when everything is labelled."""
    return f"all {total} pictures are done: F3 shows how the answers are spread, F4 trains on them"


def set_aside_lines(
    aside: tuple[SetAside, ...], copies: tuple[tuple[str, ...], ...], width: int
) -> list[Text]:
    """Every file that cannot be read with its reason, and every group of equal files."""
    lines = [Text(f"{counted(len(aside), 'file')} that cannot be read", "bold")]
    for one in aside:
        words = wrap(f"{neutralise(one.name)}: {neutralise(one.reason)}", width - 4)
        lines += [Text(f"  {'  ' * (number > 0)}{line}") for number, line in enumerate(words)]
    title = f"{counted(len(copies), 'picture')} in several files, which share their answers"
    lines += [Text(""), Text(title, "bold")]
    for names in copies:
        words = wrap("  =  ".join(map(neutralise, names)), width - 4)
        lines += [Text(f"  {'  ' * (number > 0)}{line}") for number, line in enumerate(words)]
    return lines


def history_text(lines: Sequence[HistoryLine], width: int) -> list[Text]:
    """A line an event: when, who, what, how, seconds; the newest first."""
    if not lines:
        return [Text("nothing happened to this picture yet")]
    who = max(3, min(16, max(cell_len(one.who) for one in lines)))
    found = [Text(f"{'when':<17}{set_cell_size('who', who)}  what holds since, and how", "bold")]
    for one in reversed(lines):
        line = Text(f"{one.at.astimezone():%Y-%m-%d %H:%M} ", "dim")
        line.append(set_cell_size(one.who, who) + "  ", "not dim")
        seconds = "" if one.seconds is None else f"{one.seconds:.1f} s"
        how = " · ".join(part for part in (one.how, seconds) if part)
        room = width - line.cell_len
        whole = f"{one.what} · {how}" if how else one.what
        first, *more = (part.plain for part in folded([whole], max(16, room)))
        shown = min(len(first), len(one.what))
        line.append(first[:shown], "not dim").append(first[shown:])
        found.append(line)
        found += [Text(" " * (width - room) + words, "dim") for words in more]
    return found
