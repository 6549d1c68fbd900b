"""The line about the machine: what stands in it, what is left out first, and that nothing jumps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from rich.style import Style

from tests.conftest import MakeBench
from tests.tui.run_folders import new_run
from workbench.monitoring.curves import Curve, CurveKey
from workbench.monitoring.follow import Follower
from workbench.monitoring.snapshot import RunSnapshot
from workbench.monitoring.track import Track
from workbench.training.events import EventLog
from workbench.training.state import RunState
from workbench.training.system import SystemTeller
from workbench.tui.widgets.machine_line import CELL_S, machine_lines
from workbench.tui.widgets.run_text import Looks

MUTED, ERROR = Style(dim=True), Style(color="red")
LOOKS: Looks = {"title": Style(bold=True), "muted": MUTED, "error": ERROR}
BEGUN = 1_700_000_010.0
"""Unix seconds at which a cell of the sparklines begins."""
Figures = Mapping[str, float | Sequence[float]]
PROCESSES: Mapping[str, float] = {
    "processor_percent": 187.4,
    "memory_mb": 1229,
    "disk_read_mb_s": 1,
    "disk_write_mb_s": 2,
}
GPU: Mapping[str, float] = {
    "utilisation_percent": 87,
    "power_w": 312.4,
    "temperature_c": 61,
    "memory_mb": 9523,
    "memory_total_mb": 24576,
}


def curves(times: np.ndarray[Any, Any], figures: Mapping[CurveKey, float | Sequence[float]]) -> Any:
    """Curves over these times; a single number is constant."""
    track, count = Track(), len(times)
    axes = np.column_stack([np.arange(count), np.arange(count) / 10 + 0.1, times, np.arange(count)])
    track.extend(
        axes, list(figures), np.column_stack([np.broadcast_to(one, count) for one in figures.values()])
    )
    return track.curves()


def snapshot(
    speed: float | Sequence[float] | None = 12.3,
    processes: Figures = PROCESSES,
    gpus: Sequence[Figures] = (),
    count: int = 60,
    every: float = 5.0,
) -> RunSnapshot:
    """A run of which so many events tell these figures."""
    times = BEGUN + every * np.arange(count)
    told: dict[CurveKey, float | Sequence[float]] = {
        ("", name, "system"): one for name, one in processes.items()
    }
    for index, gpu in enumerate(gpus):
        told |= {(f"gpu {index}", name, "system"): one for name, one in gpu.items()}
    all_curves: dict[CurveKey, Curve] = curves(times, told) if told else {}
    if speed is not None:
        all_curves = {**all_curves, **curves(times, {("", "images_per_second", "train"): speed})}
    return RunSnapshot("run", RunState.RUNNING, curves=all_curves)


def said(one: RunSnapshot, width: int = 200, rows: int = 1) -> list[str]:
    """The lines without their looks."""
    return [line.plain for line in machine_lines(one, width, LOOKS, rows)]


def numbers(line: str) -> str:
    """A line without its sparklines."""
    return " ".join("".join(" " if cell in "▁▂▃▄▅▆▇█·" else cell for cell in line).split())


def test_every_figure_of_a_run_on_a_gpu() -> None:
    [line] = said(snapshot(gpus=[GPU]))
    assert numbers(line) == (
        "12.3 images/s CPU 187 % memory 1.2 GB GPU 87 % 312 W 61 °C 9.3/24 GB disk 3.0 MB/s"
    )
    assert "▇" * 16 in line, "87 of 100 % of the GPU"


def test_without_a_gpu_nothing_is_said_of_one() -> None:
    for rows in (1, 2):
        [line] = said(snapshot(), rows=rows)
        assert numbers(line) == "12.3 images/s CPU 187 % memory 1.2 GB disk 3.0 MB/s"


def test_with_room_for_two_lines_the_gpu_has_its_own() -> None:
    first, second = said(snapshot(gpus=[GPU]), 80, rows=2)
    assert numbers(first) == "12.3 images/s CPU 187 % memory 1.2 GB disk 3.0 MB/s"
    assert numbers(second) == "GPU 87 % 312 W 61 °C 9.3/24 GB"


def test_several_gpus_are_told_together_the_idle_one_too() -> None:
    gpus = [GPU, {**GPU, "utilisation_percent": 3, "power_w": 50, "temperature_c": 40}, GPU]
    [line] = said(snapshot(None, {}, gpus))
    assert numbers(line) == "3 GPUs 3–87 % 675 W 61 °C 27.9/72 GB"


@pytest.mark.parametrize("missing", list(GPU))
def test_what_a_driver_does_not_tell_is_left_out(missing: str) -> None:
    [line] = said(snapshot(None, {}, [{name: one for name, one in GPU.items() if name != missing}]))
    whole = {
        "utilisation_percent": "GPU 312 W 61 °C 9.3/24 GB",
        "power_w": "GPU 87 % 61 °C 9.3/24 GB",
        "temperature_c": "GPU 87 % 312 W 9.3/24 GB",
        "memory_mb": "GPU 87 % 312 W 61 °C",
        "memory_total_mb": "GPU 87 % 312 W 61 °C 9.3 GB",
    }
    assert numbers(line) == whole[missing]


def test_of_a_run_of_which_nothing_is_known_there_is_no_line() -> None:
    assert said(snapshot(None, {})) == []
    assert said(RunSnapshot("run", RunState.STARTING), rows=2) == []


@pytest.mark.parametrize("rows", [1, 2])
def test_every_width_is_kept_and_the_sparklines_go_before_the_figures(rows: int) -> None:
    whole = snapshot(gpus=[GPU])
    widest = " ".join(map(numbers, said(whole, rows=rows)))
    for width in range(0, 200, 7):
        lines = said(whole, width, rows)
        assert all(cell_len(line) <= width for line in lines)
        told = [numbers(line) for line in lines]
        assert all(part in widest for part in told), "left out from the right"
        if any("█" in line for line in lines) and rows == 1:
            assert told == [widest]
    assert numbers(said(whole, 60)[0]) == "12.3 images/s CPU 187 % memory 1.2 GB GPU 87 % 312 W"


@pytest.mark.parametrize("value", [0.0, 0.004, 1.23, 9.999, 12.34, 99.99, 123.4, 1234.5, math.nan, math.inf])
def test_no_figure_moves_another(value: float) -> None:
    usual = said(snapshot(gpus=[GPU], count=1))[0]
    figures = dict.fromkeys(PROCESSES, value) | {"memory_mb": value * 1000}
    odd = said(snapshot(value, figures, [GPU], count=1))[0]
    places = [usual.index(word) for word in ("images/s", "CPU", "memory", "GPU", "disk")]
    assert [odd.index(word) for word in ("images/s", "CPU", "memory", "GPU", "disk")] == places
    assert len(odd) == len(usual)


def test_a_figure_that_is_told_no_more_keeps_its_place_with_a_dash() -> None:
    lost: list[Figures] = [{name: [one, math.nan] for name, one in GPU.items()}]
    [line] = said(snapshot(None, {}, lost, count=2))
    assert numbers(line) == "GPU – % – W – °C – GB"


def test_a_disk_that_is_nearly_full_is_said_in_the_colour_of_errors() -> None:
    [line] = machine_lines(snapshot(processes={**PROCESSES, "disk_free_gb": 0.4}), 200, LOOKS)
    assert numbers(line.plain).endswith("disk 3.0 MB/s 0.4 GB free")
    [alarm] = [span for span in line.spans if span.style == ERROR]
    assert line.plain[alarm.start : alarm.end].strip() == "0.4 GB free"
    assert "free" not in said(snapshot(processes={**PROCESSES, "disk_free_gb": 40}))[0]
    assert numbers(said(snapshot(None, {"disk_free_gb": 0.4}))[0]) == "disk 0.4 GB free"


def test_a_sparkline_shows_the_last_minutes_a_quarter_of_a_minute_a_cell() -> None:
    steps = np.repeat([100.0, 50.0, 25.0, 100.0], int(CELL_S / 5))
    [line] = said(snapshot(None, {"processor_percent": steps.tolist()}, count=len(steps)))
    assert line.endswith("% " + " " * 12 + "█▅▃█"), "at the right, and nothing before the run began"


def test_a_pause_is_a_gap() -> None:
    times = BEGUN + np.concatenate([np.arange(0, 30, 5), np.arange(90, 120, 5)])
    told = curves(times, {("", "processor_percent", "system"): 100.0})
    [line] = said(RunSnapshot("run", RunState.RUNNING, curves=told))
    assert line.rstrip().endswith("██····██")


def test_of_a_run_so_long_that_its_points_are_merged_no_cell_is_empty() -> None:
    track = Track(8)
    times = BEGUN + 5.0 * np.arange(200)
    axes = np.column_stack([np.arange(200), np.arange(200) / 10, times, np.arange(200)])
    track.extend(axes, [("", "processor_percent", "system")], np.full((200, 1), 100.0))
    [line] = said(RunSnapshot("run", RunState.RUNNING, curves=track.curves()))
    assert line.endswith("█" * 16)


def test_from_one_second_to_the_next_few_cells_change() -> None:
    rng = np.random.default_rng(3)
    count = 200
    processes = {name: (100 + 5 * rng.standard_normal(count)).tolist() for name in PROCESSES}
    gpus = [{name: (80 + 5 * rng.standard_normal(count)).tolist() for name in GPU}]
    speed = (12 + 0.2 * rng.standard_normal(count)).tolist()
    changed = []
    before = ""
    for known in range(100, count):
        cut = {name: one[:known] for name, one in processes.items()}
        cut_gpus = [{name: one[:known] for name, one in gpus[0].items()}]
        [line] = said(snapshot(speed[:known], cut, cut_gpus, known, every=1.0), 160)
        changed.append(sum(one != other for one, other in zip(line, before, strict=False)))
        before = line
    assert len(before) <= 160
    assert np.median(changed[1:]) <= 24, "the numbers themselves"
    assert np.mean(changed[1:]) <= 32, "and the sparklines once in a quarter of a minute"


@pytest.mark.parametrize("value", [1e300, -1e300, -5.0, 1e-320])
def test_absurd_figures_in_a_log_break_nothing(value: float) -> None:
    figures = {**dict.fromkeys(PROCESSES, value), "disk_free_gb": value}
    gpu = dict.fromkeys(GPU, value)
    for width in (0, 1, 40, 120):
        assert all(cell_len(line) <= width for line in said(snapshot(value, figures, [gpu]), width, 2))


def test_what_a_worker_tells_of_itself_comes_out_as_a_line(make_bench: MakeBench) -> None:
    run = new_run(make_bench(0))
    with EventLog(run.events) as log, SystemTeller(log, run.root, run.settings().hardware, every=60):
        pass
    [line] = said(Follower(run).poll())
    assert numbers(line).startswith("CPU ")
    assert "memory" in line
