"""The place of one chart of a run (`chart_lines.py`)."""

from workbench.tui.charts import DOTS, ROLES
from workbench.tui.widgets.chart_place import ChartPlace

LOOKS = tuple(role for role in ROLES if role not in DOTS)
"""What a run's chart is made of; each has a look."""


class ChartPanel(ChartPlace):
    """The place of one chart of a run, or of a list of sparklines."""

    ROLES = LOOKS
