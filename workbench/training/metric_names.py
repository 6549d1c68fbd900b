"""The names that a metric can have, checked before a run starts: Keras only warns about a misspelt one."""

import math

from workbench.errors import ConfigError
from workbench.schema import Schema
from workbench.toml import suggestion

MONITORED = ("loss", "accuracy", "macro_f1")


def metric_names(schema: Schema) -> tuple[str, ...]:
    """Every name: `loss`, `val_macro_f1`, `val_{head}_accuracy` and so on; macro-F1 on validation only."""
    names = []
    for prefix in ("val_", ""):
        for part in ("", *(f"{head}_" for head in schema.head_names)):
            names += [f"{prefix}{part}{what}" for what in MONITORED if prefix or what != "macro_f1"]
    return tuple(names)


def check_distinct(schema: Schema) -> None:
    """Refuse heads whose metrics could not be told apart, such as `a` and `val_a`.

    Raises:
        ConfigError: Names the metric that two heads would share.
    """
    names = metric_names(schema)
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(
            f"two heads would share the metric {twice!r}", where=schema.name, cure="rename one of the heads"
        )


def check_metric(name: str, schema: Schema, where: str = "training.early_stopping.metric") -> None:
    """Refuse a metric that will never be measured.

    Raises:
        ConfigError: There is no such metric; names the nearest.
    """
    valid = metric_names(schema)
    if name not in valid:
        raise ConfigError(f"no metric is named {name!r}", where=where, cure=suggestion(name, valid))


def larger_is_better(name: str) -> bool:
    """Whether a metric is to rise; a head may itself be named "loss", so only the last word counts."""
    return not name.endswith("loss")


def better(value: float, best: float | None, name: str, minimum_change: float = 0.0) -> bool:
    """Whether a value improves on the best one so far; what is no finite number never does."""
    if not math.isfinite(value):
        return False
    if best is None:
        return True
    return value > best + minimum_change if larger_is_better(name) else value < best - minimum_change
