"""`[dataset]`: pictures before the network sees them."""

from typing import Self

from pydantic import Field, model_validator

from workbench.settings.section import Section


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
