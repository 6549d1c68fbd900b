"""Every setting: its type, its valid range, its meaning. `config.py` reads them from files."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.toml import validate


class Section(BaseModel):
    """A table of settings: read-only, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SplitSettings(Section):
    """How labelled pictures are divided; the shares add up to 1."""

    train: float = Field(
        0.70, ge=0.1, le=0.98, description="share of the pictures that the network learns from"
    )
    validation: float = Field(0.15, ge=0.01, le=0.6, description="share that chooses the best epoch")
    test: float = Field(0.15, ge=0.01, le=0.6, description="share that is only looked at in the evaluation")
    seed: int = Field(0, ge=0, lt=2**31, description="another seed divides the pictures in another way")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train + validation + test must be 1")
        return self


class DatasetSettings(Section):
    """What happens to a picture before the network sees it."""

    size: int = Field(
        200, ge=32, le=1024, description="height and width in pixels to which pictures are resized"
    )
    blur_sigma: float = Field(
        0.0, ge=0, le=10, description="standard deviation in pixels of a Gaussian blur; 0 = none"
    )
    cache: bool = Field(True, description="keep resized pictures in the bench's cache folder")
    split: SplitSettings = SplitSettings()


class Operation(Section):
    """One augmentation: how often, and in which range of strength."""

    probability: float = Field(0.0, ge=0, le=1, description="share of the pictures that it changes")
    low: float = Field(0.0, description="weakest strength")
    high: float = Field(0.0, description="greatest strength")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low must not be above high; received {self.low} and {self.high}")
        return self


def _operation(low: float, high: float, description: str) -> Any:
    """An operation that is off, with a range for the day it is switched on."""
    return Field(Operation(probability=0.0, low=low, high=high), description=description)


_LIMITS = {
    "rotate": (-180, 180),
    "blur": (0, 20),
    "brightness": (0, 5),
    "pan": (-1, 1),
    "zoom": (0.1, 10),
    "flip": (0, 0),
    "contrast": (0, 5),
    "noise": (0, 255),
    "cutout": (0, 1),
}
"""What each augmentation's strength can be at all."""


class AugmentSettings(Section):
    """Random changes of the training pictures, new ones in every epoch."""

    rotate: Operation = _operation(-15, 15, "orientation: turn by degrees")
    blur: Operation = _operation(0.0, 1.5, "Gaussian blur: standard deviation in pixels")
    brightness: Operation = _operation(0.7, 1.3, "multiply all values by this factor")
    pan: Operation = _operation(-0.1, 0.1, "shift by this share of the picture, each axis on its own")
    zoom: Operation = _operation(0.85, 1.15, "scale by this factor")
    flip: Operation = _operation(0, 0, "mirror left and right (no strength)")
    contrast: Operation = _operation(0.8, 1.2, "stretch around the middle grey by this factor")
    noise: Operation = _operation(0, 12, "Gaussian noise: standard deviation in grey levels")
    cutout: Operation = _operation(0.05, 0.2, "cover a square whose side is this share of the picture")

    @model_validator(mode="before")
    @classmethod
    def _usual_range(cls, table: Any) -> Any:
        """An operation that names only its probability keeps its usual range."""
        if not isinstance(table, Mapping):
            return table
        usual = {name: field.default.model_dump() for name, field in cls.model_fields.items()}
        return {
            name: {**usual[name], **value} if name in usual and isinstance(value, Mapping) else value
            for name, value in table.items()
        }

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        for name, (least, most) in _LIMITS.items():
            operation: Operation = getattr(self, name)
            if operation.low < least or operation.high > most:
                raise ValueError(f"{name} must lie between {least} and {most}")
        return self

    @property
    def active(self) -> bool:
        """Whether any operation ever changes a picture."""
        return any(operation.probability > 0 for _, operation in self)


class ModelSettings(Section):
    """The network."""

    architecture: str = Field("trunk", description="name in the registry: reference, trunk")
    width: int = Field(24, ge=4, le=256, description="filters of the trunk's first convolution")
    depth: int = Field(5, ge=2, le=6, description="blocks of the trunk, each halving the picture")
    dense: int = Field(128, ge=8, le=2048, description="units of the dense layer before each head")
    dropout: float = Field(
        0.25, ge=0, lt=1, description="share of features dropped before each head of the trunk"
    )
    batch_norm_momentum: float = Field(
        0.9, ge=0.5, lt=1, description="momentum of the trunk's batch normalisation"
    )


class EarlyStopping(Section):
    """When to stop before the last epoch."""

    metric: str = Field(
        "val_loss", description="loss, val_loss, val_macro_f1, val_{head}_loss, val_{head}_accuracy …"
    )
    patience: int = Field(
        0, ge=0, le=10_000, description="epochs without a better value; 0 = never stop early"
    )
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
    learning_rate: float = Field(0.002, gt=0, le=10, description="step size at its peak")
    momentum: float = Field(0.9, ge=0, lt=1, description="of SGD and RMSprop")
    weight_decay: float = Field(0.0001, ge=0, le=1, description="of AdamW")
    schedule: Literal["constant", "cosine", "step"] = Field(
        "cosine", description="how the learning rate falls"
    )
    warmup_epochs: float = Field(1.0, ge=0, le=1000, description="epochs in which it rises from 0")
    step_epochs: int = Field(10, ge=1, le=10_000, description="epochs between the falls of schedule 'step'")
    step_factor: float = Field(0.3, gt=0, lt=1, description="what each fall multiplies by")
    class_weights: Literal["none", "effective"] = Field(
        "none",
        description="weigh rare classes more, by their effective number of samples (Cui et al., CVPR 2019)",
    )
    average_weights: float = Field(
        0.0, ge=0, lt=1, description="momentum of an exponential moving average of the weights; 0 = none"
    )
    checkpoint_metric: str = Field("val_loss", description="the metric whose best epoch is kept as the model")
    early_stopping: EarlyStopping = EarlyStopping()
    seed: int = Field(0, ge=0, lt=2**31, description="of weights, order, dropout and augmentation")


class SuggestionSettings(Section):
    """What the Label screen shows of a network's suggestions; no run depends on it."""

    hidden_share: float = Field(
        0.1, ge=0, le=1, description="share of the pictures, by chance, whose suggestions are not shown"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="another seed hides those of other pictures")


class ScreenSettings(Section):
    """How pictures are drawn on the screen; no run depends on it."""

    picture: Literal["auto", "quadrants", "sextants", "halves", "ascii", "kitty", "sixel"] = Field(
        "auto", description="how pictures are drawn; auto: what this terminal is known to show"
    )
    colours: Literal["auto", "true", "256", "16", "none"] = Field(
        "auto", description="the colours that the terminal has"
    )


class Settings(Section):
    """All settings of a run, and of the screen."""

    description: str = Field("", description="one line shown beside the preset's name")
    dataset: DatasetSettings = DatasetSettings()
    augment: AugmentSettings = AugmentSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    suggestions: SuggestionSettings = SuggestionSettings()
    screen: ScreenSettings = ScreenSettings()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, table: Mapping[str, Any], where: object = "settings") -> "Settings":
        """The settings that `to_dict` gave.

        Raises:
            ConfigError: They are of another version, or damaged.
        """
        return validate(cls, table, where=where)
