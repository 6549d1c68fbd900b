"""Text that came from outside, made harmless to show.

File names, CSV cells, class names and messages of other programs may hold escape sequences, newlines or marks
that turn the direction of writing. They are stored exactly and shown through `neutralise`.
"""

import unicodedata

# Directional marks and isolates are category Cf like the soft hyphen and the joiners of emoji; all of Cf is
# made visible but for the zero width joiner, without which families and flags fall apart.
_JOINER = "\u200d"
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def neutralise(value: object, limit: int = 0) -> str:
    """Show `value` on one line, with nothing in it that a terminal would obey.

    Args:
        value: Anything; `str()` is taken of it.
        limit: If positive, the most characters to return; a longer text ends in "…".

    Returns:
        Text in which control characters, format characters, line separators, private and unassigned code
        points and lone surrogates stand as escapes such as `\\e`, `\\n` or `\\u202e`.
    """
    text = str(value)
    if not (text.isascii() and text.isprintable()):
        text = "".join(_visible(character) for character in text)
    if limit > 0 and len(text) > limit:
        text = text[: limit - 1] + "…"
    return text


def _visible(character: str) -> str:
    """One character, or the escape that stands for it."""
    if character in _NAMES:
        return _NAMES[character]
    if character == _JOINER or unicodedata.category(character)[0] not in "CZ" or character == " ":
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, as os.fsdecode keeps it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
