"""Killed while it writes a checkpoint, and gone on with: the curve is the one of a run left in peace."""

from pathlib import Path

from tests.benchmarks.broken import measure


def test_a_training_killed_within_a_checkpoint_gives_the_undisturbed_curve(tmp_path: Path) -> None:
    found = measure(tmp_path, kills=1, epochs=4, pictures=60, every=1)
    assert found["kills_within_a_checkpoint"] == 1
    assert found["state"] == "finished"
    assert found["points_compared"] > 4 * 6 * 5, "at least every epoch's figures of every head"
    assert found["curve_difference"] <= 1e-6
    assert found["weights_equal"]
    assert (found["events_doubled"], found["events_lost"]) == (0, 0)
