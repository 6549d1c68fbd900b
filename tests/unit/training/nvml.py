"""A driver for `pynvml` where there is none: the functions of NVML that it calls, with a test's figures.

The real `pynvml` runs, with its structures and its errors; only NVIDIA's shared library is not the real one.
"""

import ctypes
from dataclasses import dataclass, field
from typing import Any

import pynvml
import pytest

MIB = 2**20


@dataclass
class Gpu:
    """One GPU; what stands in `untold` is answered by that error's number."""

    uuid: str
    name: bytes = b"NVIDIA RTX A5000"
    utilisation: int = 87
    used: int = 9300 * MIB
    total: int = 24000 * MIB
    milliwatts: int = 312_400
    celsius: int = 61
    untold: dict[str, int] = field(default_factory=dict)


class Driver:
    """The shared library, as ctypes would give it."""

    def __init__(self, *gpus: Gpu, start: int = 0) -> None:
        self.gpus, self._start, self.running = gpus, start, 0

    def nvmlInitWithFlags(self, _: int) -> int:
        self.running += not self._start
        return self._start

    def nvmlShutdown(self) -> int:
        self.running -= 1
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = sum(not gpu.uuid.startswith("MIG-") for gpu in self.gpus)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, handle: Any) -> int:
        ctypes.c_void_p.from_buffer(handle._obj).value = index.value + 1
        return int(self.gpus[index.value].untold.get("handle", 0))

    def nvmlDeviceGetHandleByUUID(self, uuid: Any, handle: Any) -> int:
        for place, gpu in enumerate(self.gpus, 1):
            if gpu.uuid.encode() == uuid.value:
                ctypes.c_void_p.from_buffer(handle._obj).value = place
                return 0
        return int(pynvml.NVML_ERROR_NOT_FOUND)

    def _of(self, handle: Any, figure: str) -> tuple[Gpu, int]:
        """The GPU of a handle, and what its driver answers when asked for this."""
        gpu = self.gpus[(ctypes.cast(handle, ctypes.c_void_p).value or 0) - 1]
        return gpu, gpu.untold.get(figure, 0)

    def nvmlDeviceGetIndex(self, handle: Any, index: Any) -> int:
        gpu, answer = self._of(handle, "index")
        index._obj.value = self.gpus.index(gpu)
        return answer

    def nvmlDeviceGetUUID(self, handle: Any, uuid: Any, _: Any) -> int:
        gpu, answer = self._of(handle, "uuid")
        uuid.value = gpu.uuid.encode()
        return answer

    def nvmlDeviceGetName(self, handle: Any, name: Any, _: Any) -> int:
        gpu, answer = self._of(handle, "name")
        name.value = gpu.name
        return answer

    def nvmlDeviceGetUtilizationRates(self, handle: Any, rates: Any) -> int:
        gpu, answer = self._of(handle, "utilisation")
        rates._obj.gpu = gpu.utilisation
        return answer

    def nvmlDeviceGetMemoryInfo(self, handle: Any, memory: Any) -> int:
        gpu, answer = self._of(handle, "memory")
        memory._obj.used, memory._obj.total = gpu.used, gpu.total
        return answer

    def nvmlDeviceGetPowerUsage(self, handle: Any, power: Any) -> int:
        gpu, answer = self._of(handle, "power")
        power._obj.value = gpu.milliwatts
        return answer

    def nvmlDeviceGetTemperature(self, handle: Any, sensor: Any, degrees: Any) -> int:
        gpu, answer = self._of(handle, "temperature")
        assert sensor.value == pynvml.NVML_TEMPERATURE_GPU
        degrees._obj.value = gpu.celsius
        return answer


def put_driver(monkeypatch: pytest.MonkeyPatch, driver: Driver) -> Driver:
    """Let `pynvml` find this driver instead of the machine's own, if it has one."""
    monkeypatch.setattr(pynvml, "nvmlLib", driver)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    return driver
