"""The Data screen: how the answers are spread, and what blur and augmentation do to a picture."""

from collections.abc import Mapping
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import ContentSwitcher

from workbench.dataset.distribution import Distribution, distribution
from workbench.errors import WorkbenchError
from workbench.tui.commands import Command
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.data_commands import DATA_COMMANDS, HELP
from workbench.tui.screens.data_text import distribution_lines
from workbench.tui.widgets.blur_pane import BlurPane
from workbench.tui.widgets.gallery_pane import GalleryPane
from workbench.tui.widgets.looks import look
from workbench.tui.widgets.text_block import TextBlock

_VIEWS = ("distribution", "blur", "gallery")
_BELONGS: Mapping[str, tuple[str, ...]] = {
    "scroll": ("distribution",),
    "sigma": ("blur",),
    "draw": ("gallery",),
    "preset": ("gallery",),
    "picture": ("blur", "gallery"),
}
"""The views in which an action does something; all where it is not named."""


class DistributionBlock(TextBlock):
    """The charts and figures."""

    COMPONENT_CLASSES = {"distribution--bar", "distribution--muted"}


class DataScreen(WorkbenchScreen):
    """Three views of the data; a key each."""

    MODE = "data"
    HELP = HELP
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = DATA_COMMANDS

    def __init__(self) -> None:
        super().__init__()
        self._found: Distribution | None = None
        self._picture: int | None = None

    def compose_body(self) -> ComposeResult:
        """One view at a time."""
        with ContentSwitcher(initial=_VIEWS[0], id="data-views"):
            with VerticalScroll(id="distribution", can_focus=False):
                yield DistributionBlock("counting …")
            yield BlurPane(self.workbench.bench, id="blur")
            yield GalleryPane(self.workbench.bench, id="gallery")

    @property
    def view(self) -> str:
        """Which of the three is shown."""
        return self.query_one("#data-views", ContentSwitcher).current or _VIEWS[0]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys of the views that are not shown do nothing."""
        if not self.is_mounted or not self.query("#data-views"):
            return True
        return self.view in _BELONGS.get(action, _VIEWS)

    def on_screen_resume(self) -> None:
        """Count anew: answers may have been given meanwhile."""
        super().on_screen_resume()
        self._count()

    @work(exclusive=True, group="count")
    async def _count(self) -> None:
        """Count in the desk's thread."""
        desk, schema = self.workbench.desk, self.workbench.bench.schema
        block = self.query_one(DistributionBlock)
        try:
            await desk.open()
            pictures, labels = await desk.labels()
            fingerprints = [picture.fingerprint for picture in pictures]
            found = await desk.run(lambda: distribution(schema, labels, fingerprints))
        except WorkbenchError as error:
            block.say(str(error))
            return
        self._found = found
        self.workbench.set_done(f"{found.complete}/{found.pictures} done")
        if not found.pictures:
            block.say("there are no pictures yet: F2 says where to put them")
            return
        block.show(
            lambda width: distribution_lines(
                found, schema, width, look(block, "distribution--bar"), look(block, "distribution--muted")
            )
        )

    def action_view(self, name: str) -> None:
        """Show another view."""
        self.query_one("#data-views", ContentSwitcher).current = name
        self.refresh_commands()
        self._show_picture()

    def action_scroll(self, lines: int) -> None:
        """Scroll the charts."""
        self.query_one("#distribution", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_picture(self, step: int) -> None:
        """Show the next or the last picture."""
        self._picture = (self._picture or 0) + step
        self._show_picture()

    @work(exclusive=True, group="picture")
    async def _show_picture(self) -> None:
        """Give the shown view its picture: at first the one that is labelled now."""
        if self.view == "distribution":
            return
        desk = self.workbench.desk
        view = await desk.open()
        pictures = await desk.run(desk.catalog.pictures)
        if not pictures:
            return
        if self._picture is None and view.picture is not None:
            names = [picture.name for picture in pictures]
            self._picture = names.index(view.picture.name) if view.picture.name in names else 0
        self._picture = (self._picture or 0) % len(pictures)
        picture = pictures[self._picture]
        for pane in (self.query_one(BlurPane), self.query_one(GalleryPane)):
            if pane.id == self.view:
                pane.show(picture, desk.catalog.path(picture))

    def action_sigma(self, step: int) -> None:
        """Another strength."""
        self.query_one(BlurPane).change_sigma(step)

    def action_draw(self) -> None:
        """Other augmentations."""
        self.query_one(GalleryPane).draw_anew()

    def action_preset(self) -> None:
        """Augment as another preset does."""
        self.query_one(GalleryPane).next_preset()
