"""The Label screen's part about the picture: drawn in time, zoomed, lit, in one way or another."""

import asyncio
from collections.abc import Callable

from textual import on

from workbench.errors import WorkbenchError
from workbench.tui.commands import Command
from workbench.tui.desk import DeskView, LabelDesk
from workbench.tui.picture.choice import next_way
from workbench.tui.picture.memory import remember
from workbench.tui.picture.view import PLAIN, View
from workbench.tui.pictures import PictureKey, PictureLoader
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.picture_line import PictureLine
from workbench.tui.widgets.picture_view import PictureView

_PICTURE = "Picture"
_PANS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def _view_command(key: str, change: str, title: str, explained: str) -> Command:
    """A key that changes what is seen of a picture."""
    return Command(f"view_{change}", (key,), title, explained, _PICTURE, action=f"view('{change}')")


PICTURE_COMMANDS = (
    Command(
        "zoom",
        ("z",),
        "Zoom to a part",
        "Go round: the part that suits the active head, face, eyes, hair, skin, the whole picture.",
        _PICTURE,
        "zoom",
    ),
    _view_command("plus", "nearer", "Zoom in", "See a smaller part, larger."),
    _view_command("minus", "farther", "Zoom out", "See more of the picture."),
    *(
        Command(
            f"pan_{direction}",
            (f"shift+{direction}",),
            f"Move {direction}",
            "Move the part that is seen.",
            _PICTURE,
            action=f"pan('{direction}')",
        )
        for direction in _PANS
    ),
    _view_command("right_parenthesis", "lighter", "Lighter", "More light, on the screen only."),
    _view_command("left_parenthesis", "darker", "Darker", "Less light, on the screen only."),
    _view_command("right_curly_bracket", "harder", "More contrast", "On the screen only."),
    _view_command("left_curly_bracket", "softer", "Less contrast", "On the screen only."),
    _view_command("Z", "plain", "Whole picture as it is", "No zoom, no change of light or contrast."),
    Command(
        "next_way",
        ("v",),
        "Draw pictures another way",
        "Quadrants, sextants, halves, ASCII or graphics; kept for this kind of terminal.",
        _PICTURE,
    ),
)
_CHANGES: dict[str, Callable[[View], View]] = {
    "nearer": lambda view: view.zoomed(1),
    "farther": lambda view: view.zoomed(-1),
    "lighter": lambda view: view.changed(brightness=1),
    "darker": lambda view: view.changed(brightness=-1),
    "harder": lambda view: view.changed(contrast=1),
    "softer": lambda view: view.changed(contrast=-1),
    "plain": lambda _: PLAIN,
}


class PictureKeys(WorkbenchScreen):
    """What the Label screen inherits."""

    def __init__(self) -> None:
        super().__init__()
        self.loader = PictureLoader(self._send)
        self.picture_view = PLAIN
        self._to_draw: tuple[PictureKey, tuple[PictureKey, ...]] | None = None
        self._draw_now = asyncio.Event()
        self._said: tuple[str, str] = ("", "")

    @property
    def desk(self) -> LabelDesk:
        """The bench's labels."""
        return self.workbench.desk

    def _send(self, sequences: str) -> None:
        """Give the terminal what the next frame needs; it comes before that frame in the same queue."""
        if (driver := self.app._driver) is not None:
            driver.write(sequences)

    def show_face(self, view: DeskView) -> None:
        """The picture at once if it is drawn already; else an empty place until it is."""
        face = self.query_one(PictureView)
        if view.picture is None or view.path is None or min(face.box) < 1:
            return
        key, *ahead = (
            PictureKey(
                picture.fingerprint, path, face.box, face.backdrop, self.picture_view, self.workbench.look
            )
            for picture, path in ((view.picture, view.path), *view.ahead)
        )
        if (drawn := self.loader.ready(key)) is not None:
            face.show(drawn.lines, drawn.problem, key.fingerprint)
        elif face.shown != key.fingerprint:
            face.say("")
        self._show_caption(key.fingerprint)
        self._to_draw = (key, tuple(ahead))
        self._draw_now.set()

    def _show_caption(self, fingerprint: str) -> None:
        """How the picture differs from the whole of it, and what was said about it."""
        of, words = self._said
        said = words if of == fingerprint else ""
        self.query_one(PictureLine).caption(" · ".join(filter(None, (self.picture_view.words, said))))

    async def keep_drawing(self) -> None:
        """Have the present picture drawn; a late one, whose picture is not labelled any more, is dropped."""
        while True:
            await self._draw_now.wait()
            self._draw_now.clear()
            if self._to_draw is None:
                continue
            drawn = await self.loader.draw(*self._to_draw)
            if drawn is not None and self._to_draw[0] == drawn.key:
                face = self.query_one(PictureView)
                if face.box == drawn.key.box:
                    face.show(drawn.lines, drawn.problem, drawn.key.fingerprint)

    @on(PictureView.BoxChanged)
    def _draw_again(self) -> None:
        """The place has another size."""
        if self.desk.view is not None:
            self.show_face(self.desk.view)

    def _look_at(self, picture_view: View) -> None:
        """See the picture otherwise; its labels and the active head stay."""
        if picture_view != self.picture_view and self.desk.view is not None:
            self.picture_view = picture_view
            self.show_face(self.desk.view)

    def action_zoom(self) -> None:
        """The next part."""
        view = self.desk.view
        self._look_at(self.picture_view.next_preset(view.head.zoom if view else ""))

    def action_pan(self, direction: str) -> None:
        """Move the part that is seen."""
        self._look_at(self.picture_view.panned(*_PANS[direction]))

    def action_view(self, change: str) -> None:
        """A change that is known by name."""
        self._look_at(_CHANGES[change](self.picture_view))

    def action_next_way(self) -> None:
        """Draw in the next way that this terminal may show, and keep that."""
        workbench, view = self.workbench, self.desk.view
        workbench.look = next_way(workbench.look, workbench.terminal)
        if view is not None and view.picture is not None:
            self._said = (view.picture.fingerprint, workbench.look.title)
            self.show_face(view)
        self.run_worker(self._remember(), name="way", exit_on_error=True)

    async def _remember(self) -> None:
        """Keep the choice; where that fails, say so, as it will be made anew next time."""
        term, way = self.workbench.terminal.term, self.workbench.look.way
        try:
            await asyncio.to_thread(remember, term, way)
            words = f"{way}, kept for {term}"
        except WorkbenchError as error:
            words = f"{way}, not kept: {error.what}"
        view = self.desk.view
        if view is not None and view.picture is not None and way == self.workbench.look.way:
            self._said = (view.picture.fingerprint, words)
            self._show_caption(view.picture.fingerprint)

    def on_unmount(self) -> None:
        """Draw nothing more."""
        self.loader.close()
