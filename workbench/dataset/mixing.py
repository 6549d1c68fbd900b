"""Pictures made of two (mixup, CutMix), with the labels of both for every head: the same for the same step.

A mixed batch's labels are (B, 3) float32 for each head: the picture's own class index, its partner's, and the
picture's own share, which is at least a half. So the picture stays the one that it mostly is: figures of a
step are measured on its own label. Either index may be -1. A loss takes each known label by its share and
divides by the sum of the shares that are known: a masked label neither pulls nor dilutes, and a label that is
known only of the smaller part counts no more than that part. (To raise it to a whole label would teach that
a picture of which 20 % are seen is certainly of that class.)
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.dataset.table import MASKED
from workbench.settings import MixingSettings

MIXED_COLUMNS = 3
"""Own class, partner's class, own share."""
_STREAM = 0x6D6978
"""Keeps these random numbers apart from those of the order and the augmentation."""
_WHOLE = 256


def own_codes(labels: NDArray[Any]) -> NDArray[np.int32]:
    """A head's labels (B,) or, mixed, (B, 3) as each picture's own class index (B,), -1 where masked."""
    return (labels if labels.ndim == 1 else labels[:, 0]).astype(np.int32)


class Mixer:
    """Mixes each picture of a batch with another one of it.

    Args:
        settings: Which ways, how often, and the α of their Beta(α, α).
        seed: Of the run.
    """

    def __init__(self, settings: MixingSettings, seed: int) -> None:
        self._how, self._seed = settings, seed
        both = settings.mixup > 0 and settings.cutmix > 0
        self._cut_share = 0.5 if both else float(settings.cutmix > 0)

    def __call__(
        self, images: NDArray[np.uint8], labels: dict[str, NDArray[np.int32]], step: int
    ) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
        """Mix a batch.

        Args:
            images: (B, S, S, 3); left as they are.
            labels: For each head (B,) class indices, -1 where masked.
            step: The batch's number in the run; another step mixes in another way.

        Returns:
            New pictures of the same shape, and for each head (B, 3): see the module.
        """
        random = np.random.default_rng((self._seed, _STREAM, step))
        partners = random.permutation(len(images))
        cut = random.random(len(images)) < self._cut_share
        mixed = random.random(len(images)) < self._how.probability
        shares = np.ones(len(images), dtype=np.float32)
        made = images.copy()
        for at in np.flatnonzero(mixed):
            paste = _cutmix if cut[at] else _mixup
            alpha = self._how.cutmix if cut[at] else self._how.mixup
            share = random.beta(alpha, alpha)
            shares[at] = paste(made[at], images[partners[at]], max(share, 1 - share), random)
        return made, {head: _both(codes, partners, shares) for head, codes in labels.items()}


def _both(
    codes: NDArray[np.int32], partners: NDArray[np.intp], shares: NDArray[np.float32]
) -> NDArray[np.float32]:
    """A head's labels of both pictures, and the first one's share; (B, 3)."""
    partner = np.where(shares < 1, codes[partners], MASKED)
    return np.stack([codes.astype(np.float32), partner.astype(np.float32), shares], axis=1)


def _mixup(
    picture: NDArray[np.uint8], other: NDArray[np.uint8], share: float, _random: np.random.Generator
) -> float:
    """`share` of the picture and the rest of the other, in place (Zhang et al., ICLR 2018, equation 1).

    Returns:
        The share that it came to: whole numbers of 256, so that one product a value of 16 bits is enough.
    """
    own = round(share * _WHOLE)
    total = picture.astype(np.uint16) * np.uint16(own) + other.astype(np.uint16) * np.uint16(_WHOLE - own)
    picture[:] = (total + np.uint16(_WHOLE // 2 - 1)) >> 8
    return own / _WHOLE


def _cutmix(
    picture: NDArray[np.uint8], other: NDArray[np.uint8], share: float, random: np.random.Generator
) -> float:
    """A rectangle of the other picture where it lies there, in place (Yun et al., ICCV 2019, equation 2).

    Returns:
        The share that is left of the picture: the rectangle may reach over the border.
    """
    height, width = picture.shape[:2]
    side = np.sqrt(1 - share)
    middle = random.random(2)
    rows = _interval(middle[0], int(side * height), height)
    columns = _interval(middle[1], int(side * width), width)
    picture[rows, columns] = other[rows, columns]
    covered = (rows.stop - rows.start) * (columns.stop - columns.start)
    return float(1 - covered / (height * width))


def _interval(middle: float, side: int, length: int) -> slice:
    """The pixels that a side covers around a middle (a share of `length`), clipped to the picture."""
    start = round(middle * length - side / 2)
    return slice(max(start, 0), min(start + side, length))
