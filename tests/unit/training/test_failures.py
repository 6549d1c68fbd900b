"""Why a training ended badly is one line with what to do next, whoever was there to say it."""

import signal
from pathlib import Path

import pytest

from workbench.config import load_settings
from workbench.errors import InputError, PictureError, RunError
from workbench.training.failures import UNKNOWN, cause_of, death, diverged, kills_for_memory, write_exit
from workbench.training.run import RunFolder

SETTINGS = load_settings(overrides=["training.batch_size=48", "dataset.size=160"])


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's is, which is not loaded here."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "the machine is out of memory with batches of 48 pictures of 160×160"),
        (
            ResourceExhaustedError("OOM when allocating tensor on device:CPU:0"),
            "the machine is out of memory",
        ),
        (ResourceExhaustedError("OOM when allocating tensor on device:GPU:0"), "the GPU is out of memory"),
        (RuntimeError("CUDA_ERROR_OUT_OF_MEMORY: out of memory"), "the GPU is out of memory"),
        (RuntimeError("Dst tensor is not initialized."), "the GPU is out of memory"),
    ],
)
def test_out_of_memory_proposes_a_smaller_batch(error: Exception, said: str) -> None:
    line = cause_of(error, SETTINGS)
    assert line.startswith(said)
    assert "--set training.batch_size=32" in line


@pytest.mark.parametrize(("batch", "smaller"), [(64, 32), (33, 32), (32, 16), (3, 2), (2, 1)])
def test_the_batch_proposed_is_the_next_smaller_power_of_two(batch: int, smaller: int) -> None:
    settings = load_settings(overrides=[f"training.batch_size={batch}"])
    assert f"training.batch_size={smaller}," in cause_of(MemoryError(), settings)


def test_a_batch_of_one_that_is_too_large_asks_for_smaller_pictures() -> None:
    settings = load_settings(overrides=["training.batch_size=1", "dataset.size=160"])
    assert "--set dataset.size=120" in cause_of(MemoryError(), settings)
    assert cause_of(MemoryError(), None) == "the machine is out of memory"


def test_a_vanished_picture_says_how_to_go_on() -> None:
    line = cause_of(PictureError("the file is no longer there", where="a.jpg"), SETTINGS)
    assert line.startswith("a.jpg: the file is no longer there; put it back, then")
    assert "workbench resume" in line


def test_what_the_program_says_itself_stays_as_it_is() -> None:
    error = InputError("the disk is full", where="a", cure="free some space")
    assert cause_of(error, SETTINGS) == str(error)


def test_of_a_strange_error_the_first_line_is_told_without_control_characters() -> None:
    line = cause_of(ValueError("one \x1b[31m" + "x" * 5000 + "\nsecond"), None)
    assert line.startswith("ValueError: one ")
    assert "\x1b" not in line
    assert "second" not in line
    assert len(line) <= 2000


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (None, "no checkpoint was made before"),
        ((2, 0), "the last good checkpoint is the one after epoch 2;"),
        ((2, 5), "the one after batch 5 of epoch 3;"),
    ],
)
def test_a_divergence_names_head_step_and_last_good_checkpoint(
    last: tuple[int, int] | None, said: str
) -> None:
    line = str(diverged("glasses", float("nan"), (3, 4, 24), last, 0.5))
    assert "the loss of glasses is nan in epoch 3, batch 4 (step 24)" in line
    assert said in line
    assert "below 0.5" in line
    raised = str(diverged("glasses", float("nan"), (3, 4, 24), last, 0.5, 2.0))
    assert said in raised
    assert raised.endswith("a person raised the rate to 2: resume, and ask at once for a lower one")
    assert isinstance(diverged("a", 1.0, (1, 1, 1), None, 1.0, 0.3), RunError)


def test_nobody_who_waited_is_nobody_who_knows(run: RunFolder) -> None:
    assert death(run).startswith(UNKNOWN)
    run.exit.write_text("[]")
    assert death(run).startswith(UNKNOWN)
    run.exit.write_text('{"code": "nine"}')
    assert death(run).startswith(UNKNOWN)


@pytest.mark.parametrize(
    ("number", "for_memory", "said"),
    [
        (signal.SIGKILL, False, "killed by SIGKILL"),
        (signal.SIGKILL, True, "out of memory with batches of"),
        (signal.SIGTERM, True, "killed by SIGTERM"),
        (signal.SIGSEGV, False, "crashed in a library (SIGSEGV)"),
        (signal.SIGABRT, False, "crashed in a library (SIGABRT)"),
        (99, False, "killed by signal 99"),
    ],
)
def test_a_signal_is_named(run: RunFolder, number: int, for_memory: bool, said: str) -> None:
    write_exit(run, -number, for_memory=for_memory)
    assert said in death(run)


def test_a_library_that_found_no_memory_and_gave_up_is_out_of_memory(run: RunFolder) -> None:
    run.log.write_bytes(b"\xff\nterminate called after throwing an instance of 'std::bad_alloc'\n")
    write_exit(run, -signal.SIGABRT, for_memory=False)
    assert "the machine is out of memory" in death(run)
    assert "SIGABRT" in death(run)


def test_a_worker_that_could_not_begin_is_quoted(run: RunFolder) -> None:
    write_exit(run, 2, for_memory=False)
    assert death(run) == "the worker ended with code 2: it said nothing"
    run.log.write_text("a warning\nevents.jsonl: the disk is full\n\n")
    assert death(run) == "the worker ended with code 2: events.jsonl: the disk is full"


def test_a_folder_that_cannot_be_written_is_no_error_of_the_one_who_waits(tmp_path: Path) -> None:
    write_exit(RunFolder(tmp_path / "gone"), -9, for_memory=False)
    assert kills_for_memory() >= 0
