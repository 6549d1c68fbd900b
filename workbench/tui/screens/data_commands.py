"""The commands of the Data screen, and the words of its help page."""

from workbench.tui.commands import Command

_SEE, _CHARTS, _PICTURE = "See", "Charts", "Picture"

HELP = """\
What the network will learn from. The figures say whether a majority guess would already look good: a head
with 95 % of one class needs more faces of the rare ones, or weights in training. Blur and augmentation are
shown on real pictures; no file is changed.
"""

DATA_COMMANDS = (
    Command(
        "distribution",
        ("d",),
        "Distributions",
        "Charts and figures of all heads.",
        _SEE,
        "distributions",
        "view('distribution')",
    ),
    Command(
        "blur", ("b",), "Blur", "One picture before and after a Gaussian blur.", _SEE, "blur", "view('blur')"
    ),
    Command(
        "gallery",
        ("g",),
        "Augmentations",
        "One picture as training would see it.",
        _SEE,
        "augmentations",
        "view('gallery')",
    ),
    Command("up", ("up",), "Scroll up", "Three lines.", _CHARTS, action="scroll(-3)"),
    Command("down", ("down",), "Scroll down", "Three lines.", _CHARTS, "scroll", "scroll(3)", "↑↓"),
    Command("page_up", ("pageup",), "Page up", "Twenty lines.", _CHARTS, action="scroll(-20)"),
    Command("page_down", ("pagedown",), "Page down", "Twenty lines.", _CHARTS, action="scroll(20)"),
    Command(
        "previous_picture", ("left",), "Previous picture", "Show another.", _PICTURE, action="picture(-1)"
    ),
    Command(
        "next_picture", ("right",), "Next picture", "Show another.", _PICTURE, "picture", "picture(1)", "←→"
    ),
    Command("weaker", ("minus",), "Less blur", "Make sigma smaller.", _PICTURE, action="sigma(-1)"),
    Command(
        "stronger",
        ("plus", "equals_sign"),
        "More blur",
        "Make sigma greater.",
        _PICTURE,
        "sigma",
        "sigma(1)",
        "+ -",
    ),
    Command("draw", ("space", "r"), "Draw anew", "Draw other augmentations.", _PICTURE, "draw anew"),
    Command("preset", ("p",), "Another preset", "Augment as another preset does.", _PICTURE, "preset"),
)
