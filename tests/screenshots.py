"""The README's pictures: `python -m tests.screenshots [FOLDER]` drives the real program on the sample bench.

A real run is trained for the Train and Evaluate screens; that takes about a minute.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from workbench.sample_bench import open_sample_bench
from workbench.training.launcher import launch
from workbench.training.start import prepare_run
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.evaluate import EvaluateScreen
from workbench.tui.screens.label import LabelScreen
from workbench.tui.screens.train import TrainScreen
from workbench.tui.widgets.picture_view import PictureView

SIZE = (120, 40)
FOLDER = Path(__file__).resolve().parents[1] / "data" / "screenshots"
_SHOWN_EPOCHS = 24


async def until(pilot: Pilot[int], condition: Callable[[], object], seconds: float = 180.0) -> None:
    """Let the app work until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{condition} did not come true in {seconds:.0f} s")
        await pilot.pause(0.05)
    await pilot.pause(0.5)


def save(app: WorkbenchApp, folder: Path, name: str) -> None:
    """Write the screen as SVG, without the web font that its viewer would fetch."""
    drawing = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="workbench"), flags=re.DOTALL)
    (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")


async def take(folder: Path) -> None:
    """Go through the four screens."""
    with tempfile.TemporaryDirectory() as home:
        bench = open_sample_bench(Path(home) / "sample")
        run = prepare_run(bench, bench.settings("fast"), preset="fast")
        launch(run)
        app = WorkbenchApp(bench, "ana")
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: isinstance(app.screen, LabelScreen) and app.screen.scanned)
            await pilot.press("1", "2", "1")
            face = app.screen.query_one(PictureView)
            await until(pilot, lambda: bool(face.shown))
            save(app, folder, "label")
            await pilot.press("f3")
            await until(pilot, lambda: "effective" in str(app.export_screenshot()))
            save(app, folder, "data")
            await pilot.press("f4")
            await until(pilot, lambda: isinstance(app.screen, TrainScreen) and app.screen.opened)
            screen = app.screen
            assert isinstance(screen, TrainScreen)

            def far_enough() -> bool:
                seen = screen.monitor.snapshot
                return seen is not None and (seen.epoch >= _SHOWN_EPOCHS or not seen.state.live)

            await until(pilot, far_enough)
            save(app, folder, "train")
            await until(pilot, lambda: not run.alive())
            await pilot.press("f5")
            await until(
                pilot, lambda: isinstance(app.screen, EvaluateScreen) and app.screen.evaluation is not None
            )
            save(app, folder, "evaluate")


def main() -> None:
    """Take all of them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder))


if __name__ == "__main__":
    main()
