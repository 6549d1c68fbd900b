"""What a machine has is found without TensorFlow; what it lacks, and what contradicts itself, is refused."""

import sys
from pathlib import Path

import pytest

from workbench.config import Settings, load_settings
from workbench.errors import ConfigError
from workbench.schema import load_schema
from workbench.training import devices, start
from workbench.training.devices import Hardware, check_hardware, look, visible

NONE, TWO = Hardware(0, True), Hardware(2, True)


def settings(*overrides: str) -> Settings:
    return load_settings(None, [f"hardware.{one}" if "." not in one else one for one in overrides])


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that stands for /dev, and one for programs that is the whole PATH; CUDA hides nothing."""
    for name in ("dev", "bin"):
        (tmp_path / name).mkdir()
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags : fpu avx512f avx512_bf16\n")
    monkeypatch.setattr(devices, "_DEVICES", tmp_path / "dev")
    monkeypatch.setattr(devices, "_PROCESSOR", tmp_path / "cpuinfo")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def add_gpus(machine: Path, *names: str) -> None:
    for name in names:
        (machine / "dev" / name).touch()


def add_driver(machine: Path, body: str) -> None:
    """NVIDIA's program, as a script."""
    program = machine / "bin" / "nvidia-smi"
    program.write_text(f"#!{sys.executable}\n{body}\n")
    program.chmod(0o755)


def test_a_machine_without_a_gpu(machine: Path) -> None:
    assert look() == Hardware(0, True)
    assert look().in_words() == "no GPU, a processor with bfloat16"


def test_a_driver_without_a_gpu_is_not_even_asked(machine: Path) -> None:
    add_driver(machine, "raise SystemExit('must not be started')")
    add_gpus(machine, "nvidiactl", "nvidia-uvm")
    assert look().gpus == 0


def test_gpus_are_what_the_driver_lists(machine: Path) -> None:
    add_gpus(machine, "nvidia0", "nvidia1", "nvidia2", "nvidiactl")
    add_driver(machine, "print('GPU 0: A (UUID: GPU-1)\\n  MIG 1g: x\\nGPU 1: B (UUID: GPU-2)')")
    assert look().gpus == 2
    assert look().in_words() == "2 GPUs, a processor with bfloat16"


def test_gpus_are_their_devices_where_the_driver_lists_none(machine: Path) -> None:
    add_gpus(machine, "nvidia0", "nvidia1", "nvidiactl")
    assert look().gpus == 2
    (machine / "bin" / "nvidia-smi").mkdir()
    assert look().gpus == 2


def test_gpus_that_the_driver_lost_are_none(machine: Path) -> None:
    add_gpus(machine, "nvidia0")
    add_driver(machine, "print('NVIDIA-SMI has failed')")
    assert look().gpus == 0


def test_cuda_may_hide_gpus(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_gpus(machine, "nvidia0", "nvidia1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert look().gpus == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert look().gpus == 0


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        (None, 4),
        ("", 0),
        ("-1", 0),
        ("0,2", 2),
        (" 3 , 1 ", 2),
        ("0,9,1", 1),  # CUDA stops at the first that is wrong
        ("GPU-8932f937-d72c, GPU-1", 2),
        ("MIG-GPU-1/1/0", 1),
        ("none", 0),
    ],
)
def test_how_many_gpus_cuda_shows(chosen: str | None, count: int) -> None:
    assert visible(4, chosen) == count


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("flags : avx512_bf16\n", True),
        ("Features : fp bf16 sve\n", True),
        ("flags : avx2\n", False),
        ("", False),
    ],
)
def test_whether_a_processor_knows_bfloat16(machine: Path, text: str, known: bool) -> None:
    (machine / "cpuinfo").write_text(text)
    assert look().bfloat16 is known
    (machine / "cpuinfo").unlink()
    assert not look().bfloat16


@pytest.mark.parametrize(
    ("overrides", "hardware"),
    [
        ((), NONE),
        ((), TWO),
        (("device=gpu",), TWO),
        (("device=gpu", "precision=float16", "replicas=2"), TWO),
        (("precision=bfloat16",), Hardware(0, False)),
        (("device=cpu", "replicas=2"), NONE),
        (("xla=on",), NONE),
        (("xla=on", "augmentation=device"), NONE),  # nothing is augmented
        (("replicas=1", "training.batch_size=7"), TWO),
        (("device=cpu", "training.batch_size=7"), TWO),
    ],
)
def test_what_a_machine_can_meet_is_taken(overrides: tuple[str, ...], hardware: Hardware) -> None:
    check_hardware(settings(*overrides), hardware)


@pytest.mark.parametrize(
    ("overrides", "hardware", "message"),
    [
        (
            ("device=gpu",),
            NONE,
            "hardware.device: there is no GPU that this process may use; valid here: auto",
        ),
        (("precision=float16",), NONE, "does not train in float16; valid here: float32, bfloat16$"),
        (("precision=float16",), Hardware(0, False), r"bfloat16 \(slow: it is emulated\)"),
        (("precision=float16", "device=cpu"), TWO, "a processor does not train in float16"),
        (("replicas=3",), TWO, "hardware.replicas: 3 GPUs are asked for; there are 2; valid: 1 to 2, or 0"),
        (("replicas=2",), NONE, "2 GPUs are asked for; there is none; valid here: 0, 1"),
        (
            ("training.batch_size=33",),
            TWO,
            "33 pictures cannot be shared evenly by 2 devices; a multiple of 2",
        ),
        (("training.batch_size=1",), TWO, "such as 2, or hardware.replicas=1"),
        (("xla=on",), TWO, "2 devices share cannot be compiled"),
        (("xla=on", "augmentation=device", "augment.flip.probability=1"), NONE, "valid with it: auto, off"),
    ],
)
def test_what_a_machine_cannot_meet_is_refused_with_what_is_valid(
    overrides: tuple[str, ...], hardware: Hardware, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        check_hardware(settings(*overrides), hardware)
    assert caught.value.exit_code == 2
    assert caught.value.where.startswith(("hardware.", "training."))
    assert caught.value.cure


def test_a_run_is_refused_before_anything_of_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "look", lambda: NONE)
    with pytest.raises(ConfigError, match="there is no GPU"):
        start.check_settings(settings("device=gpu"), load_schema("face"))
    start.check_settings(settings("precision=bfloat16"), load_schema("face"))
