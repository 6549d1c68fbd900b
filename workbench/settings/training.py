"""`[training]`: how the network learns."""

from typing import Literal

from pydantic import Field

from workbench.settings.heads import HeadSettings, LossSettings, MixingSettings, SamplingSettings
from workbench.settings.section import Section


class EarlyStopping(Section):
    """When to stop before the last epoch."""

    metric: str = Field(
        "val_loss", description="loss, val_loss, val_macro_f1, val_{head}_loss, val_{head}_accuracy …"
    )
    patience: int = Field(
        0, ge=0, le=10_000, description="epochs without a better value; 0 = never stop early"
    )
    minimum_change: float = Field(0.0, ge=0, description="what counts as better")


class PlateauSettings(Section):
    """When schedule 'plateau' lowers the learning rate."""

    metric: str = Field("", description="a metric's name; empty = checkpoint_metric")
    patience: int = Field(5, ge=1, le=10_000, description="epochs without a better value until it falls")
    factor: float = Field(0.3, gt=0, lt=1, description="what each fall multiplies by")
    minimum_change: float = Field(0.0, ge=0, description="what counts as better")


class TrainingSettings(Section):
    """How the network learns."""

    epochs: int = Field(20, ge=1, le=10_000, description="times that the training pictures are gone through")
    batch_size: int = Field(32, ge=1, le=4096, description="pictures a step")
    generator_batch: int = Field(
        0, ge=0, le=65_536, description="pictures drawn and augmented at once; 0 = a batch"
    )
    pictures_per_epoch: int = Field(
        0, ge=0, le=10**9, description="pictures an epoch; 0 = every training picture once"
    )
    optimizer: Literal["sgd", "rmsprop", "adam", "adamw"] = Field(
        "adamw", description="how gradients move weights"
    )
    learning_rate: float = Field(0.002, gt=0, le=10**9, description="step size at its peak")
    momentum: float = Field(0.9, ge=0, lt=1, description="of SGD and RMSprop")
    weight_decay: float = Field(0.0001, ge=0, le=1, description="of AdamW")
    schedule: Literal["constant", "cosine", "one_cycle", "step", "plateau"] = Field(
        "cosine", description="how the learning rate falls"
    )
    warmup_epochs: float = Field(
        1.0, ge=0, le=1000, description="epochs in which it rises from 0; one_cycle has a rise of its own"
    )
    one_cycle_rise: float = Field(
        0.45, gt=0, le=0.5, description="share of the steps in which schedule 'one_cycle' rises"
    )
    step_epochs: int = Field(10, ge=1, le=10_000, description="epochs between the falls of schedule 'step'")
    step_factor: float = Field(0.3, gt=0, lt=1, description="what each fall multiplies by")
    plateau: PlateauSettings = PlateauSettings()
    class_weights: Literal["none", "effective"] = Field(
        "none",
        description="weigh rare classes more, by their effective number of samples (Cui et al., CVPR 2019)",
    )
    loss: LossSettings = LossSettings()
    sampling: SamplingSettings = SamplingSettings()
    mixing: MixingSettings = MixingSettings()
    heads: dict[str, HeadSettings] = Field({}, description="what single heads have otherwise, by name")
    average_weights: float = Field(
        0.0, ge=0, lt=1, description="momentum of an exponential moving average of the weights; 0 = none"
    )
    swa_from: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of the epochs after which the mean of their weights is what is kept; 0 = none",
    )
    checkpoint_metric: str = Field("val_loss", description="the metric whose best epoch is kept as the model")
    keep_checkpoints: int = Field(
        3, ge=1, le=1000, description="last epochs of which a checkpoint is kept, besides the best one"
    )
    checkpoint_minutes: float = Field(
        10.0, ge=0, le=10_000, description="minutes after which an epoch is saved in its midst; 0 = never"
    )
    tensorboard: bool = Field(
        False, description="write event files for TensorBoard too, into the run's folder tensorboard"
    )
    early_stopping: EarlyStopping = EarlyStopping()
    deterministic: Literal["auto", "on", "off"] = Field(
        "auto", description="the same curve each time; auto: on the processor, where it costs nothing"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="of weights, order, dropout and augmentation")
