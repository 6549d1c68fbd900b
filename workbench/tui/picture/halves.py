"""Half blocks: the few glyphs that even the Linux console and old code pages have."""

from workbench.tui.picture.blocks import BlockRenderer, grid_mask

OPPOSITES = {" ": "█", "█": " ", "▀": "▄", "▄": "▀", "▌": "▐", "▐": "▌"}
_SHAPE = (2, 2)


def halves() -> BlockRenderer:
    """Two parts a cell, one over or beside the other."""
    masks = {glyph: grid_mask(covered, _SHAPE, _SHAPE) for glyph, covered in ((" ", 0), ("▀", 3), ("▌", 5))}
    return BlockRenderer("halves", masks, OPPOSITES)
