"""Waiting for what a person would see, without fixed sleeps."""

import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from workbench.tui.screens.label import LabelScreen
from workbench.tui.widgets.head_panel import HeadPanel
from workbench.tui.widgets.picture_view import PictureView
from workbench.tui.widgets.status_bar import StatusBar


async def wait_until(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Let the app work until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true in {seconds} s"
        await pilot.pause(0.01)


async def label_screen(pilot: Pilot[Any]) -> LabelScreen:
    """The Label screen with its labels open, all pictures found and the first one drawn."""
    app = pilot.app
    await wait_until(pilot, lambda: isinstance(app.screen, LabelScreen))
    screen = app.screen
    assert isinstance(screen, LabelScreen)
    await wait_until(pilot, lambda: screen.desk.view is not None and screen.scanned)
    await settle(pilot, screen)
    return screen


async def settle(pilot: Pilot[Any], screen: LabelScreen) -> None:
    """Until every key is worked off and the picture on the screen is the one that is labelled."""

    def settled() -> bool:
        view = screen.desk.view
        if view is None or not screen.idle:
            return False
        return view.picture is None or screen.query_one(PictureView).shown == view.picture.fingerprint

    await pilot.pause()
    await wait_until(pilot, settled)
    await pilot.pause()


async def press(pilot: Pilot[Any], screen: LabelScreen, *keys: str) -> None:
    """Press keys and wait until the screen shows what they did."""
    await pilot.press(*keys)
    await settle(pilot, screen)


def status(screen: LabelScreen) -> str:
    """The lines under the picture."""
    return screen.query_one(StatusBar).text()


def heads(screen: LabelScreen) -> str:
    """The heads' panel."""
    return screen.query_one(HeadPanel).text()
