"""The drawing of pictures with characters, under the name it had; see `workbench.tui.picture`."""

from workbench.tui.picture.cells import CellPicture, Pixels, Renderer, fit, mosaic
from workbench.tui.picture.quadrants import quadrants as QuadrantRenderer
from workbench.tui.picture.strips import strips

__all__ = ["CellPicture", "Pixels", "QuadrantRenderer", "Renderer", "fit", "mosaic", "strips"]
