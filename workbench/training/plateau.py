"""When the learning rate falls because a metric stands still: plain numbers in, a reason in words out."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from workbench.settings import TrainingSettings
from workbench.training.judge import Best


class Plateau:
    """Looks at the figures of each epoch; its state goes into checkpoints, so patience survives a restart.

    Args:
        settings: With schedule "plateau" it watches `plateau.metric`, or else `checkpoint_metric`; with
            another schedule it never says anything.
    """

    def __init__(self, settings: TrainingSettings) -> None:
        how = settings.plateau
        self._active = settings.schedule == "plateau"
        self._watched = Best(how.metric or settings.checkpoint_metric)
        self._patience, self._minimum_change = how.patience, how.minimum_change
        self._since = 0

    def look(self, epoch: int, figures: Mapping[str, float]) -> str:
        """Take the figures of an epoch, counted from 1, by metric name.

        Returns:
            Why the rate is to fall now, in words that name the metric; "" if it is not. After a fall as many
            epochs are waited again.
        """
        value = figures.get(self._watched.metric, float("nan"))
        if not self._active or self._watched.take(value, epoch, self._minimum_change):
            self._since = 0
            return ""
        self._since += 1
        if self._since < self._patience:
            return ""
        self._since = 0
        return self._watched.standstill(self._patience)

    def state(self) -> dict[str, Any]:
        """Plain values for a checkpoint."""
        return {"watched": asdict(self._watched), "since": self._since}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave; a metric that the settings no longer name begins anew."""
        known = state["watched"]
        if known["metric"] == self._watched.metric:
            self._watched, self._since = Best(**known), state["since"]
