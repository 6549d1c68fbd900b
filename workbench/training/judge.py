"""Which epoch is the best, and whether to stop early: plain numbers in, a verdict in words out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.settings import TrainingSettings
from workbench.training.metric_names import better


@dataclass
class Best:
    """The best value of a metric so far; `epoch` is 0 before there is one."""

    metric: str
    value: float | None = None
    epoch: int = 0

    def take(self, value: float, epoch: int, minimum_change: float = 0.0) -> bool:
        """Look at an epoch; whether it is the best. NaN never is."""
        if not better(value, self.value, self.metric, minimum_change):
            return False
        self.value, self.epoch = value, epoch
        return True

    def standstill(self, epochs: int) -> str:
        """In words, that nothing was better for so many epochs."""
        time = f"in {epochs} epoch{'s' if epochs > 1 else ''}"
        if self.value is None:
            return f"{self.metric} was never a number {time}"
        return f"{self.metric} did not improve on {self.value:.4g} (epoch {self.epoch}) {time}"


class Judge:
    """Looks at the figures of each epoch; its state goes into checkpoints, so patience survives a restart.

    Args:
        settings: The metric whose best epoch is kept, and when to stop early.
    """

    def __init__(self, settings: TrainingSettings) -> None:
        stopping = settings.early_stopping
        self.best = Best(settings.checkpoint_metric)
        self._watched = Best(stopping.metric)
        self._patience, self._minimum_change = stopping.patience, stopping.minimum_change
        self._epoch = self._since = 0

    def begin_anew(self, epoch: int) -> None:
        """Count patience from the end of this epoch: others were added to the plan after it."""
        self._since = epoch

    def look(self, epoch: int, figures: Mapping[str, float]) -> bool:
        """Take the figures of an epoch, counted from 1, by metric name; whether it is the best so far."""
        self._epoch = epoch
        self._watched.take(figures.get(self._watched.metric, float("nan")), epoch, self._minimum_change)
        return self.best.take(figures.get(self.best.metric, float("nan")), epoch)

    @property
    def verdict(self) -> str:
        """Why to stop now, in words that name the metric; "" to go on."""
        since = self._epoch - max(self._watched.epoch, self._since)
        if not self._patience or since < self._patience:
            return ""
        return self._watched.standstill(since)

    def state(self) -> dict[str, Any]:
        """Plain values for a checkpoint."""
        return {"best": asdict(self.best), "watched": asdict(self._watched), "epoch": self._epoch}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave; a metric that the settings no longer name begins anew."""
        for mine, known in ((self.best, state["best"]), (self._watched, state["watched"])):
            if known["metric"] == mine.metric:
                mine.value, mine.epoch = known["value"], known["epoch"]
        self._epoch = state["epoch"]
