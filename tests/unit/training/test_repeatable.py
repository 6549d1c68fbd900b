"""What a worker sets so that the same folder gives the same curve."""

import os

import pytest

from workbench.config import load_settings
from workbench.training import devices
from workbench.training.repeatable import make_repeatable

NAMES = ("TF_NUM_INTEROP_THREADS", "TF_DETERMINISTIC_OPS")
INTRAOP = "TF_NUM_INTRAOP_THREADS"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nobody has set anything, put back afterwards."""
    for name in (*NAMES, INTRAOP):
        monkeypatch.setenv(name, "")  # so that it is restored even where the test sets it
        monkeypatch.delenv(name)


def found(*overrides: str) -> tuple[str | None, ...]:
    make_repeatable(load_settings(overrides=overrides), 5)
    return tuple(os.environ.get(name) for name in NAMES)


def test_on_the_processor_it_is_the_default_because_it_costs_nothing() -> None:
    assert found("hardware.device=cpu") == ("1", None)


def test_it_can_be_wanted_on_a_gpu_and_not_wanted_at_all() -> None:
    assert found("training.deterministic=off") == (None, None)
    assert found("training.deterministic=on") == ("1", "1")


def test_a_gpu_is_not_slowed_down_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_gpus", lambda: 1)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert found() == (None, None)
    assert found("hardware.device=cpu") == ("1", None)


def test_what_a_person_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "4")
    assert found("hardware.device=cpu") == ("4", None)


def test_the_heads_of_the_reference_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    assert found("model.architecture=reference", "hardware.device=cpu") == (None, None)
    assert os.environ[INTRAOP] == "3"
    assert found("model.architecture=reference", "hardware.device=cpu", "hardware.xla=on") == ("1", None)
