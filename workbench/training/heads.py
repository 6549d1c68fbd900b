"""What is said and refused of the heads' losses, sampling and mixing before Keras is loaded."""

from collections.abc import Iterator, Mapping

import numpy as np

from workbench.dataset.table import Table
from workbench.errors import ConfigError
from workbench.schema import Head, Schema
from workbench.settings import HeadPlan, TrainingSettings, head_plans
from workbench.text import neutralise
from workbench.toml import suggestion


def check_heads(training: TrainingSettings, schema: Schema) -> None:
    """Refuse settings of heads or classes that do not exist, and such as leave nothing to learn.

    Raises:
        ConfigError: Names the nearest head or class.
    """
    for name, own in training.heads.items():
        if name not in schema.head_names:
            raise ConfigError(
                f"no head is named {name!r}",
                where="training.heads",
                cure=suggestion(name, schema.head_names),
            )
        if isinstance(own.class_weights, Mapping):
            _check_classes(own.class_weights, schema.head(name))
    plans = head_plans(training, schema.head_names)
    if not any(plan.weight for plan in plans.values()):
        raise ConfigError(
            "every head weighs 0, so there is nothing to learn",
            where="training.loss.weight",
            cure="give a head a weight above 0",
        )


def _check_classes(weights: Mapping[str, float], head: Head) -> None:
    """Refuse the weight of a class that the head lacks."""
    valid = [one.name for one in head.classes]
    for name in weights:
        if name not in valid:
            raise ConfigError(
                f"no class of {head.name} is named {name!r}",
                where=f"training.heads.{head.name}.class_weights",
                cure=suggestion(name, valid),
            )


def check_class_weights(training: TrainingSettings, schema: Schema, table: Table) -> None:
    """Refuse the weight of a class that no training picture has: it would do nothing.

    Args:
        training: Complete settings that `check_heads` let pass.
        schema: The heads.
        table: The divided pictures.

    Raises:
        ConfigError: Names the class and those that have pictures.
    """
    train = table.rows("train")
    for name, own in training.heads.items():
        if not isinstance(own.class_weights, Mapping):
            continue
        head, present = schema.head(name), np.unique(table.codes[name][train])
        has = [one.name for index, one in enumerate(head.classes) if index in present]
        for given in own.class_weights:
            if given not in has:
                raise ConfigError(
                    f"{given!r} has a weight, but no training picture is {given!r}",
                    where=f"training.heads.{name}.class_weights",
                    cure=f"leave it out, or label some; with pictures: {', '.join(has)}",
                )


def loss_notes(training: TrainingSettings, schema: Schema) -> tuple[str, ...]:
    """How the heads learn, in words: a line for the losses, then what pulls twice in one direction.

    Empty where every head has the plain cross-entropy and nothing is drawn or mixed in another way.
    """
    plans = head_plans(training, schema.head_names)
    groups: dict[str, list[str]] = {}
    for head, plan in plans.items():
        groups.setdefault(_loss_in_words(plan), []).append(head)
    said = "; ".join(f"{', '.join(heads)}: {words}" for words, heads in groups.items())
    between = training.loss.head_weights
    lines = [f"losses: {said}" + (f"; weights between heads by {between}" if between != "fixed" else "")]
    lines = lines if set(groups) != {_PLAIN} or between != "fixed" else []
    return tuple(neutralise(line) for line in (*lines, *_drawn(training, plans), *_twice(plans)))


_PLAIN = "cross-entropy"


def _loss_in_words(plan: HeadPlan) -> str:
    """One head's loss."""
    rule = plan.class_weights
    parts = [f"focal γ {plan.focal_gamma:g}" if plan.focal_gamma else _PLAIN]
    if isinstance(rule, Mapping):
        parts.append("class weights " + ", ".join(f"{name} {weight:g}" for name, weight in rule.items()))
    elif rule != "none":
        parts.append(f"class weights {rule}")
    if plan.label_smoothing:
        parts.append(f"label smoothing {plan.label_smoothing:g}")
    if plan.logit_adjustment:
        parts.append(f"logit adjustment τ {plan.logit_adjustment:g}")
    if plan.weight != 1:
        parts.append(f"weight {plan.weight:g}")
    return " + ".join(parts)


def _drawn(training: TrainingSettings, plans: Mapping[str, HeadPlan]) -> Iterator[str]:
    """How pictures are drawn and mixed."""
    if balanced := [head for head, plan in plans.items() if plan.balanced]:
        most = training.sampling.most_repeats
        yield (
            f"drawn with balanced classes: {', '.join(balanced)}; "
            f"no picture more than {most:g} × as often as on average"
        )
    if training.mixing.active:
        ways = [
            f"{way} α {alpha:g}" for way in ("mixup", "cutmix") if (alpha := getattr(training.mixing, way))
        ]
        share = training.mixing.probability
        yield (
            f"{share:.0%} of the training pictures are mixed ({', '.join(ways)}): "
            "their loss and accuracy are those of the larger part, and harder than validation's"
        )


def _twice(plans: Mapping[str, HeadPlan]) -> Iterator[str]:
    """Which heads have rare classes raised by more than one means."""
    for head, plan in plans.items():
        means = [
            *(["balanced sampling"] if plan.balanced else []),
            *(["class weights"] if plan.class_weights != "none" else []),
            *(["logit adjustment"] if plan.logit_adjustment else []),
        ]
        if len(means) > 1:
            yield f"warning: {head}: rare classes are raised twice, by {' and by '.join(means)}"
