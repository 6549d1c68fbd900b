"""`[model]`: the network."""

from pydantic import Field

from workbench.settings.section import Section


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
