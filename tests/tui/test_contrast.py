"""Every text can be read, in the dark theme and in the light one: a contrast of 4.5 to 1 (WCAG 2.2, AA)."""

from functools import partial
from typing import Any

import pytest
from textual.app import App
from textual.color import Color
from textual.widget import Widget

from tests.conftest import MakeBench
from tests.tui.waiting import label_screen, wait_until
from workbench.tui.app import TABS, WorkbenchApp
from workbench.tui.themes import DARK, LIGHT

LEAST = 4.5
NO_TEXT = {"bar", "bar-rest", "scrollbar"}
"""Endings of component classes that colour bars, not words."""


def luminance(color: Color) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [part / 255 for part in color.rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio (WCAG 2.2)."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def too_faint(app: App[Any]) -> dict[str, float]:
    """Texts of the present screen that are hard to read, with their contrast."""
    found = {}
    for widget in app.screen.query("*").results(Widget):
        for name in ("", *sorted(widget.COMPONENT_CLASSES)):
            if name.rpartition("--")[2] in NO_TEXT or type(widget).__module__.startswith("textual."):
                continue
            style = widget.get_visual_style(name) if name else widget.visual_style
            ratio = contrast(*blended(style.foreground, style.background, widget))
            if ratio < LEAST:
                found[f"{type(widget).__name__} {name}"] = round(ratio, 2)
    return found


def blended(front: Color | None, back: Color | None, widget: Widget) -> tuple[Color, Color]:
    """What is really painted: transparent colours laid over what is behind them."""
    behind = widget.background_colors[1]
    ground = behind + back if back is not None else behind
    return (ground + front if front is not None else ground.get_contrast_text(1)), ground


def shown(app: App[Any], name: str) -> bool:
    """Whether the screen of this class is the present one."""
    return type(app.screen).__name__ == name


def test_the_formula_is_the_standards() -> None:
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    assert contrast(Color(118, 118, 118), Color(255, 255, 255)) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [DARK.name, LIGHT.name])
async def test_every_text_can_be_read(make_bench: MakeBench, theme: str) -> None:
    app = WorkbenchApp(make_bench(3), "ana")
    async with app.run_test(size=(120, 40)) as pilot:
        app.theme = theme
        await label_screen(pilot)
        faint = {}
        ways = [(tab.key, tab.screen) for tab in TABS]
        for key, name in [*ways, ("f2", "LabelScreen"), ("m", "SheetScreen"), ("f1", "HelpScreen")]:
            await pilot.press(key)
            await wait_until(pilot, partial(shown, app, name))
            await pilot.pause()
            faint[name] = too_faint(app)
        assert not {mode: found for mode, found in faint.items() if found}
