"""The lines over the heads: what there is no room for is cut, but never the end of the name."""

import pytest
from rich.cells import cell_len

from tests.tui.test_frame import Stage
from workbench.tui.widgets.picture_line import TALL, PictureLine, PictureWords

ALL = PictureWords(
    "folder/0007.jpg",
    "12 of 340   200×200   3 of 5 answered",
    "glasses: sunglasses, by chance 7",
    plain=False,
    passing="glasses only",
    flagged=True,
    note="half in the dark, see the one before",
)


async def lines(words: PictureWords, caption: str, width: int, height: int) -> list[str]:
    """What stands in a place of this size."""
    line = PictureLine()
    line.styles.height = height
    async with Stage(line).run_test(size=(width, 12)) as pilot:
        line.show(words)
        line.caption(caption)
        await pilot.pause()
        return line.text().splitlines()


async def test_where_there_is_room_everything_has_its_line() -> None:
    found = await lines(ALL, "eyes", 80, TALL)
    assert [one.strip() for one in found] == [
        "folder/0007.jpg",
        "12 of 340   200×200   3 of 5 answered",
        "glasses: sunglasses, by chance 7 · glasses only",
        "⚑ flagged · eyes · “half in the dark, see the one before”",
    ]


async def test_a_short_place_joins_them_what_changes_the_next_key_first() -> None:
    found = await lines(ALL, "eyes", 60, 3)
    assert found[2].startswith("   ⚑ flagged · eyes · glasses only · glasses: sunglasses")
    assert len(found) == 3


async def test_the_queue_of_all_is_named_only_where_there_is_room() -> None:
    words = PictureWords("a.jpg", "1 of 2   8×8   new", "all, by name")
    found = await lines(words, "", 60, TALL)
    assert [one.strip() for one in found] == ["a.jpg", "1 of 2   8×8   new", "all, by name", ""]
    found = await lines(words, "", 60, 3)
    assert [one.strip() for one in found] == ["a.jpg", "1 of 2   8×8   new", ""]


@pytest.mark.parametrize("width", [24, 40, 47, 62])
@pytest.mark.parametrize("height", [3, TALL])
async def test_no_line_is_wider_than_the_place(width: int, height: int) -> None:
    wide = PictureWords(
        "日本" * 30, "1 of 2", "名前" * 20, False, "眼鏡 only", flagged=True, note="暗い" * 40
    )
    for words in (ALL, wide):
        found = await lines(words, "skin, lighter", width, height)
        assert max(map(cell_len, found)) <= width
        assert found[0].endswith(words.name[-5:])
        assert "⚑ flagged" in "\n".join(found)
