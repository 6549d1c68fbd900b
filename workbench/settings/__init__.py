"""Every setting: its type, its valid range, its meaning; one file a table. `config.py` reads them."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from workbench.settings.augment import AugmentSettings, Operation
from workbench.settings.dataset import DatasetSettings, SplitSettings
from workbench.settings.hardware import HardwareSettings
from workbench.settings.heads import (
    HeadPlan,
    HeadSettings,
    LossSettings,
    MixingSettings,
    SamplingSettings,
    head_plans,
)
from workbench.settings.model import ModelSettings
from workbench.settings.screen import ScreenSettings, SuggestionSettings
from workbench.settings.section import Section
from workbench.settings.training import EarlyStopping, TrainingSettings
from workbench.toml import validate

__all__ = [
    "AugmentSettings",
    "DatasetSettings",
    "EarlyStopping",
    "HardwareSettings",
    "HeadPlan",
    "HeadSettings",
    "LossSettings",
    "MixingSettings",
    "ModelSettings",
    "Operation",
    "SamplingSettings",
    "ScreenSettings",
    "Section",
    "Settings",
    "SplitSettings",
    "SuggestionSettings",
    "TrainingSettings",
    "head_plans",
]


class Settings(Section):
    """All settings of a run, and of the screen."""

    description: str = Field("", description="one line shown beside the preset's name")
    dataset: DatasetSettings = DatasetSettings()
    augment: AugmentSettings = AugmentSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    hardware: HardwareSettings = HardwareSettings()
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
