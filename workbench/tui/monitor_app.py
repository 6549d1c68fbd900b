"""The monitor alone: the runs of a bench, one run's folder, or the file of another training.

Light, because people open it over slow lines and often: no labels, no pictures, and what reads settings and
curves is loaded after the first frame is painted.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.tui.commands import bindings_of
from workbench.tui.keymap import NO_CHOICES, KeyMap
from workbench.tui.picture.choice import AUTO, known_colours, look_around
from workbench.tui.screens.monitor import LEAST
from workbench.tui.shell import PALETTE, Shell, Tab, everywhere, modes_of, run_shell
from workbench.tui.terminal import check_terminal

if TYPE_CHECKING:
    from workbench.bench import Bench
    from workbench.monitoring.source import Source
    from workbench.training.run import RunFolder

_SCREENS = "workbench.tui.screens"
TABS = (
    Tab("monitor", "f4", "Monitor", f"{_SCREENS}.monitor", "MonitorScreen", "Watch a run, and steer it."),
    Tab("runs", "f6", "Runs", f"{_SCREENS}.runs", "RunsScreen", "See all runs of this bench."),
)
MONITOR_COMMANDS = everywhere(TABS, "Leave the monitor; the run is not touched.")


class MonitorApp(Shell):
    """Watches runs.

    Args:
        runs_dir: The runs of a bench; None for a single source.
        watched_run: The name of the run to show first; "" for the newest that trains, else the newest.
        source: What to watch first, if it is no run of `runs_dir`.
        compared: Runs to show side by side first.
        keymap: The keys that the person chose.
        titled: Whether the terminal's title may say how the run goes.
    """

    TABS = TABS
    WATCHING = "monitor"
    EVERYWHERE = MONITOR_COMMANDS
    LEAST = LEAST
    MODES = modes_of(TABS)
    BINDINGS = bindings_of(command for command in MONITOR_COMMANDS if command is not PALETTE)

    def __init__(
        self,
        runs_dir: Path | None,
        watched_run: str = "",
        source: "Source | None" = None,
        *,
        compared: "Sequence[RunFolder]" = (),
        keymap: KeyMap = NO_CHOICES,
        titled: bool = False,
    ) -> None:
        super().__init__("monitor", keymap=keymap, titled=titled)
        self.runs_dir, self.watched_run, self.source = runs_dir, watched_run, source
        self.compared = tuple(compared)
        self._bench: Bench | None = None

    @property
    def bench(self) -> "Bench":
        """The bench, opened when a screen needs more of it than its runs."""
        from workbench.bench import Bench

        if self._bench is None:
            assert self.runs_dir is not None  # without a bench there is no such screen
            self._bench = Bench.open(self.runs_dir.parent)
        return self._bench

    @property
    def tabs(self) -> tuple[tuple[str, str, str], ...]:
        """One alone where there is no bench."""
        return super().tabs if self.runs_dir is not None else super().tabs[:1]

    @property
    def status_line(self) -> str:
        """The bench's name."""
        return self.runs_dir.parent.name if self.runs_dir is not None else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No tab of runs where there is no bench."""
        if action == "show" and self.runs_dir is None:
            return parameters == ("monitor",)
        return super().check_action(action, parameters)


def run_monitor(
    runs_dir: Path | None,
    watched_run: str = "",
    source: "Source | None" = None,
    compared: "Sequence[RunFolder]" = (),
) -> int:
    """Watch until the person quits.

    Args:
        runs_dir: See `MonitorApp`.
        watched_run: See `MonitorApp`.
        source: See `MonitorApp`.
        compared: See `MonitorApp`.

    Returns:
        The exit status.

    Raises:
        InputError: There is no terminal to draw on, or what the bench says about keys or screen is wrong.
    """
    check_terminal()
    colours, titled, keymap = AUTO, True, NO_CHOICES
    bench = runs_dir.parent if runs_dir is not None else None
    if bench is not None and says_of_screens(bench):
        from workbench.bench import Bench
        from workbench.tui.keymap import load_key_map

        opened = Bench.open(bench)
        screen, keymap = opened.settings().screen, load_key_map(opened)
        colours, titled = screen.colours, screen.title
    app = MonitorApp(runs_dir, watched_run, source, compared=compared, keymap=keymap, titled=titled)
    return run_shell(app, known_colours(look_around()) if colours == AUTO else colours)


def says_of_screens(bench: Path) -> bool:
    """Whether a person has chosen keys, or how screens look: only then its settings are read beforehand."""
    from workbench.keys import user_keys_file

    try:
        table: Mapping[str, Any] = tomllib.loads((bench / "bench.toml").read_text("utf-8-sig"))
        settings = table.get("settings")
        chosen = isinstance(settings, Mapping) and bool({"keys", "screen"} & settings.keys())
        return chosen or user_keys_file().exists()
    except (OSError, ValueError):
        return True  # whoever opens it says what is wrong with it
