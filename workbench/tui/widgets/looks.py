"""Styles of a widget's component classes, for text that is put together by hand."""

from rich.style import Style
from textual.widget import Widget


def look(widget: Widget, component: str) -> Style:
    """A component class as a Rich style, its transparent colours blended with the widget's background."""
    return widget.get_visual_style(component).rich_style
