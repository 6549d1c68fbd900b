"""The one thread in which charts are drawn; it remembers what it has smoothed."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from rich.text import Text

from workbench.monitoring.curves import Curve, CurveKey, Numbers, Smoother
from workbench.tui.chart_content import ChartContent
from workbench.tui.chart_lines import Frame, Smooth, chart_lines
from workbench.tui.head_lines import head_lines


@dataclass(frozen=True)
class Job:
    """A chart to draw, or a list of heads.

    Attributes:
        contents: Of what; one of a chart.
        frame: Where.
        chosen: The chosen head of a list; None for a chart.
    """

    contents: tuple[ChartContent, ...]
    frame: Frame
    chosen: int | None = None


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

    async def draw(self, jobs: list[Job]) -> list[list[Text]]:
        """The lines of each; all in one go, so that they can be painted together."""
        work: Callable[[], list[list[Text]]] = partial(self._draw, jobs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _draw(self, jobs: list[Job]) -> list[list[Text]]:
        """In the thread."""
        found = []
        for job in jobs:
            smooth = self._smooth_detail if any(one.detailed for one in job.contents) else self._smooth
            if job.chosen is None:
                found.append(chart_lines(job.contents[0], job.frame, smooth))
            else:
                found.append(head_lines(job.contents, job.chosen, job.frame, smooth))
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
