"""Styles of a widget's component classes, for text that is put together by hand."""

from rich.style import Style
from textual.widget import Widget


def look(widget: Widget, component: str) -> Style:
    """The foreground and attributes of a component class, laid over the widget's own background."""
    return widget.get_component_rich_style(component, partial=True)
