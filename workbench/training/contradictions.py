"""Settings of a training that contradict themselves, refused; and such as are odd, said but obeyed."""

from workbench.errors import ConfigError
from workbench.settings import TrainingSettings

_USUAL_RATE = {"sgd": 1.0, "rmsprop": 0.1, "adam": 0.1, "adamw": 0.1}
"""Steps of the last three do not grow with the gradient: a far smaller rate already throws weights about."""
_ENDS_AT_ZERO = ("cosine", "one_cycle")


def check_consistent(how: TrainingSettings) -> None:
    """Refuse settings of which one makes another one senseless.

    Raises:
        ConfigError: Names both, and what to change.
    """
    if how.schedule != "one_cycle" and how.warmup_epochs > how.epochs:
        raise ConfigError(
            f"a warm-up of {how.warmup_epochs:g} epochs is longer than all {how.epochs}",
            where="training.warmup_epochs",
            cure=f"at most {how.epochs}, or more training.epochs",
        )
    if how.swa_from and how.average_weights:
        raise ConfigError(
            f"weights are averaged twice: by average_weights = {how.average_weights:g} too",
            where="training.swa_from",
            cure="set one of them to 0",
        )
    _check_plateau(how)


def _check_plateau(how: TrainingSettings) -> None:
    """Refuse a learning rate that is to fall after the training was stopped."""
    metric, stopping = how.plateau.metric or how.checkpoint_metric, how.early_stopping
    same = how.schedule == "plateau" and metric == stopping.metric
    if same and 0 < stopping.patience <= how.plateau.patience:
        raise ConfigError(
            f"the rate would fall after {how.plateau.patience} epochs without a better {metric}, but "
            f"early_stopping.patience = {stopping.patience} ends the training before",
            where="training.plateau.patience",
            cure=f"below {stopping.patience}" if stopping.patience > 1 else "raise early_stopping.patience",
        )


def doubts(how: TrainingSettings) -> tuple[str, ...]:
    """What is odd but may be meant, a line each; for people, before the training and in its log."""
    found = []
    usual = _USUAL_RATE[how.optimizer]
    if how.learning_rate > usual:
        found.append(
            f"training.learning_rate = {how.learning_rate:g} is absurdly large for {how.optimizer} "
            f"(usual: below {usual:g}): the training will probably diverge"
        )
    if how.swa_from and how.schedule in _ENDS_AT_ZERO:
        found.append(
            f"training.swa_from averages weights that hardly move any more with schedule {how.schedule!r}: "
            "Izmailov et al. (2018) keep the rate constant"
        )
    return tuple(found)
