"""The workbench's own two themes: Textual's, with colours that leave every text readable.

Textual's accents on its light background, and its primary colour behind the present tab, fall below the
contrast of 4.5 to 1 that WCAG 2.2 (AA) asks for; `tests/tui/test_contrast.py` measures ours.
"""

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="workbench-dark",
    primary="#0064B4",
    secondary="#2A9DF4",
    accent="#FFA62B",
    warning="#FFA62B",
    error="#E0607F",
    success="#4EBF71",
    foreground=BUILTIN_THEMES["textual-dark"].foreground,
    dark=True,
)
LIGHT = Theme(
    name="workbench-light",
    primary="#004578",
    secondary="#0062B0",
    accent="#8A4A00",
    warning="#8A4A00",
    error="#A3284A",
    success="#136B33",
    surface="#EDEDED",
    panel="#D8D8D8",
    background="#F2F2F2",
    dark=False,
    variables={"footer-key-foreground": "#004578"},
)
