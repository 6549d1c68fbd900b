"""One drawn face, put together from the back to the front."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.images.sample.canvas import Canvas
from workbench.images.sample.classes import HEADS
from workbench.images.sample.creatures import draw_creature
from workbench.images.sample.features import (
    draw_body,
    draw_brows,
    draw_eyes,
    draw_freckles,
    draw_head,
    draw_mole,
    draw_mouth,
    draw_nose,
    draw_wrinkles,
)
from workbench.images.sample.hair import draw_back_hair, draw_beard, draw_cut, draw_front_hair, draw_shine
from workbench.images.sample.hats import draw_hat, draw_scarf
from workbench.images.sample.paint import brow_colour, draw_paint
from workbench.images.sample.scenery import draw_background, photograph
from workbench.images.sample.traits import Rng, Traits, draw_pose, draw_traits
from workbench.images.sample.wear import draw_glasses

SMALLEST, LARGEST = 160, 320
_HIDDEN = "not_visible"


@dataclass(frozen=True)
class SampleFace:
    """A drawn picture.

    Attributes:
        image: RGB, shape (height, width, 3).
        classes: From head to class name; empty where the picture shows no human face.
    """

    image: NDArray[np.uint8]
    classes: Mapping[str, str]

    @property
    def not_human(self) -> bool:
        """Whether it shows an animal, a thing or a pattern."""
        return not self.classes


def draw_face(rng: Rng, classes: Mapping[str, str], size: tuple[int, int] | None = None) -> SampleFace:
    """Draw a face.

    Args:
        rng: Source of all randomness: the same state draws the same picture.
        classes: The class of every head of `classes.HEADS`; or empty for what is no human face.
        size: Height and width in pixels; drawn at random between 160 and 320 if not given.

    Raises:
        ValueError: A head is missing, a class is unknown, or hair of no visible colour has a visible top.
    """
    _check(classes)
    height, width = size or _draw_size(rng)
    covered = classes.get("hair_top") == _HIDDEN
    coloured = classes.get("hair_colour") != _HIDDEN
    cropped = covered and coloured and rng.uniform() < 0.04
    canvas = Canvas(height, width, draw_pose(rng, height, width, cropped))
    draw_background(canvas, rng)
    if classes:
        _draw_person(canvas, classes, cropped, rng)
    else:
        draw_creature(canvas, rng)
    photograph(canvas, rng)
    return SampleFace(canvas.pixels, dict(classes))


def _draw_person(canvas: Canvas, classes: Mapping[str, str], cropped: bool, rng: Rng) -> None:
    """Everything between background and lens."""
    top = classes["hair_top"]
    cut = draw_cut(top, rng)
    colour = classes["hair_colour"]
    paint = None if colour == _HIDDEN else draw_paint(colour, rng)
    traits = draw_traits(rng, paint.first if paint is not None else None)
    if paint is not None:
        draw_back_hair(canvas, traits, cut, paint, rng)
    draw_body(canvas, traits, rng)
    draw_head(canvas, traits)
    if top == "bald":
        draw_shine(canvas, traits)
    _draw_features(canvas, traits, classes, rng)
    draw_brows(canvas, traits, brow_colour(paint), rng)
    if paint is not None:
        if traits.soft < 0.4 and rng.uniform() < 0.4:
            draw_beard(canvas, traits, paint, rng)
        draw_front_hair(canvas, traits, cut, paint, rng)
    if classes["glasses"] != "none":
        draw_glasses(canvas, traits, classes["glasses"], rng)
    if top == _HIDDEN and not cropped:
        (draw_scarf if paint is None and rng.uniform() < 0.5 else draw_hat)(canvas, traits, rng)


def _draw_features(canvas: Canvas, traits: Traits, classes: Mapping[str, str], rng: Rng) -> None:
    """The face itself, without its brows."""
    draw_nose(canvas, traits, rng)
    draw_mouth(canvas, traits, rng)
    if classes["wrinkles"] == "yes":
        draw_wrinkles(canvas, traits, rng)
    if classes["freckles"] == "yes":
        draw_freckles(canvas, traits, rng)
    elif rng.uniform() < 0.12:
        draw_mole(canvas, traits, rng)
    draw_eyes(canvas, traits, rng)


def _draw_size(rng: Rng) -> tuple[int, int]:
    """Height and width, not always square."""
    base = rng.integers(SMALLEST, LARGEST + 1)
    ratio = float(rng.choice((1.0, 1.0, 0.9, 0.8)))
    return int(base), max(SMALLEST, int(base * ratio))


def _check(classes: Mapping[str, str]) -> None:
    """Refuse what cannot be drawn."""
    if not classes:
        return
    for head, names in HEADS.items():
        if classes.get(head) not in names:
            raise ValueError(f"{head}: expected one of {', '.join(names)}; received {classes.get(head)!r}")
    if classes["hair_colour"] == _HIDDEN and classes["hair_top"] not in ("bald", _HIDDEN):
        raise ValueError("hair_colour not_visible needs hair_top bald or not_visible")
