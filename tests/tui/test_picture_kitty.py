"""Kitty's pictures: what the terminal is sent, and the cells that stand for them."""

import base64
import io
import re
import unicodedata

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from tests.tui.painted import ansi
from workbench.tui.picture import kitty, sixel
from workbench.tui.picture.choice import Look
from workbench.tui.picture.diacritics import DIACRITICS
from workbench.tui.picture.drawing import draw

NIGHT = (7, 8, 9)
_SEQUENCE = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")


def noisy(size: int = 512) -> np.ndarray:
    """A picture that is hard to pack."""
    return np.random.default_rng(2).integers(0, 256, (size, size, 3), dtype=np.uint8)


def keys_of(controls: str) -> dict[str, str]:
    """The keys of one sequence."""
    return dict(entry.split("=") for entry in controls.split(","))


def test_the_table_of_marks_is_the_protocols() -> None:
    assert len(DIACRITICS) == len(set(DIACRITICS)) == 297
    assert [f"{ord(mark):04X}" for mark in (*DIACRITICS[:5], DIACRITICS[-1])] == [
        *("0305", "030D", "030E", "0310", "0312"),
        "1D244",
    ]
    assert list(DIACRITICS) == sorted(DIACRITICS)
    for mark in DIACRITICS:
        assert unicodedata.combining(mark) == 230
        assert unicodedata.category(mark) == "Mn"
        assert not unicodedata.decomposition(mark)


def test_a_picture_is_sent_in_pieces_that_put_together_are_the_picture() -> None:
    png = kitty.encode(noisy(160), (400, 400))
    sent = _SEQUENCE.findall(kitty.transmission(0x123456, png, 40, 20))
    *pieces, placement = sent
    assert base64.b64decode("".join(data for _, data in pieces)) == png
    assert all(len(data) <= 4096 and len(data) % 4 == 0 for _, data in pieces)
    assert [keys_of(controls)["m"] for controls, _ in pieces] == ["1"] * (len(pieces) - 1) + ["0"]
    assert keys_of(pieces[0][0]) == {"a": "t", "f": "100", "t": "d", "i": "1193046", "q": "2", "m": "1"}
    shown = {"a": "p", "U": "1", "i": "1193046", "c": "40", "r": "20", "q": "2"}
    assert keys_of(placement[0]) == shown


def test_no_sequence_asks_for_an_answer() -> None:
    text = kitty.transmission(5, kitty.encode(noisy(64), (64, 64)), 4, 2) + kitty.deletion(5)
    for controls, _ in _SEQUENCE.findall(text):
        assert keys_of(controls)["q"] == "2"
        assert keys_of(controls).get("a") != "q"


def test_in_tmux_each_sequence_is_wrapped_by_itself() -> None:
    png = kitty.encode(noisy(160), (400, 400))
    plain, wrapped = (kitty.transmission(7, png, 40, 20, in_tmux=inside) for inside in (False, True))
    unwrapped = re.sub(
        r"\x1bPtmux;(.*?[^\x1b])\x1b\\(?!\\)",
        lambda found: found[1].replace("\x1b\x1b", "\x1b"),
        wrapped,
        flags=re.DOTALL,
    )
    assert wrapped.count("\x1bPtmux;") == len(_SEQUENCE.findall(plain))
    assert unwrapped == plain


@pytest.mark.parametrize("image", [noisy(512), np.zeros((300, 200, 3), np.uint8)])
def test_a_picture_is_small_enough_for_a_slow_line_and_no_larger_than_its_place(image: np.ndarray) -> None:
    png = kitty.encode(image, (640, 640))
    assert len(png) <= 24_000
    opened = Image.open(io.BytesIO(png))
    assert opened.format == "PNG"
    assert opened.width <= image.shape[1]
    assert opened.width / opened.height == pytest.approx(image.shape[1] / image.shape[0], rel=0.03)
    assert max(Image.open(io.BytesIO(kitty.encode(image, (40, 60)))).size) <= 60


