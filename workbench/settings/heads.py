"""`[training.loss]`, `[training.sampling]`, `[training.mixing]`, and what `[training.heads.NAME]` sets apart.

Two tables hold for all heads; a head's own table overrides single values of them. `head_plans` puts both
together, so that whoever trains, checks or describes sees the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator

from workbench.settings.section import Section

if TYPE_CHECKING:
    from workbench.settings.training import TrainingSettings

MostWeight = Annotated[float, Field(gt=0, le=10_000)]
_RULES = ("none", "effective")


class LossSettings(Section):
    """The loss of every head that says nothing else, and how the heads' losses are added up."""

    focal_gamma: float = Field(
        0.0,
        ge=0,
        le=10,
        description="dwell less on easy pictures: (1 - p)^γ (Lin et al., ICCV 2017); 0 = off",
    )
    label_smoothing: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of each target spread over all classes (Szegedy et al., CVPR 2016)",
    )
    logit_adjustment: float = Field(
        0.0,
        ge=0,
        le=5,
        description="τ · log of a class's share is added in the loss (Menon et al., ICLR 2021)",
    )
    weight: float = Field(1.0, ge=0, le=10_000, description="weight of a head's loss in their sum")
    head_weights: Literal["fixed", "uncertainty", "speed"] = Field(
        "fixed",
        description="learned (Kendall et al., CVPR 2018), or by learning speed (Liu et al., CVPR 2019)",
    )


class SamplingSettings(Section):
    """Which pictures make up an epoch."""

    balanced: bool = Field(
        False, description="draw rare classes more often, so that every head's classes come about alike"
    )
    most_repeats: float = Field(
        8.0,
        ge=1,
        le=1000,
        description="how much more often than on average balanced sampling may draw a picture",
    )


class MixingSettings(Section):
    """Pictures made of two."""

    probability: float = Field(1.0, ge=0, le=1, description="share of the pictures that are mixed at all")
    mixup: float = Field(
        0.0, ge=0, le=10, description="α of mixing two pictures' light (Zhang et al., ICLR 2018); 0 = off"
    )
    cutmix: float = Field(
        0.0, ge=0, le=10, description="α of pasting a piece of another (Yun et al., ICCV 2019); 0 = off"
    )

    @property
    def active(self) -> bool:
        """Whether any picture is ever mixed."""
        return self.probability > 0 and (self.mixup > 0 or self.cutmix > 0)


class HeadSettings(Section):
    """What one head has otherwise than all; what is not given is as for all."""

    class_weights: Literal["none", "effective"] | dict[str, MostWeight] | None = Field(
        None, description="none, effective, or a weight for each class by name; classes left out weigh 1"
    )
    focal_gamma: float | None = Field(None, ge=0, le=10, description="γ of this head's focal loss")
    label_smoothing: float | None = Field(None, ge=0, lt=1, description="label smoothing of this head")
    logit_adjustment: float | None = Field(None, ge=0, le=5, description="τ of this head's logit adjustment")
    weight: float | None = Field(None, ge=0, le=10_000, description="weight of this head's loss in the sum")
    balanced: bool | None = Field(None, description="whether balanced sampling looks at this head")

    @property
    def given(self) -> dict[str, Any]:
        """What is set here, by name."""
        return {name: value for name, value in self if value is not None}

    @field_validator("class_weights", mode="before")
    @classmethod
    def _rule_or_table(cls, value: Any) -> Any:
        """One message for either kind, in place of pydantic's two."""
        if value is None or value in _RULES:
            return value
        if isinstance(value, Mapping) and value and all(map(_is_weight, value.values())):
            return value
        raise ValueError(
            "expected 'none', 'effective' or a table of weights above 0, up to 10000, as { blond = 3.0 }"
        )


def _is_weight(value: object) -> bool:
    """Whether this can be the weight of a class."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 10_000


@dataclass(frozen=True)
class HeadPlan:
    """How one head learns: the settings for all, and its own over them."""

    class_weights: str | Mapping[str, float]
    focal_gamma: float
    label_smoothing: float
    logit_adjustment: float
    weight: float
    balanced: bool


def head_plans(training: "TrainingSettings", heads: Iterable[str]) -> dict[str, HeadPlan]:
    """The plan of every head.

    Args:
        training: Complete settings.
        heads: The heads' names.
    """
    common: dict[str, Any] = {
        **training.loss.model_dump(exclude={"head_weights"}),
        "class_weights": training.class_weights,
        "balanced": training.sampling.balanced,
    }
    own = training.heads
    return {head: HeadPlan(**common | (own[head].given if head in own else {})) for head in heads}
