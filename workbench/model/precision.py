"""The numbers between layers: Keras' mixed policies, set while a network is built and put back after it.

Under a mixed policy weights, means and losses stay float32; only what flows between layers is short. A
network's softmaxes are float32 by themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras  # noqa: TID251 - model/ builds networks and what trains them

_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


@contextmanager
def numbers(precision: str) -> Iterator[None]:
    """Inside, layers are made for this precision.

    Args:
        precision: "float32", "bfloat16" or "float16".
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(_POLICIES[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def scaled(optimizer: keras.optimizers.Optimizer, precision: str) -> keras.optimizers.Optimizer:
    """The optimiser; float16 is so coarse that small gradients vanish unless the loss is scaled up before
    (Micikevicius et al., "Mixed precision training", ICLR 2018, section 3.2)."""
    return keras.optimizers.LossScaleOptimizer(optimizer) if precision == "float16" else optimizer
