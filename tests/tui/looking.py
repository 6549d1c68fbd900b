"""Looking at whole screens: what stands on them, whether it fits, and whether it can be read."""

import json
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.color import ColorType
from textual.pilot import Pilot

from tests.tui.run_folders import put_evaluation
from tests.tui.waiting import wait_until
from tests.unit.evaluation.conftest import head
from workbench.bench import Bench
from workbench.evaluation.report import ClassMetrics, Evaluation, SplitResult
from workbench.training.run import RunFolder
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.command_footer import CommandFooter
from workbench.tui.widgets.lines import LinesWidget
from workbench.tui.widgets.tab_header import TabHeader

SIZES = [(80, 24), (120, 40), (160, 45)]
THEMES = ["textual-dark", "textual-light"]
NASTY = "[red]\x1b[2J\u202e髪[/]"
SHOWN = "[red]\\e[2J\\u202e髪[/]"


def schema_of(folder: Path, titles: list[str]) -> Path:
    """A schema of heads with these titles."""
    heads = [
        f'[[heads]]\nname = "h{place}"\ntitle = {json.dumps(title)}\nrule = {json.dumps(title)}\n'
        f'classes = [{{name = {json.dumps("a" + title)}}}, {{name = "b"}}]\n'
        for place, title in enumerate(titles)
    ]
    path = folder / "made.toml"
    path.write_text('name = "made"\n' + "".join(heads))
    return path


def evaluated(bench: Bench, run: RunFolder) -> None:
    """An evaluation of every head of the bench."""
    heads = {
        one.name: head(
            weakest=one.classes[0].name,
            classes=tuple(ClassMetrics(of.name, 5, 5, 0.8, 0.8, 0.8) for of in one.classes),
            confusion=((4, 1), (1, 4)),
        )
        for one in bench.schema.heads
    }
    splits = {split: SplitResult(10, 0.5, heads) for split in ("train", "validation", "test")}
    put_evaluation(run, Evaluation(run.name, splits))


def lines_of(screen: WorkbenchScreen) -> list[LinesWidget]:
    """Every widget of lines that is shown."""
    return [one for one in screen.query(LinesWidget) if one.display and one.region and one.size.width]


def text(screen: WorkbenchScreen) -> str:
    """Everything that stands on the screen."""
    return "\n".join(one.text() for one in lines_of(screen))


@asynccontextmanager
async def shown(
    bench: Bench,
    tab: str,
    words: str,
    size: tuple[int, int] = (120, 40),
    theme: str = THEMES[0],
    annotator: str = "ana",
) -> AsyncIterator[tuple[Pilot[Any], WorkbenchScreen]]:
    """A tab, once it shows certain words."""
    app = WorkbenchApp(bench, annotator, first_screen=tab)
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await wait_until(pilot, lambda: isinstance(app.screen, WorkbenchScreen))
        screen = app.screen
        assert isinstance(screen, WorkbenchScreen)
        await wait_until(pilot, lambda: words in text(screen), 20)
        await pilot.pause()
        yield pilot, screen


def check_fits(screen: WorkbenchScreen) -> None:
    """No line is cut at the edge, nothing lies outside the terminal, nothing can be obeyed by it."""
    size = screen.app.size
    for widget in lines_of(screen):
        region = widget.region
        assert region.right <= size.width, widget
        for line in widget.text().splitlines():
            assert cell_len(line) <= widget.size.width, (widget, line)
            assert all(unicodedata.category(one)[0] != "C" for one in line), (widget, line)
    footer = screen.query_one(CommandFooter)
    assert footer.region.bottom == size.height, "the keys stand at the bottom"
    assert "F1 help" in footer.text()
    assert "q quit" in footer.text()
    assert (
        f"▸F{2 + ['label', 'data', 'train', 'evaluate', 'runs'].index(screen.MODE)}"
        in screen.query_one(TabHeader).text()
    )


def fits(screen: WorkbenchScreen) -> bool:
    """Whether `check_fits` would pass: not while a layout is under way."""
    try:
        check_fits(screen)
    except AssertionError:
        return False
    return True


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [one / 255 for one in colour]
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrasts(widget: LinesWidget) -> list[tuple[float, str]]:
    """Of each piece of text in a widget its contrast against what is behind it."""
    found = []
    for y in range(widget.size.height):
        for segment in widget.render_line(y):
            style = segment.style
            if not segment.text.strip() or style is None or style.color is None or style.bgcolor is None:
                continue
            if ColorType.DEFAULT in (style.color.type, style.bgcolor.type):
                continue
            pair = [tuple(one.get_truecolor()) for one in (style.color, style.bgcolor)]
            low, high = sorted(luminance((one[0], one[1], one[2])) for one in pair)
            found.append(((high + 0.05) / (low + 0.05), segment.text))
    return found
