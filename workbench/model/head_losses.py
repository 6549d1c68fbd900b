"""The loss of each head out of settings and the labels that it is to learn from."""

from collections.abc import Mapping

import keras  # noqa: TID251 - for the type
import numpy as np

from workbench.dataset.table import MASKED, Table
from workbench.model.balance import HeadBalance, WeighedLoss
from workbench.model.losses import MaskedCrossEntropy, adjustments, effective_weights
from workbench.schema import Head, Schema
from workbench.settings import HeadPlan, TrainingSettings, head_plans


def head_losses(
    training: TrainingSettings, schema: Schema, table: Table, balance: HeadBalance | None
) -> dict[str, keras.losses.Loss]:
    """The loss of each head by its name.

    Args:
        training: Complete settings.
        schema: The heads.
        table: The divided pictures; classes are counted in the training split.
        balance: Weighs the losses, if not None.
    """
    train = table.rows("train")
    losses: dict[str, keras.losses.Loss] = {}
    for head in schema.heads:
        codes = table.codes[head.name][train]
        counts = np.bincount(codes[codes != MASKED], minlength=len(head.classes)).tolist()
        plan = head_plans(training, schema.head_names)[head.name]
        loss = _loss(head, plan, counts)
        losses[head.name] = loss if balance is None else WeighedLoss(head.name, loss, balance)
    return losses


def loss_weights(training: TrainingSettings, schema: Schema) -> dict[str, float] | None:
    """The fixed weight of each head's loss by its name; None where all weigh 1."""
    weights = {head: plan.weight for head, plan in head_plans(training, schema.head_names).items()}
    return weights if any(weight != 1 for weight in weights.values()) else None


def _loss(head: Head, plan: HeadPlan, counts: list[int]) -> MaskedCrossEntropy:
    """One head's loss."""
    return MaskedCrossEntropy(
        _class_weights(head, plan, counts),
        focal_gamma=plan.focal_gamma,
        label_smoothing=plan.label_smoothing,
        adjustment=adjustments(counts, plan.logit_adjustment) if plan.logit_adjustment else None,
    )


def _class_weights(head: Head, plan: HeadPlan, counts: list[int]) -> list[float] | None:
    """A weight for each class in its order, or None."""
    given = plan.class_weights
    if isinstance(given, Mapping):
        return [given.get(one.name, 1.0) for one in head.classes]
    return effective_weights(counts) if given == "effective" else None
