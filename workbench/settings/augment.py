"""`[augment]`: random changes of training pictures."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from workbench.settings.section import Section


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
