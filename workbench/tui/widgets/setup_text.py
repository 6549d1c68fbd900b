"""What the set-up of a run says: presets, the meaning of a setting, how much is labelled."""

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from workbench.config import SettingField
from workbench.dataset.distribution import Distribution
from workbench.schema import Schema
from workbench.text import neutralise
from workbench.tui.run_setup import RunSetup, shown
from workbench.tui.widgets.settings_list import CHANGED, PRESET
from workbench.tui.widgets.wrapping import counted, wrap


def preset_lines(setup: RunSetup, width: int, title: Style) -> list[Text]:
    """Every preset with what it is for."""
    longest = max(map(len, setup.presets))
    lines = []
    for name in setup.presets:
        chosen = name == setup.preset
        line = Text(f" {'▸' if chosen else ' '} ", no_wrap=True)
        line.append(f"{neutralise(name):<{longest}}", title if chosen else "")
        line.append(f"  {neutralise(setup.descriptions[name], max(4, width - line.cell_len - 3))}")
        lines.append(line)
    return lines


def meaning_lines(field: SettingField, unchanged: str, width: int, muted: Style) -> list[Text]:
    """What the chosen setting means, which values are valid, and where its value comes from: three lines."""
    sources = [f"valid: {field.valid}", f"default {neutralise(shown(field.default), 30)}"]
    if unchanged:
        sources.append(f"without your change {neutralise(unchanged, 30)}")
    sources.append(f"{CHANGED} changed by you, {PRESET} by preset or bench")
    meaning = wrap(field.meaning, width - 2, 2)
    lines = [Text(f" {line}") for line in meaning]
    return lines + [
        Text(f" {line}", muted) for line in wrap(" · ".join(sources), width - 2, 4 - len(meaning))
    ]


def labels_line(found: Distribution, schema: Schema) -> str:
    """How many pictures are labelled, and the heads that could not be trained."""
    if not found.pictures:
        return "no pictures are known yet: F2 looks for them and says where to put them"
    usable = {
        head.name: [count for count in found.head(head.name).counts.values() if count]
        for head in schema.heads
    }
    line = f"{found.complete} of {counted(found.pictures, 'picture')} labelled"
    poor = [neutralise(head.title) for head in schema.heads if len(usable[head.name]) < 2]
    if not any(usable.values()):
        return f"{line}: nothing to learn from yet; F2 labels"
    counts: Sequence[str] = [
        f"{neutralise(head.title)} {sum(usable[head.name])}" for head in schema.heads if usable[head.name]
    ]
    line += f"; answers: {', '.join(counts[:8])}{' …' if len(counts) > 8 else ''}"
    return f"{line}; not yet two classes: {', '.join(poor[:4])}" if poor else line
