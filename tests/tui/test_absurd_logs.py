"""Whatever stands in a run's log, the list, the status, the charts and the JSON can be made of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.style import Style

from tests.unit.training.conftest import maker
from workbench.monitoring.follow import Follower
from workbench.monitoring.summary import list_runs
from workbench.training.run import RunFolder
from workbench.tui.chart_content import contents_of
from workbench.tui.chart_lines import Frame, chart_lines
from workbench.tui.chart_view import ChartView
from workbench.tui.charts import Looks
from workbench.tui.screens.runs_text import about, info_lines, runs_view
from workbench.tui.times import duration, moment
from workbench.tui.widgets.run_text import Looks as RunLooks
from workbench.tui.widgets.run_text import event_lines, log_page, note_page, status_lines
from workbench.tui.widgets.table_layout import Looks as TableLooks
from workbench.tui.widgets.table_layout import Place, TableLayout

PLAIN: Looks = {role: Style() for role in ("axis", "train", "validation", "level", "gap")}
LOOKS: RunLooks = {"title": Style(), "error": Style(), "muted": Style()}
KINDS = (
    "batch",
    "epoch",
    "started",
    "system",
    "progress",
    "phase",
    "note",
    "checkpoint",
    "finished",
    "failed",
)
FIELDS = (
    "epoch", "batch", "batches", "loss", "seconds_left", "images_per_second", "step", "wall", "mono", "seq",
    "epochs", "value", "best_epoch", "best_value", "learning_rate", "memory_mb", "peak_mb", "done", "total",
    "resumed_epoch", "resumed_batch", "heads", "train", "validation", "metric", "text", "name", "cause",
)  # fmt: skip
SENSIBLE: dict[str, Any] = {
    "epoch": 1, "batch": 1, "batches": 4, "loss": 1.0, "epochs": 3, "wall": 1.7e9, "metric": "val_loss",
    "value": 1.0, "best_epoch": 1, "heads": {}, "train": {"loss": 1.0}, "validation": {"loss": 1.0},
}  # fmt: skip
RAW = st.one_of(
    st.sampled_from(["NaN", "Infinity", "-1e999", "1e300", "5e-324", "-1", "null", "true", "[]", "{}", '""']),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(max_size=20).map(json.dumps),
    st.dictionaries(st.text(max_size=4), st.floats(), max_size=2).map(json.dumps),
)


@st.composite
def lines(choose: st.DrawFn) -> str:
    """A line of a log in which one field holds anything at all."""
    kind, field = choose(st.sampled_from(KINDS)), choose(st.sampled_from(FIELDS))
    rest = {name: value for name, value in SENSIBLE.items() if name != field}
    return json.dumps({"type": kind, **rest})[:-1] + f', "{field}": {choose(RAW)}}}\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run whose log is written anew for each example."""
    made = maker(tmp_path_factory.mktemp("absurd"))(about_data={"majority": {"glasses": 0.5}})
    made.log.touch()
    return made


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(lines(), min_size=1, max_size=4), width=st.sampled_from([80, 120, 160]))
def test_any_log_can_be_listed_followed_drawn_and_told(run: RunFolder, found: list[str], width: int) -> None:
    run.events.write_text("".join(found))
    [summary] = list_runs(run.root.parent)
    json.dumps(summary.to_dict(), allow_nan=False)
    table = TableLayout(runs_view([summary]), width).lines(20, Place(), TableLooks())
    assert any(run.name in line.plain for line in table)
    assert all(line.plain.isprintable() for line in table)
    assert all(words.isprintable() for words in about(summary, run))
    snapshot = Follower(run).poll()
    json.dumps(snapshot.to_dict(), allow_nan=False)
    view = ChartView(span=1)
    status = status_lines(snapshot, (*view.words(), "1 of 1"), "", width, LOOKS, now=1e9, held=view.state)
    assert run.name in status[0].plain
    assert summary.state.value in status[0].plain
    assert all(line.plain.isprintable() for line in status)
    for line in (*event_lines(snapshot, width, 3, LOOKS), *note_page(snapshot, width)):
        assert line.plain.isprintable()
    for content in contents_of(dict.fromkeys(("", "glasses"), "title"), snapshot, view).values():
        drawn = chart_lines(content, Frame(40, 12, Style(), PLAIN), lambda _, of, span: of.smoothed(span))
        assert len(drawn) == 12


@settings(max_examples=60, deadline=None)
@given(seconds=st.floats(0, 1e12))
def test_a_duration_is_short_and_near(seconds: float) -> None:
    words = duration(seconds)
    if words.endswith(" s"):
        assert abs(int(words[:-2]) - seconds) <= 0.5
        assert int(words[:-2]) <= 90
    elif words.endswith(" min"):
        assert abs(int(words[:-4]) * 60 - seconds) <= 30
        assert int(words[:-4]) < 60
    else:
        hours, minutes = words.split(" h ")
        assert abs(int(hours) * 3600 + int(minutes) * 60 - seconds) <= 30.001
        assert len(minutes) == 2
        assert int(minutes) < 60


@settings(max_examples=40, deadline=None)
@given(seconds=st.floats())
def test_any_number_is_a_moment_or_a_dash(seconds: float) -> None:
    words = moment(seconds)
    assert words == "–" or len(words) >= 16
    assert (words == "–") or seconds > 0


@settings(max_examples=30, deadline=None)
@given(log=st.binary(min_size=1, max_size=200), width=st.integers(8, 120))
def test_any_bytes_of_a_library_are_shown_harmlessly(log: bytes, width: int) -> None:
    for line in log_page(log, width):
        assert line.plain.isprintable() or "\u200d" in line.plain
        assert len(line.plain) <= max(8, width)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    part=st.sampled_from(["settings", "data", "places", "versions", "host", "command", "preset", "created"]),
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
        max_leaves=5,
    ),
)
def test_any_description_of_a_run_is_told_one_harmless_line_a_value(
    run: RunFolder, tmp_path: Path, part: str, value: Any
) -> None:
    copy = RunFolder(shutil.copytree(run.root, tmp_path / run.name, dirs_exist_ok=True))
    copy.run_json.write_text(json.dumps({**json.loads(copy.run_json.read_text()), part: value}))
    told = info_lines(copy)
    assert all(line.isprintable() or "\u200d" in line for line in told)
    assert told[0] == f"folder: {copy.root}"
    assert told[-1] == "nothing was written"
    [summary] = list_runs(tmp_path)
    json.dumps(summary.to_dict(), allow_nan=False)
    assert runs_view([summary]).rows[0].name == run.name
