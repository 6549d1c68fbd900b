"""What the sequences of a picture's lines paint, cell by cell."""

from textual.strip import Strip

from workbench.tui.picture.strips import PictureStrip

Painted = list[tuple[str, str, str]]


def ansi(lines: list[Strip] | tuple[Strip, ...]) -> str:
    """The sequences of all lines."""
    return "\n".join(line.ansi if isinstance(line, PictureStrip) else line.text for line in lines)


def painted(sequences: str) -> Painted:
    """Each character with the codes of its colour and of the colour behind it."""
    found: Painted = []
    front = back = ""
    for part in sequences.split("\x1b[")[1:]:
        codes, _, text = part.partition("m")
        front, back = _colours(codes, front, back)
        found += [(character, front, back) for character in text]
    return found


def _colours(codes: str, front: str, back: str) -> tuple[str, str]:
    """The colours after a sequence."""
    numbers = codes.split(";")
    while numbers:
        length = {"38": {"2": 5, "5": 3}, "48": {"2": 5, "5": 3}}.get(numbers[0], {}).get(
            numbers[1] if len(numbers) > 1 else "", 1
        )
        code, numbers = ";".join(numbers[:length]), numbers[length:]
        if code == "0":
            front = back = ""
        elif code.startswith(("48", "4", "10")) and not code.startswith("38"):
            back = code
        else:
            front = code
    return front, back