def test_placeholders_name_picture_row_and_column() -> None:
    lines = kitty.placeholders(0xABCDEF, (4, 2), 8, 4, NIGHT)
    assert [line.cell_length for line in lines] == [8] * 4
    first = lines[1]
    assert "38;2;171;205;239" in ansi([first])
    assert "48;2;7;8;9" in ansi([first])
    cells = first.text.strip(" ")
    assert cells == "".join(f"{kitty.PLACEHOLDER}{DIACRITICS[0]}{DIACRITICS[n]}" for n in range(4))
    assert DIACRITICS[1] in lines[2].text
    assert lines[0].text == lines[3].text == " " * 8


def test_a_dialog_over_the_picture_leaves_cells_that_know_their_place() -> None:
    line = kitty.placeholders(9, (6, 1), 6, 1, NIGHT)[0]
    left, _, right = line.divide([2, 4, 6])
    console = Console(color_system="truecolor", force_terminal=True)
    assert f"{kitty.PLACEHOLDER}{DIACRITICS[0]}{DIACRITICS[4]}" in right.render(console)
    assert left.cell_length == right.cell_length == 2


def test_whole_frames_are_short() -> None:
    drawing = draw(noisy(512), (64, 32), NIGHT, Look("kitty"), number=77)
    assert drawing.number == 77
    assert len(drawing.transmission.encode()) + len(ansi(drawing.lines).encode()) <= 45_000


def test_a_place_with_more_cells_than_marks_is_drawn_with_blocks() -> None:
    drawing = draw(noisy(64), (700, 310), NIGHT, Look("kitty"))
    assert drawing.number == 0
    assert not drawing.transmission


def test_sixel_draws_over_blanks_and_returns() -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    image[:20] = (255, 0, 0)
    drawing = draw(image, (10, 6), NIGHT, Look("sixel"))
    assert [line.cell_length for line in drawing.lines] == [10] * 6
    assert all(line.text == " " * 10 for line in drawing.lines)
    last = ansi([drawing.lines[-1]])
    assert "\x1b7" in last
    assert last.endswith("\x1b\\\x1b8")
    assert all("\x1bP" not in ansi([line]) for line in drawing.lines[:-1])


def test_sixel_bands_put_together_are_the_picture() -> None:
    image = np.zeros((12, 9, 3), np.uint8)
    image[:, 3:] = (255, 255, 255)
    image[5:, :2] = (255, 0, 0)
    sequence = sixel.encode(image, (9, 12))
    assert sequence.startswith('\x1bPq"1;1;9;12')
    assert np.abs(_unpacked(sequence, (9, 12)) - image).max() < 40


def _unpacked(sequence: str, size: tuple[int, int]) -> np.ndarray:
    """As a terminal would show it."""
    width, height = size
    pixels = np.full((height, width, 3), -1)
    palette: dict[str, list[int]] = {}
    colour, x, top = "", 0, 0
    body = sequence.removesuffix("\x1b\\")[len(f'\x1bPq"1;1;{width};{height}') :]
    for part in re.findall(r"#\d+;2;\d+;\d+;\d+|#\d+|!\d+.|\$|-|[?-~]", body):
        if part.startswith("#") and ";" in part:
            name, _, *levels = part[1:].split(";")
            palette[name] = [int(level) * 255 // 100 for level in levels]
        elif part.startswith("#"):
            colour = part[1:]
        elif part == "$":
            x = 0
        elif part == "-":
            x, top = 0, top + 6
        else:
            count, sign = (int(part[1:-1]), part[-1]) if part.startswith("!") else (1, part)
            for bit in range(6):
                if ord(sign) - 63 >> bit & 1 and top + bit < height:
                    pixels[top + bit, x : x + count] = palette[colour]
            x += count
    assert pixels.min() >= 0
    return pixels
