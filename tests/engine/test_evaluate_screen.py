"""The Evaluate screen on a run that nobody evaluated yet: a real network, a real process, real figures."""

from tests.engine.conftest import MakeRun
from tests.tui.run_folders import begin
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.evaluation.report import read_evaluation
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.evaluate import EvaluateScreen
from workbench.tui.widgets.row_table import RowTable


async def test_a_run_without_an_evaluation_is_evaluated_by_a_process(make_run: MakeRun) -> None:
    run = make_run(12)
    with begin(run, 1) as log:
        log.emit("finished", text="", epoch=1, best_epoch=1, seconds=1.0)
    app = WorkbenchApp(Bench.open(run.root.parent.parent), first_screen="evaluate")
    async with app.run_test(size=(120, 40)) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, EvaluateScreen))
        screen = app.screen
        assert isinstance(screen, EvaluateScreen)
        await wait_until(pilot, lambda: screen.evaluation is not None, 120)
        assert screen.evaluation == read_evaluation(run)
        assert screen.evaluation is not None
        shown = screen.query_one(RowTable).text()
        for name in run.schema().head_names:
            assert name in shown
        assert not screen.working
        first = run.evaluation.stat().st_mtime_ns
        await pilot.press("a")
        await wait_until(pilot, lambda: screen.working)
        await wait_until(pilot, lambda: not screen.working, 120)
        assert run.evaluation.stat().st_mtime_ns > first
