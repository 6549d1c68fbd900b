"""What NVIDIA's driver tells of the GPUs that a process may use, by its library NVML.

Any figure may be missing: a driver in a container tells less, a slice of a GPU (MIG) has no utilisation, old
cards do not measure their power. No driver, no library and no GPU are all the same: there is nothing to tell.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import pynvml

Figures = dict[str, str | float]
Handle = Any
_MIB = 2**20
_MEASURED: Mapping[str, Callable[[Handle], float]] = {
    "utilisation_percent": lambda gpu: pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu,
    "memory_mb": lambda gpu: round(pynvml.nvmlDeviceGetMemoryInfo(gpu).used / _MIB, 1),
    "memory_total_mb": lambda gpu: round(pynvml.nvmlDeviceGetMemoryInfo(gpu).total / _MIB, 1),
    "power_w": lambda gpu: pynvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
    "temperature_c": lambda gpu: pynvml.nvmlDeviceGetTemperature(gpu, pynvml.NVML_TEMPERATURE_GPU),
}
_LASTING: Mapping[str, Callable[[Handle], str | float]] = {
    "index": pynvml.nvmlDeviceGetIndex,
    "name": pynvml.nvmlDeviceGetName,
}


class Gpus:
    """A context manager, inside of which the GPUs tell their figures; belongs to one thread.

    Args:
        chosen: `CUDA_VISIBLE_DEVICES`: numbers or names; None for all GPUs. Numbers are NVML's, which are
            CUDA's too, but for GPUs of several kinds without `CUDA_DEVICE_ORDER=PCI_BUS_ID`.
        at_most: How many of them are used, in their order; None for all.

    Attributes:
        why_none: What the driver's library said where it cannot be asked; "" otherwise.
    """

    def __init__(self, chosen: str | None, at_most: int | None = None) -> None:
        self._chosen, self._at_most = chosen, at_most
        self._gpus: list[tuple[Handle, Figures]] = []
        self.why_none = ""

    def __enter__(self) -> Self:
        try:
            pynvml.nvmlInit()
            visible = _visible(self._chosen)[: self._at_most]
        except pynvml.NVMLError as error:
            self.why_none = str(error)
        else:
            self._gpus = [(gpu, _told(_LASTING, gpu)) for gpu in visible]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(pynvml.NVMLError):  # it was never begun
            pynvml.nvmlShutdown()

    def figures(self) -> list[Figures]:
        """Of each GPU what its driver tells now.

        Returns:
            `index` and `name` as in nvidia-smi, `utilisation_percent` (of the time in which anything ran),
            `memory_mb` of `memory_total_mb` (MiB, taken by whatever program), `power_w`, `temperature_c`.
            A GPU of which nothing can be measured (any more) is left out.
        """
        measured = ((lasting, _told(_MEASURED, gpu)) for gpu, lasting in self._gpus)
        return [{**lasting, **figures} for lasting, figures in measured if figures]


def _told(figures: Mapping[str, Callable[[Handle], str | float]], gpu: Handle) -> Figures:
    """Those figures that the driver tells."""
    told: Figures = {}
    for name, ask in figures.items():
        with suppress(pynvml.NVMLError, UnicodeDecodeError):
            told[name] = ask(gpu)
    return told


def _visible(chosen: str | None) -> list[Handle]:
    """The GPUs that CUDA shows to a process, of which the first wrong name ends the list.

    Raises:
        pynvml.NVMLError: The driver cannot be asked.
    """
    numbered = [_handle(number) for number in range(pynvml.nvmlDeviceGetCount())]
    if chosen is None:
        return [gpu for gpu in numbered if gpu is not None]
    visible: list[Handle] = []
    for word in (word.strip() for word in chosen.split(",")):
        gpu = _named(word, numbered)
        if gpu is None:
            break
        visible.append(gpu)
    return visible


def _handle(number: int) -> Handle | None:
    """The GPU of a number; None if it is lost, or not for this user."""
    with suppress(pynvml.NVMLError):
        return pynvml.nvmlDeviceGetHandleByIndex(number)
    return None


def _named(word: str, numbered: list[Handle | None]) -> Handle | None:
    """The GPU that CUDA means: its number, how its UUID begins, or the whole UUID of a slice of one."""
    if word.isdecimal():
        return numbered[int(word)] if int(word) < len(numbered) else None
    with suppress(pynvml.NVMLError):
        if word.startswith("GPU-"):
            gpus = [gpu for gpu in numbered if gpu is not None]
            return next((gpu for gpu in gpus if pynvml.nvmlDeviceGetUUID(gpu).startswith(word)), None)
        if word.startswith("MIG-"):
            return pynvml.nvmlDeviceGetHandleByUUID(word)
    return None
