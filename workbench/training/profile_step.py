"""One step of a training taken apart: seconds of copying, forward, backward, optimiser and of what is left.

The parts are run on a batch once all is saved: they move weights, which nobody needs any more. They
are compiled as the real step is, and the quickest of a few runs counts: other work on a machine only ever
makes them slower. What compiles them is TensorFlow's own; Keras has no function that compiles a part.
"""

import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf  # noqa: TID251 - Keras compiles whole steps only, and cannot wait for a GPU

from workbench.errors import Cancelled
from workbench.training.events import EventLog
from workbench.training.feed import Batch
from workbench.training.learner import Learner
from workbench.training.profile import (
    BACKWARD,
    COPY,
    FORWARD,
    OPTIMISER,
    PROFILING,
    PYTHON,
    Profile,
    Unprofiled,
)

_ROUNDS = 5
_MOST_S = 15.0
"""Runs of each part, and seconds after which no further round is begun."""


def take_apart(profile: Unprofiled, learner: Learner, log: EventLog, asked: Callable[[], object]) -> None:
    """Write into a profile what a step consists of; a failure of that is no failure of the training.

    Args:
        profile: Its batch is what is trained on; nothing is done where nothing is measured.
        learner: Everything of which is saved.
        log: Hears of the phase.
        asked: Looked at between runs: whether it is to end.
    """
    if not isinstance(profile, Profile) or profile.batch is None:
        return
    if learner.place.shared is not None:
        log.note("a step that several devices share is not taken apart")
        return
    log.phase("profiling", "taking a step apart")
    with profile.part(PROFILING):
        try:
            profile.of_a_step = _parts(learner, profile.batch, asked)
        except Cancelled:
            log.note("the step was not taken apart: asked to end")
        except Exception as error:
            traceback.print_exc()
            log.note(f"the step could not be taken apart: {type(error).__name__}; see the log")


def _parts(learner: Learner, batch: Batch, asked: Callable[[], object]) -> dict[str, float]:
    """Seconds of each part.

    Args:
        learner: What learns.
        batch: Pictures (B, S, S, 3) uint8, in memory or on the device already, and labels.
        asked: Whether it is to end.

    Raises:
        Cancelled: `asked` said so.
    """
    images, labels = batch
    named = learner.named(labels)
    placed = tf.convert_to_tensor(images)
    answers = {name: tf.convert_to_tensor(codes) for name, codes in named.items()}
    nothing = [tf.zeros(one.shape, one.dtype) for one in learner.model.trainable_variables]
    forward, both, optimiser = _compiled(learner.model)
    whole, copy, ahead, there_and_back, applied = _least(
        (
            lambda: learner.step(images, labels),
            lambda: (_copied(images), [_copied(one) for one in named.values()]),
            lambda: forward(placed, answers),
            lambda: both(placed, answers),
            lambda: optimiser(nothing),
        ),
        asked,
    )
    return {
        COPY: copy,
        FORWARD: ahead,
        BACKWARD: max(0.0, there_and_back - ahead),
        OPTIMISER: applied,
        PYTHON: max(0.0, whole - copy - max(there_and_back, ahead) - applied),
    }


def _copied(values: Any) -> Any:
    """The values as a tensor of its own, as each step makes it of an array."""
    return values if tf.is_tensor(values) else tf.constant(values)


def _compiled(model: Any) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """Forward; forward and backward; the optimiser: each compiled as the model's own step is."""

    def loss_of(images: Any, labels: Any) -> Any:
        return model.compute_loss(images, labels, model(images, training=True), training=True)

    def both(images: Any, labels: Any) -> Any:
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            loss = model.optimizer.scale_loss(loss_of(images, labels))
        return tape.gradient(loss, variables, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    def optimiser(gradients: Any) -> None:
        # The gradients are arguments: constants would be computed away.
        model.optimizer.apply(gradients, model.trainable_variables)

    forward, back, applied = (
        tf.function(part, jit_compile=bool(model.jit_compile) or None) for part in (loss_of, both, optimiser)
    )
    return forward, back, applied


def _least(runs: Sequence[Callable[[], Any]], asked: Callable[[], object]) -> list[float]:
    """Seconds of the quickest round of each; the very first one, which compiles, is not counted.

    They take turns, so that a machine that is busy for a while is so for all of them.
    """
    started, spent = time.monotonic(), list[list[float]]()
    for _ in range(1 + _ROUNDS):
        spent.append([_seconds(run, asked) for run in runs])
        if len(spent) > 1 and time.monotonic() - started > _MOST_S:
            break
    return [min(times) for times in zip(*spent[1:], strict=True)]


def _seconds(run: Callable[[], Any], asked: Callable[[], object]) -> float:
    """Seconds until it is done, on a GPU too."""
    if asked():
        raise Cancelled("asked to end")
    began = time.perf_counter()
    run()
    tf.test.experimental.sync_devices()
    return time.perf_counter() - began
