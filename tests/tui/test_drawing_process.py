"""The process that draws the screen starts in a moment and stays light: no deep learning, no data frames."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import MakeBench

_ROOT = Path(__file__).resolve().parents[2]
_WALK = """
import asyncio, sys
from pathlib import Path
from workbench.bench import Bench
from workbench.tui.app import TABS, WorkbenchApp

async def walk():
    app = WorkbenchApp(Bench.open(Path(sys.argv[1])))
    async with app.run_test(size=(120, 40)) as pilot:
        for key in [tab.key for tab in TABS]:
            await pilot.press(key)
            for _ in range(20):
                await pilot.pause(0.01)
        await pilot.press("q")

asyncio.run(walk())
heavy = ("tensorflow", "keras", "pandas", "imgaug", "sklearn", "skimage", "matplotlib", "torch", "optuna")
print([name for name in heavy if name in sys.modules])
"""


def test_no_screen_brings_a_heavy_library_along(make_bench: MakeBench) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WALK, str(make_bench(3).root)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"


def test_the_label_screen_does_without_opencv(make_bench: MakeBench) -> None:
    keys = _WALK.replace("for key in [tab.key for tab in TABS]", "for key in ('f2', '1', '2', 'right')")
    code = keys.replace('"tensorflow"', '"cv2", "tensorflow"')
    done = subprocess.run(
        [sys.executable, "-c", code, str(make_bench(3).root)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"
