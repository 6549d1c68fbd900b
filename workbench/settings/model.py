"""`[model]`: the network."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from workbench.settings.section import Section

ARCHITECTURES = {
    "trunk": "five convolutions that all heads share; the default, quick on a laptop's CPU",
    "resnet": "residual stages (He et al., ECCV 2016): deeper; two thirds as fast at 144 pixels",
    "mobilenet": "inverted residuals (Sandler et al., CVPR 2018): for phones; a third as fast at 144 pixels",
    "backbone": "a network of keras.applications, from a file of weights that you bring",
    "reference": "the reference's five separate branches, of fixed sizes",
}
"""What `model.architecture` can be, each in a line; the file of each has its name, in `workbench/model/`."""


class ModelSettings(Section):
    """The network."""

    architecture: str = Field("trunk", description=f"name in the registry: {', '.join(ARCHITECTURES)}")
    width: int = Field(
        24, ge=4, le=256, description="filters of the first convolution (mobilenet: 32 is its width 1)"
    )
    depth: int = Field(5, ge=2, le=6, description="blocks or stages, each halving the picture")
    dense: int = Field(128, ge=8, le=2048, description="units of the dense layer before each head")
    dropout: float = Field(
        0.25, ge=0, lt=1, description="share of features dropped before each head (not the reference's)"
    )
    batch_norm_momentum: float = Field(
        0.9, ge=0.5, lt=1, description="momentum of batch normalisation (not the reference's)"
    )
    backbone: Literal[
        "MobileNetV2",
        "MobileNetV3Small",
        "MobileNetV3Large",
        "EfficientNetB0",
        "EfficientNetV2B0",
        "ResNet50",
        "ResNet50V2",
        "DenseNet121",
    ] = Field("MobileNetV2", description="which network of keras.applications architecture 'backbone' is")
    weights: str = Field(
        "",
        max_length=4096,
        description="the backbone's weights, a .weights.h5, .h5 or .keras file; a relative path begins at the"
        " bench, or at the TOML file that it stands in; empty = random ones",
    )
    frozen: float = Field(
        0.0, ge=0, le=1, description="share of the backbone's layers, from the first on, that do not learn"
    )


def anchored(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Settings whose path of weights, where it is relative, begins at `folder`.

    Args:
        table: Settings as they stand in a file; anything may be missing or wrong, which is left as it is.
        folder: The folder of that file.
    """
    model = table.get("model")
    weights = model.get("weights") if isinstance(model, Mapping) else None
    if not isinstance(model, Mapping) or not isinstance(weights, str) or not weights:
        return dict(table)
    path = Path(weights)
    with suppress(RuntimeError):  # ~ of somebody who is not known here: said when the file is looked for
        path = path.expanduser()
    return {**table, "model": {**model, "weights": str(folder.absolute() / path)}}
