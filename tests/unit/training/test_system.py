"""The events about the machine that a worker writes from a thread of its own."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.unit.training.nvml import Driver, Gpu, put_driver
from workbench.errors import InputError
from workbench.settings import HardwareSettings
from workbench.training.events import EventLog
from workbench.training.run import RunFolder
from workbench.training.system import SystemTeller

HARDWARE = HardwareSettings()


def told(run: RunFolder, hardware: HardwareSettings = HARDWARE, at_least: int = 1) -> list[dict[str, Any]]:
    """The events that a worker wrote; the last one when it ended."""
    every = 0.005 if at_least > 1 else 60
    with EventLog(run.events) as log, SystemTeller(log, run.root, hardware, every):
        deadline = time.monotonic() + 20
        while run.events.read_bytes().count(b"\n") < at_least - 1:
            assert time.monotonic() < deadline
            time.sleep(0.001)
    return [json.loads(line) for line in run.events.read_text().splitlines()]


def test_figures_of_the_machine_are_told_again_and_again_and_at_the_end(run: RunFolder) -> None:
    found = told(run, at_least=4)
    assert len(found) >= 4
    for event in found:
        assert event["type"] == "system"
        assert 1 < event["memory_mb"] <= event["peak_mb"] + 1
        assert event["processor_percent"] >= 0
        assert event["processes"] >= 1
        assert event["memory_mb"] >= psutil.Process().memory_info().rss / 2**20 * 0.7
        assert event["disk_free_gb"] == pytest.approx(shutil.disk_usage(run.root).free / 2**30, rel=0.5)


def test_a_short_training_is_told_of_once(run: RunFolder) -> None:
    assert [event["type"] for event in told(run)] == ["system"]


def test_the_figures_come_often_at_first_and_then_seldom(run: RunFolder) -> None:
    teller = SystemTeller(None, run.root, HARDWARE)  # type: ignore[arg-type]
    assert [teller._pause(age) for age in (0, 59, 60, 9999)] == [2, 2, 5, 5]


def test_without_a_gpu_none_is_spoken_of(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    put_driver(monkeypatch, Driver(start=9))
    assert "gpus" not in told(run)[0]


@pytest.mark.parametrize(
    ("hardware", "chosen", "seen"),
    [
        (HardwareSettings(), None, ["GPU-a", "GPU-b"]),
        (HardwareSettings(replicas=1), None, ["GPU-a"]),
        (HardwareSettings(), "1", ["GPU-b"]),
        (HardwareSettings(device="cpu"), None, []),
    ],
)
def test_the_gpus_that_the_run_uses_stand_in_the_event(
    run: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    hardware: HardwareSettings,
    chosen: str | None,
    seen: list[str],
) -> None:
    put_driver(monkeypatch, Driver(Gpu("GPU-a", b"GPU-a"), Gpu("GPU-b", b"GPU-b")))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)
    gpus = told(run, hardware)[0].get("gpus", [])
    assert [gpu["name"] for gpu in gpus] == seen
    assert all(gpu["temperature_c"] == 61 for gpu in gpus)


def test_a_full_disk_does_not_end_the_training_by_way_of_the_figures(run: RunFolder) -> None:
    class Full:
        """A log on a full disk."""

        told = 0

        def emit(self, *_: object, **__: object) -> None:
            self.told += 1
            raise InputError("the disk is full")

    full = Full()
    with SystemTeller(full, run.root, HARDWARE, every=0.001):  # type: ignore[arg-type]
        deadline = time.monotonic() + 20
        while full.told < 3:
            assert time.monotonic() < deadline, "the thread goes on after an error"
            time.sleep(0.001)


def test_a_folder_that_is_gone_leaves_only_its_disk_out(run: RunFolder, tmp_path: Path) -> None:
    with EventLog(run.events) as log, SystemTeller(log, tmp_path / "gone", HARDWARE, every=60):
        pass
    [event] = [json.loads(line) for line in run.events.read_text().splitlines()]
    assert "disk_free_gb" not in event
    assert event["memory_mb"] > 1
