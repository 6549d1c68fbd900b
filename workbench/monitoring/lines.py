"""A line of a log as an event whose numbers are numbers."""

from typing import Any

from workbench.training.tail import parse_line


def event_of(line: bytes) -> dict[str, Any] | None:
    """One line of a log as an event, or None if it is none; true and false are no numbers, so null."""
    event = parse_line(line)
    if event is not None and (b"true" in line or b"false" in line):
        return {key: _without_truths(value) for key, value in event.items()}
    return event


def _without_truths(value: Any) -> Any:
    """A value with null in the place of true and false, which are no numbers."""
    if isinstance(value, dict):
        return {key: _without_truths(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_truths(inner) for inner in value]
    return None if isinstance(value, bool) else value
