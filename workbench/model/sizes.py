"""The sizes of every architecture, and its parameters, counted without Keras.

The builders take filters and strides from here; the counts are formulas of their own, so that
`workbench architectures` answers at once. A test holds them against what Keras counts.
"""

from dataclasses import dataclass
from itertools import pairwise

from workbench.config import ModelSettings
from workbench.model.backbones import BACKBONES
from workbench.schema import Schema

SEEN_MAPS = 3
"""How many of the last maps the heads see."""
_MOST_FILTERS = 256
_NORM = 4
"""Numbers of a batch normalisation a filter: scale, shift, moving mean, moving variance."""
_COLOURS = 3
_REFERENCE_BLOCKS = ((16, 3), (32, 2), (32, 2))
"""(filters, pool) of each of the reference's convolutions."""
_REFERENCE_DENSE = 128
_ROWS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""(expansion, filters, blocks, first stride) of Sandler et al., CVPR 2018, table 2."""
MOBILENET_DEPTH = 1 + sum(stride == 2 for *_, stride in _ROWS)
"""How often MobileNetV2 halves a picture, its first convolution included."""
_PAPER_WIDTH = 32
"""Filters of MobileNetV2's first convolution, which width multiplier 1 has."""


@dataclass(frozen=True)
class Bottleneck:
    """One inverted residual of MobileNetV2."""

    before: int
    """Filters that come in."""
    filters: int
    """Filters that go out."""
    expansion: int
    stride: int

    @property
    def expanded(self) -> int:
        """Filters in between."""
        return self.before * self.expansion

    @property
    def residual(self) -> bool:
        """Whether what came in is added."""
        return self.stride == 1 and self.before == self.filters

    @property
    def parameters(self) -> int:
        """Of its two or three convolutions and their normalisations."""
        wider = (self.before + _NORM) * self.expanded if self.expansion > 1 else 0
        return wider + (9 + _NORM) * self.expanded + (self.expanded + _NORM) * self.filters


def stage_filters(settings: ModelSettings) -> tuple[int, ...]:
    """Filters of each block of the trunk or stage of the ResNet: twice the one before, up to 256."""
    return tuple(min(settings.width * 2**stage, _MOST_FILTERS) for stage in range(settings.depth))


def first_filters(settings: ModelSettings) -> int:
    """Filters of MobileNetV2's first convolution."""
    return _divisible(settings.width)


def bottlenecks(settings: ModelSettings) -> tuple[Bottleneck, ...]:
    """MobileNetV2's blocks, as far as `depth` halvings go."""
    found: list[Bottleneck] = []
    before, halved = first_filters(settings), 1
    for expansion, filters, count, stride in _ROWS:
        halved += stride == 2
        if halved > settings.depth:
            break
        wanted = _divisible(filters * settings.width / _PAPER_WIDTH)
        for index in range(count):
            found.append(Bottleneck(before, wanted, expansion, 1 if index else stride))
            before = wanted
    return tuple(found)


def _divisible(filters: float) -> int:
    """The nearest multiple of 8, not under nine tenths of what was wanted: as the paper's own code does."""
    nearest = max(8, int(filters + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * filters else nearest + 8


def parameters(settings: ModelSettings, schema: Schema, size: int) -> int:
    """How many parameters a network has, those that do not learn included.

    Args:
        settings: A valid architecture and its sizes.
        schema: The heads.
        size: Height and width of the pictures in pixels; only the reference's count depends on it.
    """
    if settings.architecture == "reference":
        return sum(_reference_branch(size, len(head.classes)) for head in schema.heads)
    body, features = _BODIES[settings.architecture](settings)
    return body + _NORM * features + _heads(features, settings.dense, schema)


def _heads(features: int, dense: int, schema: Schema) -> int:
    """The dense layers and softmaxes on the shared features."""
    return sum((features + 1) * dense + (dense + 1) * len(head.classes) for head in schema.heads)


def _trunk(settings: ModelSettings) -> tuple[int, int]:
    """Parameters of the blocks, and what the heads see of them."""
    filters = stage_filters(settings)
    befores = (_COLOURS, *filters[:-1])
    body = sum((9 * before + _NORM) * after for before, after in zip(befores, filters, strict=True))
    return body, 2 * sum(filters[-SEEN_MAPS:])


def _resnet(settings: ModelSettings) -> tuple[int, int]:
    """First convolution, stages, shortcuts, last normalisation; and what the heads see of them."""
    filters = stage_filters(settings)
    befores = (settings.width, *filters[:-1])
    first, last = 9 * _COLOURS * settings.width, _NORM * filters[-1]
    stages = sum(
        _NORM * (before + after) + 9 * (before + after) * after
        for before, after in zip(befores, filters, strict=True)
    )
    shortcuts = sum(before * after for before, after in pairwise(filters))
    maps = (settings.width, *filters)
    return first + stages + shortcuts + last, 2 * sum(maps[-SEEN_MAPS:])


def _mobilenet(settings: ModelSettings) -> tuple[int, int]:
    """First convolution and bottlenecks; and what the heads see of them."""
    blocks, first = bottlenecks(settings), first_filters(settings)
    body = (9 * _COLOURS + _NORM) * first + sum(block.parameters for block in blocks)
    maps = [block.before for block in blocks if block.stride == 2] + [blocks[-1].filters]
    return body, 2 * sum(maps[-SEEN_MAPS:])


def _backbone(settings: ModelSettings) -> tuple[int, int]:
    """As Keras has it, without its own dense layer; the heads see means and maxima of its last map."""
    backbone = BACKBONES[settings.backbone]
    return backbone.parameters, 2 * backbone.filters


_BODIES = {"trunk": _trunk, "resnet": _resnet, "mobilenet": _mobilenet, "backbone": _backbone}


def _reference_branch(size: int, classes: int) -> int:
    """One head's own network; see `reference`."""
    count, before = 0, _COLOURS
    for filters, pool in _REFERENCE_BLOCKS:
        count += (9 * before + 1 + _NORM) * filters
        before, size = filters, size // pool
    dense = (size * size * before + 1 + _NORM) * _REFERENCE_DENSE
    return count + dense + (_REFERENCE_DENSE + 1) * classes
