"""Labels into a file: which format, where to, a question before a file is replaced, then one write."""

from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input, Label, Static

from workbench.annotation.formats import format_to_write
from workbench.annotation.transfer import export
from workbench.errors import WorkbenchError
from workbench.text import neutralise
from workbench.tui.commands import Command
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.file_dialog import FileDialog, PathSuggester, typed_path
from workbench.tui.widgets.wrapping import counted

_ROWS = "csv: one row a picture, sorted by name; an empty cell is not labelled"
_CODES = f"{_ROWS}, -1 is cannot tell, classes are their integer codes"
_NAMES = f"{_ROWS}, -1 is cannot tell, classes are their names"
FORMS = {
    "csv": ("labels.csv", _CODES),
    "jsonl": (
        "labels.jsonl",
        "JSON Lines: everything that is known, a line a picture; notes, and who answered what when",
    ),
    "label-studio": (
        "label-studio.json",
        "Label Studio: JSON with a task for each picture, to be imported there",
    ),
    "imagefolder": (
        "metadata.csv",
        "Hugging Face imagefolder: metadata.csv, .jsonl or .parquet. Pictures are not copied: "
        "the file belongs into their folder",
    ),
    "fiftyone": ("fiftyone", "FiftyOne: a folder with a file for each head. Pictures are not copied"),
}
"""For each format that is written: the name of its file, and what it holds."""
ESCAPE = Command("close", ("escape",), "Close", "Go back; nothing more is written.", "Here", "close")


class ExportScreen(FileDialog):
    """Writes all answers to a file."""

    heading = "Export labels"
    class_names = False
    KEY_COMMANDS: ClassVar[tuple[Command, ...]] = (
        Command("submit", ("enter",), "Export", "Write the file.", "Here", "export"),
        Command(
            "format",
            ("ctrl+f",),
            "Format",
            "Write another tool's format: JSON Lines, Label Studio, imagefolder, FiftyOne.",
            "Here",
            "format",
            priority=True,
        ),
        Command(
            "names",
            ("ctrl+t",),
            "Codes or names",
            "Write integer codes, or class names.",
            "Here",
            "codes or names",
        ),
        ESCAPE,
    )

    def __init__(self) -> None:
        super().__init__()
        self._form = ""  # what the file's name says

    @property
    def form(self) -> str:
        """The format that would be written now."""
        return self._form or format_to_write(typed_path(self.query_one("#path", Input).value)).name

    def compose_body(self) -> ComposeResult:
        """Path, format, what became of it."""
        yield Label("file")
        path = self._usual_path("csv")
        shown = path if neutralise(path) == path else ""
        yield Input(shown, id="path", suggester=PathSuggester(), compact=True)
        yield Static(_CODES, id="report")

    def _usual_path(self, form: str) -> str:
        """Where a format's file would lie if nobody said otherwise."""
        bench = self.workbench.bench
        return str((bench.images_root if form == "imagefolder" else bench.root) / FORMS[form][0])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Only our own CSV knows codes and names."""
        return action != "names" or self.form == "csv"

    def action_format(self) -> None:
        """The next format; a path that nobody typed follows."""
        field, names = self.query_one("#path", Input), list(FORMS)
        untouched = field.value in ("", *map(self._usual_path, names))
        self._form = names[(names.index(self.form) + 1) % len(names)]
        if untouched:
            field.value = self._usual_path(self._form)
            field.cursor_position = len(field.value)
        self._describe()

    @on(Input.Changed)
    def _describe(self) -> None:
        """Say what the file will hold."""
        form = self.form
        self.say(_NAMES if self.class_names and form == "csv" else FORMS[form][1])
        self.refresh_commands()

    def action_names(self) -> None:
        """The other way to write classes."""
        self.class_names = not self.class_names
        self._describe()

    @on(Input.Submitted)
    def action_submit(self) -> None:
        """Write."""
        if self.query_one("#path", Input).value.strip():
            self._export()

    @work(exclusive=True)
    async def _export(self) -> None:
        """Ask before a file is replaced, and write in the desk's thread."""
        path, desk = typed_path(self.query_one("#path", Input).value), self.workbench.desk
        exists = await desk.run(lambda: _is_file(path))
        if exists and not await self.app.push_screen_wait(
            ConfirmScreen("Replace the file", f"{path} exists. Replace it?")
        ):
            return
        options: dict[str, Any] = {
            "format": self.form,
            "class_names": self.class_names,
            "overwrite": exists,
            "images": desk.bench.images_root,
        }
        try:
            done = await desk.run(
                lambda: export(path, desk.bench.schema, desk.catalog.pictures(), desk.store, **options)
            )
        except WorkbenchError as error:
            self.say(str(error), refused=True)
            return
        words = f"exported {counted(done.rows, 'picture')} to {neutralise(done.path)}"
        if done.notes:
            self.say("\n\n".join([words, *map(neutralise, done.notes)]))
            self.set_focus(None)
        else:
            self.dismiss(words)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss("")


def _is_file(path: Path) -> bool:
    """Whether a file lies there; a folder is for `export` to refuse."""
    try:
        return path.is_file()
    except OSError:
        return False
