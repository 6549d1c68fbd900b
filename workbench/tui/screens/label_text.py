"""The Label screen's sentences."""

from pathlib import Path

from rich.text import Text

from workbench.images.catalog import SetAside
from workbench.schema import Schema
from workbench.text import neutralise
from workbench.tui.desk import DeskView
from workbench.tui.widgets.wrapping import counted, wrap


def picture_line(view: DeskView, schema: Schema) -> tuple[str, str]:
    """The picture's name, exactly but harmless; and its place, size and state."""
    if view.picture is None:
        return "", ""
    answered = len(schema.heads) - len(view.labels.open_heads(schema))
    if view.labels.excluded:
        state = neutralise(schema.exclusion.title)
    elif answered == len(schema.heads):
        state = "complete"
    elif answered:
        state = f"{answered} of {len(schema.heads)} answered"
    else:
        state = "seen, no answer yet" if view.labels.seen else "new"
    copies = "   has copies" if view.copies else ""
    size = f"{view.picture.width}×{view.picture.height}"
    return neutralise(view.picture.name), f"{view.position + 1} of {view.total}   {size}   {state}{copies}"


def no_pictures(folder: Path) -> str:
    """What to do where the folder holds none."""
    what_to_do = "put JPEG, PNG or other pictures there\nand press r to look again"
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
