"""What happened in a run and what is worth knowing of it: advice, marks, requests, and its notes in words."""

from workbench.monitoring.snapshot import RunSnapshot
from workbench.report.markup import Html, element, heading, join, number, table
from workbench.training.control import Request
from workbench.tui.times import clock, moment

_MOST = 200
_CALM = frozenset({"best", "recovered"})
_TOLD = ("restart", "rate", "epochs")


def events(snapshot: RunSnapshot) -> Html:
    """Advice first; then what people and interruptions changed; then the lines of the log."""
    marks = [one for one in snapshot.marks if one.kind in _TOLD][-_MOST:]
    rows = [[moment(one.wall), number(f"{one.place:.2f}"), one.text] for one in marks]
    asked = [_request(one) for one in snapshot.requests[-_MOST:]]
    notes = snapshot.notes[-_MOST:]
    nothing = (
        None if snapshot.advice or rows or asked or notes else element("p", "Nothing yet.", class_="empty")
    )
    return join(
        _advice(snapshot),
        table(["when", heading("epoch"), "what changed"], rows, "Changes on the way") if rows else None,
        table(["asked", "what", "taken", "done", "how far"], asked, "What was asked of the worker")
        if asked
        else None,
        _notes(notes) if notes else None,
        nothing,
    )


def _advice(snapshot: RunSnapshot) -> Html | None:
    """Each in a line, those that ask for attention marked."""
    lines = [
        element(
            "li",
            element("b", "★ " if one.kind == "best" else "" if one.kind in _CALM else "! "),
            one.text,
            element("span", f" epoch {one.place:.4g}", class_="soft") if one.kind != "best" else None,
            class_="calm" if one.kind in _CALM else "warn",
        )
        for one in snapshot.advice[-_MOST:]
    ]
    return element("ul", *lines, class_="advice") if lines else None


def _request(one: Request) -> list[str]:
    """When something was asked, taken and done."""
    value = "" if one.value is None else f" {one.value:g}"
    reason = f": {one.reason}" if one.reason else ""
    taken, ended = (clock(wall) if wall is not None else "–" for wall in (one.taken_wall, one.ended_wall))
    return [moment(one.wall), f"{one.action}{value}", taken, ended, f"{one.stage}{reason}"]


def _notes(notes: tuple[str, ...]) -> Html:
    """The newest lines, folded up where there are many."""
    lines = element("ol", *[element("li", note) for note in notes], class_="notes")
    return element(
        "details", element("summary", f"The last {len(notes)} lines that it wrote for people"), lines
    )
