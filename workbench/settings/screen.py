"""`[suggestions]` and `[screen]`: what is shown; no run depends on it."""

from typing import Literal

from pydantic import Field

from workbench.settings.section import Section


class SuggestionSettings(Section):
    """What the Label screen shows of a network's suggestions; no run depends on it."""

    hidden_share: float = Field(
        0.1, ge=0, le=1, description="share of the pictures, by chance, whose suggestions are not shown"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="another seed hides those of other pictures")


class ScreenSettings(Section):
    """How pictures are drawn on the screen, and its title; no run depends on it."""

    picture: Literal["auto", "quadrants", "sextants", "halves", "ascii", "kitty", "sixel"] = Field(
        "auto", description="how pictures are drawn; auto: what this terminal is known to show"
    )
    colours: Literal["auto", "true", "256", "16", "none"] = Field(
        "auto", description="the colours that the terminal has"
    )
    title: bool = Field(True, description="whether the terminal's title says how a watched run goes")
