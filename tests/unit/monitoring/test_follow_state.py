"""Whether a run lives, ends or died, and how far a request to stop has come."""

import os
import time

from tests.unit.monitoring.test_follow import everything, places
from tests.unit.training.conftest import batch, epoch, phase, worker_on, write
from workbench.monitoring.follow import Follower, RunSnapshot
from workbench.training.control import ControlReader, ask
from workbench.training.failures import write_exit
from workbench.training.run import RunFolder, RunState


def look(run: RunFolder) -> RunSnapshot:
    return Follower(run).poll()


def test_running_while_the_lock_is_held_and_died_when_it_is_let_go(run: RunFolder) -> None:
    follower = Follower(run)
    write(run, phase("training"), batch(1, 1, images_per_second=14.2, seconds_left=100))
    with worker_on(run):
        found = follower.poll()
        assert (found.state, found.failure) == (RunState.RUNNING, "")
        assert (found.images_per_second, found.seconds_left) == (14.2, 100)
    found = follower.poll()
    assert found.state is RunState.DIED
    assert "killed, out of memory, or the machine went down" in found.failure
    assert found.log_path == run.log
    assert (found.images_per_second, found.seconds_left) == (0.0, None), "nothing is under way any more"


def test_a_run_that_died_and_is_taken_up_again_is_running(run: RunFolder) -> None:
    write(run, phase("training"))
    run.log.touch()
    follower = Follower(run)
    assert follower.poll().state is RunState.DIED
    with worker_on(run):
        assert follower.poll().state is RunState.RUNNING
        assert follower.poll().failure == ""


def test_a_failure_says_why_until_the_run_is_taken_up_again(run: RunFolder) -> None:
    write(run, phase("training"), {"type": "failed", "cause": "out of memory"})
    follower = Follower(run)
    found = follower.poll()
    assert (found.state, found.failure) == (RunState.FAILED, "out of memory")
    assert found.notes == ("failed: out of memory",)
    with worker_on(run):
        write(run, phase("starting"))
        assert (follower.poll().state, follower.poll().failure) == (RunState.STARTING, "")


def test_a_failure_without_a_cause_says_that(run: RunFolder) -> None:
    write(run, {"type": "failed"})
    assert "did not write down" in look(run).failure


def test_the_end_is_the_end_even_before_the_lock_is_let_go(run: RunFolder) -> None:
    write(run, phase("training"), {"type": "finished", "text": "all epochs done", "best_epoch": 7})
    with worker_on(run):
        found = look(run)
    assert (found.state, found.phase, found.best_epoch) == (RunState.FINISHED, "finished", 7)
    assert found.notes == ("finished: all epochs done",)


def test_a_stop_is_seen_as_asked_taken_and_done(run: RunFolder) -> None:
    follower = Follower(run)
    write(run, phase("training"))
    with worker_on(run):
        worker = ControlReader(run, since=0)
        assert (follower.poll().state, follower.poll().stop) == (RunState.RUNNING, "")
        ask(run)
        assert (follower.poll().state, follower.poll().stop) == (RunState.STOPPING, "asked")
        worker.poll()
        assert (follower.poll().state, follower.poll().stop) == (RunState.STOPPING, "taken")
        worker.done()
        write(run, {"type": "stopped", "text": "after batch 3", "wall": time.time()})
        os.utime(run.lock, (time.time() - 5,) * 2)
        assert (follower.poll().state, follower.poll().stop) == (RunState.STOPPED, "done")
        os.utime(run.lock, (time.time() + 5,) * 2)  # the next worker's
        assert (follower.poll().state, follower.poll().stop) == (RunState.STARTING, "")


def test_a_stop_that_nobody_took_does_not_hide_a_death(run: RunFolder) -> None:
    write(run, phase("training"))
    with worker_on(run):
        ask(run)
    assert (look(run).state, look(run).stop) == (RunState.DIED, "asked")


def test_the_age_is_that_of_the_last_sign_of_life(run: RunFolder) -> None:
    write(run, phase("training") | {"wall": 1000.0}, {"type": "note", "wall": "soon"})
    assert Follower(run, clock=lambda: 1012.5).poll().sign_age == 12.5
    assert Follower(run, clock=lambda: 900.0).poll().sign_age == 0.0, "a clock that was set back"


def test_what_a_resumed_worker_does_again_is_taken_back(run: RunFolder) -> None:
    started = {"type": "started", "epochs": 10, "batches": 4}
    saved, second = {"type": "checkpoint", "epoch": 1, "batch": 0}, epoch(2, 0.5) | {"best_epoch": 2}
    write(run, started, batch(1, 4), epoch(1, 0.75), saved, batch(2, 3), batch(2, 4), second)
    follower = Follower(run)
    assert follower.poll().best_epoch == 2
    again = {**started, "resumed_epoch": 1, "resumed_batch": 0, "best_epoch": 1, "best_value": 0.75}
    write(run, {"type": "note", "text": "goes on after epoch 1, batch 0"}, again)
    found = follower.poll()
    assert (found.epoch, found.batch, found.step, found.best_epoch) == (1, 0, 4, 1)
    assert places(found, "", "loss", "validation") == [1.0]
    assert places(found, "", "loss", "train") == [1.0]
    assert found.notes == (
        "epoch 1  val_loss 0.75 ★ best",
        "checkpoint of epoch 1 saved",
        "goes on after epoch 1, batch 0",
    )
    write(run, batch(2, 2), batch(2, 4), second)
    found = follower.poll()
    assert places(found, "", "loss", "train") == [1.0, 1.5, 2.0]
    assert places(found, "", "loss", "validation") == [1.0, 2.0]
    assert [note for note in found.notes if note.startswith("epoch")] == [
        "epoch 1  val_loss 0.75 ★ best",
        "epoch 2  val_loss 0.5 ★ best",
    ]
    assert everything(Follower(run).poll()) == everything(found), "whoever comes later sees the same"


def test_a_checkpoint_within_an_epoch_says_so(run: RunFolder) -> None:
    started = {"type": "started", "epochs": 10, "batches": 4}
    write(run, started, {"type": "checkpoint", "epoch": 1, "batch": 3})
    assert look(run).notes == ("checkpoint of epoch 1, batch 3 of the next, saved",)


def test_a_run_that_died_says_by_which_signal_if_somebody_waited(run: RunFolder) -> None:
    write(run, phase("training"))
    with worker_on(run):
        pass
    write_exit(run, -9, for_memory=False)
    assert "killed by SIGKILL" in look(run).failure
