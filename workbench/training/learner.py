"""The network while it learns: built, compiled, one step, and its answers; nothing of the run around it.

One step is Keras' own `train_on_batch`, compiled once; where devices share a batch it is that of
`distribution.py`, and the reference's network goes through it as `model/fused.py` has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras  # noqa: TID251 - trains networks
import numpy as np
from numpy.typing import NDArray

from workbench.dataset.batches import Labels
from workbench.dataset.mixing import own_codes
from workbench.dataset.table import MASKED, Table
from workbench.model.balance import make_balance
from workbench.model.fused import FusedReference
from workbench.model.head_losses import head_losses, loss_weights
from workbench.model.losses import MaskedAccuracy, MaskedLoss
from workbench.model.optimizers import make_optimizer
from workbench.model.precision import numbers, scaled
from workbench.model.registry import build, output_names
from workbench.model.schedules import make_rate
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.devices import heads_side_by_side
from workbench.training.distribution import learning_model, take_place


@dataclass(frozen=True)
class StepFigures:
    """What a step gave for a head: means over its `labelled` pictures, 0 where there are none."""

    labelled: int
    loss: float
    accuracy: float


class Learner:
    """A network, its losses and its optimiser.

    Args:
        settings: Complete settings.
        schema: The heads.
        table: The divided pictures; the training ones' labels weigh the classes.
        steps_per_epoch: Batches an epoch, for the schedule of the learning rate.
    """

    def __init__(self, settings: Settings, schema: Schema, table: Table, steps_per_epoch: int) -> None:
        self._how, self._schema, self._hardware = settings.training, schema, settings.hardware
        self.place = take_place(settings.hardware)
        keras.utils.set_random_seed(settings.training.seed)
        with self.place.scope(), numbers(settings.hardware.precision):
            self._build(settings, table, steps_per_epoch)

    def _build(self, settings: Settings, table: Table, steps_per_epoch: int) -> None:
        """The network, and what it learns with."""
        schema = self._schema
        self.network = build(settings.model, schema, settings.dataset.size)
        # The same layers in a second model: saving the first one saves nothing that only training needs.
        if heads_side_by_side(settings) and not self.place.on_gpu:
            self.model = FusedReference(self.network, len(schema.heads), self._how.seed)
        else:
            self.model = learning_model(self.network, settings, self.place)
        self._balance = make_balance(self._how.loss.head_weights, schema.head_names)
        if self._balance is not None:
            self.model.head_balance = self._balance  # held, so that it is trained and saved with the rest
        self._names = output_names(schema)
        self._rate = make_rate(self._how, steps_per_epoch)
        self._measures = {head: (MaskedLoss(), MaskedAccuracy()) for head in schema.head_names}
        self._compile(table)

    def _compile(self, table: Table) -> None:
        """Losses, metrics and optimiser."""
        losses = head_losses(self._how, self._schema, table, self._balance)
        weights = loss_weights(self._how, self._schema)
        self.model.compile(
            scaled(make_optimizer(self._how, self._rate), self._hardware.precision),
            loss={self._names[head]: loss for head, loss in losses.items()},
            loss_weights=self.place.loss_weights(
                {self._names[head]: weights[head] if weights else 1.0 for head in losses}
            ),
            metrics={self._names[head]: list(measures) for head, measures in self._measures.items()},
            jit_compile=self.place.compiled(self._hardware.xla),
        )
        # Here, where its variables are made on every device, rather than by whoever restores or steps first.
        self.model.optimizer.build(self.model.trainable_variables)

    def step(self, images: NDArray[np.uint8], labels: Labels) -> dict[str, StepFigures]:
        """Learn from a batch.

        Args:
            images: (B, S, S, 3).
            labels: For each head (B,) class indices, -1 where masked; or of mixed pictures.

        Returns:
            The figures of each head, by the pictures' own labels and the plain cross-entropy whatever the
            loss is; they may be no finite numbers.
        """
        for measures in self._measures.values():
            for measure in measures:
                measure.reset_state()
        named = self.named(labels)
        if self.place.shared is None:
            self.model.train_on_batch(images, named)
        else:
            self.place.shared.learn(self.model, images, named)
        return {
            head: StepFigures(
                int((own_codes(labels[head]) != MASKED).sum()), float(loss.result()), float(accuracy.result())
            )
            for head, (loss, accuracy) in self._measures.items()
        }

    def named(self, labels: Labels) -> dict[str, NDArray[Any]]:
        """The labels by the names of the network's outputs."""
        return {self._names[head]: codes for head, codes in labels.items()}

    def epoch_ended(self, losses: Mapping[str, float]) -> None:
        """Hear of each head's mean loss over an epoch, which the weights between heads may follow."""
        if self._balance is not None:
            self._balance.epoch_ended(losses)

    def answers(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """The probabilities (B, K) of each head for pictures (B, S, S, 3), with the weights as they are."""
        shared = self.place.shared
        found = shared.answers(self.model, images) if shared else self.model.predict_on_batch(images)
        return {head: np.asarray(found[name]) for head, name in self._names.items()}

    @property
    def parameters(self) -> int:
        """How many weights the network has."""
        return int(self.network.count_params())

    @property
    def learning_rate(self) -> float:
        """Of the step to come: what the schedule gives, times `rate_factor`."""
        return float(self.model.optimizer.learning_rate)

    @property
    def rate_factor(self) -> float:
        """What the schedule's learning rate is multiplied by from the next step on; 1 at first.

        It is no weight of the network and none of the optimiser's variables, so `state` holds it.
        """
        return self._rate.factor

    @rate_factor.setter
    def rate_factor(self, factor: float) -> None:
        self._rate.factor = factor

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold beside the model's own variables."""
        return {"rate_factor": self.rate_factor}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.rate_factor = state["rate_factor"]

    def begin_leg(self, start: int, steps: int, peak: float, *, falls: bool) -> None:
        """The rate of steps added to the plan; see `LearningRate.begin_leg`."""
        self._rate.begin_leg(start, steps, peak, falls=falls)
