"""All heads in a line each, where charts would be too small (`head_lines.py`)."""

from workbench.tui.widgets.chart_panel import ChartPanel


class HeadList(ChartPanel):
    """The place of the list."""

    def __init__(self) -> None:
        super().__init__("")
        self.chosen = True
