"""The run folders of the training's tests: what is written there is read here."""

from tests.unit.training.conftest import bench, made_once, make_run, run

__all__ = ["bench", "made_once", "make_run", "run"]
