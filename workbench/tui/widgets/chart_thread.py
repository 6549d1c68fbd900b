"""The one thread in which charts are drawn; it remembers what it has smoothed."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from rich.text import Text

from workbench.monitoring.curves import Curve, CurveKey, Numbers, Smoother
from workbench.tui.chart_lines import Smooth, chart_lines
from workbench.tui.head_lines import HeadsContent, head_lines
from workbench.tui.widgets.chart_place import Job


class ChartThread:
    """Draws; belongs to the widget that made it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="charts")
        self._smoothers: dict[tuple[CurveKey, int, bool], Smoother] = {}

    def end(self) -> None:
        """Draw nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def forget(self) -> None:
        """Another run comes."""
        self._thread.submit(self._smoothers.clear)

    async def draw(self, jobs: Sequence[Job]) -> list[list[Text]]:
        """The lines of each; all in one go, so that they can be painted together."""
        work: Callable[[], list[list[Text]]] = partial(self._draw, jobs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _draw(self, jobs: Sequence[Job]) -> list[list[Text]]:
        """In the thread."""
        found = []
        for job in jobs:
            listed = isinstance(job.content, HeadsContent)
            detailed = any(one.detailed for one in (job.content.heads if listed else (job.content,)))
            draw = head_lines if listed else chart_lines
            found.append(draw(job.content, job.frame, self._smooth_detail if detailed else self._smooth))
        return found

    def _smooth(self, key: CurveKey, curve: Curve, span: int, *, detailed: bool = False) -> Numbers:
        """A smoothed curve; what was smoothed before is not gone through again."""
        smoother = self._smoothers.get((key, span, detailed))
        if smoother is None:
            smoother = self._smoothers[key, span, detailed] = Smoother(span)
        return smoother.take(curve)

    @property
    def _smooth_detail(self) -> Smooth:
        """For curves that were read again, beside those of the whole run."""
        return partial(self._smooth, detailed=True)
