"""The same folder gives the same curve on the same machine: what that takes, before Keras is loaded.

Order, augmentation and dropout follow the seed. What is left is the order in which floats are added: where
TensorFlow runs two operations of a graph at once, its convolutions part their sums among the threads that
happen to be free, and the last bits differ from step to step (seen in gradients of the reference network's
first convolutions). One operation after another, each on all cores, is the same to the bit. So are the heads
of `model/fused.py` side by side, each operation on its head's share of the cores.
"""

import os

from workbench.settings import Settings
from workbench.training.devices import heads_side_by_side, look
from workbench.training.host import usable_cores


def make_repeatable(settings: Settings, heads: int) -> None:
    """Set this process's environment; what a person set there stays.

    Args:
        settings: `training.deterministic`: "auto" takes what costs nothing, which is the processor's part;
            "on" also takes those operations of a GPU that are slower and add in a fixed order.
        heads: How many the network has.
    """
    how = settings.training.deterministic
    on_gpu = settings.hardware.device != "cpu" and look().gpus > 0
    if not on_gpu and heads_side_by_side(settings):
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, usable_cores() // heads)))
    elif how == "on" or (how == "auto" and not on_gpu):
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    if how == "on":
        os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
