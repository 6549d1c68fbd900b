"""The networks of keras.applications that a run can build on: known here without Keras.

Their weights are never fetched: a person brings them, and `how_to_bring` says how. What each family wants
done to the pixels stands in `Backbone`; the network does it itself.
"""

from dataclasses import dataclass

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
_Channels = tuple[float, float, float]
_PLAIN: _Channels = (1.0, 1.0, 1.0)
_NONE: _Channels = (0.0, 0.0, 0.0)
_SIGNED = ((1 / 127.5,) * 3, (-1.0,) * 3)
"""From -1 to 1."""
_STANDARD = (
    tuple(1 / (255 * deviation) for deviation in _IMAGENET_DEVIATION),
    tuple(-mean / deviation for mean, deviation in zip(_IMAGENET_MEAN, _IMAGENET_DEVIATION, strict=True)),
)
"""Mean 0 and deviation 1 over ImageNet."""
_ROOTED = (
    tuple(deviation**-0.5 for deviation in _IMAGENET_DEVIATION),
    tuple(
        255 * mean * (1 - deviation**-0.5)
        for mean, deviation in zip(_IMAGENET_MEAN, _IMAGENET_DEVIATION, strict=True)
    ),
)
"""What makes of EfficientNetB0's own normalisation the one its ImageNet weights were trained with: Keras puts
a division by the root of the deviation behind it only where it fetches them itself (tensorflow #49930)."""


@dataclass(frozen=True)
class Backbone:
    """A network of keras.applications without its own dense layer."""

    parameters: int
    filters: int
    """Of its last map."""
    keras_file: str
    """How the file is called that Keras itself would fetch."""
    source: str
    scale: tuple[float, ...] = _PLAIN
    offset: tuple[float, ...] = _NONE
    """What is done to RGB values of 0 to 255: times `scale`, plus `offset`, a number a channel."""
    reversed_channels: bool = False
    """Whether blue comes first; scale and offset are then in that order."""


BACKBONES = {
    "MobileNetV2": Backbone(
        2_257_984,
        1280,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        "Sandler et al., CVPR 2018",
        *_SIGNED,
    ),
    "MobileNetV3Small": Backbone(
        939_120, 576, "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5", "Howard et al., ICCV 2019"
    ),
    "MobileNetV3Large": Backbone(
        2_996_352, 960, "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5", "Howard et al., ICCV 2019"
    ),
    "EfficientNetB0": Backbone(4_049_571, 1280, "efficientnetb0_notop.h5", "Tan and Le, ICML 2019", *_ROOTED),
    "EfficientNetV2B0": Backbone(5_919_312, 1280, "efficientnetv2-b0_notop.h5", "Tan and Le, ICML 2021"),
    "ResNet50": Backbone(
        23_587_712,
        2048,
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "He et al., CVPR 2016",
        offset=(-103.939, -116.779, -123.68),
        reversed_channels=True,
    ),
    "ResNet50V2": Backbone(
        23_564_800,
        2048,
        "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "He et al., ECCV 2016",
        *_SIGNED,
    ),
    "DenseNet121": Backbone(
        7_037_504,
        1024,
        "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "Huang et al., CVPR 2017",
        *_STANDARD,
    ),
}
"""By their names in keras.applications, which `model.backbone` takes."""


def how_to_bring(name: str) -> str:
    """How a person comes by the weights of a backbone."""
    return (
        f"make it where there is a network: python -c 'import keras; "
        f"keras.applications.{name}(include_top=False)"
        f'.save_weights("{name}.weights.h5")\'; or copy {BACKBONES[name].keras_file} from ~/.keras/models'
        " of a machine that has it"
    )
