"""What is told of GPUs by the real `pynvml`, on a driver that is not real: this machine has no GPU."""

import pynvml
import pytest

from tests.unit.training.nvml import Driver, Gpu, put_driver
from workbench.training.gpus import Gpus

NOT_SUPPORTED, LOST = pynvml.NVML_ERROR_NOT_SUPPORTED, pynvml.NVML_ERROR_GPU_IS_LOST
MEASURED = ("utilisation", "memory", "power", "temperature")


def machine() -> tuple[Gpu, Gpu, Gpu]:
    """Three GPUs."""
    return Gpu("GPU-8932f937-d72c"), Gpu("GPU-9ac1", b"NVIDIA H100", 5), Gpu("GPU-9f00", b"Tesla T4", 0)


def indices(chosen: str | None, at_most: int | None = None) -> list[object]:
    """Which GPUs are looked at."""
    with Gpus(chosen, at_most) as gpus:
        return [figures["index"] for figures in gpus.figures()]


def test_every_figure_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = put_driver(monkeypatch, Driver(machine()[0]))
    with Gpus(None) as gpus:
        assert driver.running == 1
        assert gpus.figures() == [
            {
                "index": 0,
                "name": "NVIDIA RTX A5000",
                "utilisation_percent": 87,
                "memory_mb": 9300,
                "memory_total_mb": 24000,
                "power_w": 312.4,
                "temperature_c": 61,
            }
        ]
        driver.gpus[0].utilisation = 12
        assert gpus.figures()[0]["utilisation_percent"] == 12, "measured anew each time"
    assert driver.running == 0, "the driver may be unloaded"


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        (None, [0, 1, 2]),
        ("", []),
        ("1", [1]),
        ("2, 0", [2, 0]),
        ("0,-1,1", [0]),
        ("0,7,1", [0]),
        ("GPU-9ac1", [1]),
        ("GPU-8932f9,2", [0, 2]),
        ("GPU-0000,1", []),
        ("NoDevFiles", []),
    ],
)
def test_only_what_cuda_shows_to_the_worker(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, seen: list[int]
) -> None:
    put_driver(monkeypatch, Driver(*machine()))
    assert indices(chosen) == seen


def test_a_run_on_one_of_three_looks_at_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    put_driver(monkeypatch, Driver(*machine()))
    assert indices("2,1,0", at_most=1) == [2]
    assert indices(None, at_most=0) == []


@pytest.mark.parametrize("untold", MEASURED)
def test_a_figure_that_the_driver_does_not_tell_is_left_out(
    monkeypatch: pytest.MonkeyPatch, untold: str
) -> None:
    first, second, _ = machine()
    first.untold[untold] = NOT_SUPPORTED
    put_driver(monkeypatch, Driver(first, second))
    with Gpus(None) as gpus:
        one, other = gpus.figures()
    missing = {name for name in other if name not in one}
    assert missing
    assert all(name.startswith(untold) for name in missing)


def test_a_slice_of_a_gpu_has_a_name_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, part = Gpu("GPU-1"), Gpu("MIG-2f3c", b"NVIDIA A100 MIG 1g.5gb", used=2**30)
    part.untold = dict.fromkeys(("utilisation", "power", "temperature"), NOT_SUPPORTED)
    put_driver(monkeypatch, Driver(whole, part))
    with Gpus("MIG-2f3c") as gpus:
        [told] = gpus.figures()
    assert (told["name"], told["memory_mb"]) == ("NVIDIA A100 MIG 1g.5gb", 1024)
    assert "utilisation_percent" not in told
    assert indices("MIG-gone") == []


def test_a_gpu_that_is_lost_in_the_midst_is_told_of_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = machine()
    third.untold["handle"] = pynvml.NVML_ERROR_NO_PERMISSION
    put_driver(monkeypatch, Driver(first, second, third))
    with Gpus("0,1") as gpus:
        assert len(gpus.figures()) == 2
        first.untold = dict.fromkeys(MEASURED, LOST)
        assert [told["index"] for told in gpus.figures()] == [1]
    assert indices(None) == [1], "one is lost, one is another user's"
    assert indices("2") == []


def test_a_name_that_is_no_text_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    put_driver(monkeypatch, Driver(Gpu("GPU-1", name=b"\xff\xfe")))
    with Gpus(None) as gpus:
        [told] = gpus.figures()
    assert "name" not in told
    assert told["power_w"] == 312.4


def test_an_old_driver_without_a_function_tells_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old(Driver):
        """Lacks a symbol."""

        @property
        def nvmlDeviceGetTemperature(self) -> None:  # type: ignore[override]
            raise AttributeError("undefined symbol")

    put_driver(monkeypatch, Old(machine()[0]))
    with Gpus(None) as gpus:
        [told] = gpus.figures()
    assert "temperature_c" not in told
    assert told["utilisation_percent"] == 87


def test_without_a_driver_there_is_nothing_and_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    put_driver(monkeypatch, Driver(start=pynvml.NVML_ERROR_DRIVER_NOT_LOADED))
    with Gpus(None) as gpus:
        assert gpus.figures() == []
        assert gpus.why_none == "Driver Not Loaded"


def test_without_the_library_there_is_nothing_and_it_is_said_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(pynvml, "nvmlLib", None)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    monkeypatch.setattr(pynvml, "CDLL", absent)
    with Gpus("0") as gpus:
        assert gpus.figures() == []
        assert gpus.why_none == "NVML Shared Library Not Found"
