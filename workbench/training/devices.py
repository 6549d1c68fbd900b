"""What this machine computes with, found out without TensorFlow; settings that it cannot meet are refused."""

import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbench.errors import ConfigError
from workbench.settings import Settings
from workbench.training.host import output_of

_TIMEOUT_S = 10.0
_DEVICES, _PROCESSOR = Path("/dev"), Path("/proc/cpuinfo")
_WINDOWS_GPU = "dxg"
"""The device through which Linux inside Windows reaches a GPU."""


@dataclass(frozen=True)
class Hardware:
    """What there is.

    Attributes:
        gpus: GPUs that this process may use.
        bfloat16: Whether the processor calculates with it; it only emulates it otherwise.
    """

    gpus: int
    bfloat16: bool

    def in_words(self) -> str:
        """One line, for people."""
        gpus = {0: "no GPU", 1: "1 GPU"}.get(self.gpus, f"{self.gpus} GPUs")
        return f"{gpus}, a processor {'with' if self.bfloat16 else 'without'} bfloat16"


def look() -> Hardware:
    """Look at the machine; takes a moment only where there is a GPU's driver."""
    return Hardware(visible(_gpus(), os.environ.get("CUDA_VISIBLE_DEVICES")), _has_bfloat16())


def heads_side_by_side(settings: Settings) -> bool:
    """Whether a processor learns with `model/fused.py`: written for one network, and for float32."""
    hardware = settings.hardware
    plain = hardware.precision == "float32" and hardware.xla != "on" and hardware.replicas < 2
    changed_inside = hardware.augmentation == "device" and settings.augment.active
    return settings.model.architecture == "reference" and plain and not changed_inside


def visible(gpus: int, chosen: str | None) -> int:
    """How many GPUs CUDA shows to a process.

    Args:
        gpus: Those of the machine.
        chosen: `CUDA_VISIBLE_DEVICES`: numbers or names, of which the first wrong one ends the list.
    """
    if chosen is None or not gpus:
        return gpus
    count = 0
    for word in (word.strip() for word in chosen.split(",")):
        named = word.startswith(("GPU-", "MIG-"))
        if not named and not (word.isdecimal() and int(word) < gpus):
            break
        count += 1
    return count


def _gpus() -> int:
    """GPUs of the machine by NVIDIA's driver: its own list, or else its devices."""
    devices = [one for one in _DEVICES.glob("nvidia[0-9]*") if one.name[len("nvidia") :].isdecimal()]
    if not devices and not (_DEVICES / _WINDOWS_GPU).exists():
        return 0
    program = shutil.which("nvidia-smi")
    return len(devices) if program is None else _listed(program, otherwise=len(devices))


@cache
def _listed(program: str, otherwise: int) -> int:
    """How many GPUs the driver's program lists; it takes half a second, so it is asked once."""
    done = output_of([program, "--list-gpus"], _TIMEOUT_S)
    if done is None:
        return otherwise
    return sum(line.startswith("GPU ") for line in done.stdout.splitlines())


def _has_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16."""
    try:
        text = _PROCESSOR.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    # x86 says avx512_bf16 or amx_bf16, ARM says bf16.
    flags = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), "")
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(flags.split()))


def check_hardware(settings: Settings, hardware: Hardware) -> None:
    """Refuse what this machine lacks, and settings that contradict each other.

    Raises:
        ConfigError: Says which setting, and what is valid.
    """
    how, on_gpu = settings.hardware, settings.hardware.device != "cpu" and hardware.gpus > 0
    if how.device == "gpu" and not on_gpu:
        raise ConfigError(
            "there is no GPU that this process may use",
            where="hardware.device",
            cure="valid here: auto, cpu; `workbench doctor` says what it sees",
        )
    if how.precision == "float16" and not on_gpu:
        raise ConfigError(
            "a processor does not train in float16",
            where="hardware.precision",
            cure=f"valid here: float32, bfloat16{'' if hardware.bfloat16 else ' (slow: it is emulated)'}",
        )
    if on_gpu and how.replicas > hardware.gpus:
        raise ConfigError(
            f"{how.replicas} GPUs are asked for; there are {hardware.gpus}",
            where="hardware.replicas",
            cure=f"valid: 1 to {hardware.gpus}, or 0 for all",
        )
    if not on_gpu and how.replicas > 1 and how.device != "cpu":
        raise ConfigError(
            f"{how.replicas} GPUs are asked for; there is none",
            where="hardware.replicas",
            cure="valid here: 0, 1; with hardware.device=cpu the processor plays several, to try it out",
        )
    _check_sharing(settings, how.replicas or (hardware.gpus if on_gpu else 1))
    if how.xla == "on" and how.augmentation == "device" and settings.augment.active:
        raise ConfigError(
            "the warp of hardware.augmentation=device cannot be compiled",
            where="hardware.xla",
            cure="valid with it: auto, off",
        )


def _check_sharing(settings: Settings, replicas: int) -> None:
    """Refuse what cannot be divided among several devices."""
    if replicas == 1:
        return
    batch = settings.training.batch_size
    if batch % replicas:
        raise ConfigError(
            f"a batch of {batch} pictures cannot be shared evenly by {replicas} devices",
            where="training.batch_size",
            cure=f"a multiple of {replicas}, such as {max(round(batch / replicas), 1) * replicas}, "
            "or hardware.replicas=1",
        )
    if settings.hardware.xla == "on":
        raise ConfigError(
            f"a step that {replicas} devices share cannot be compiled as a whole",
            where="hardware.xla",
            cure="valid with it: auto, off; or hardware.replicas=1",
        )
