"""Batches made ahead in a thread."""

import threading
from typing import Any, cast

import numpy as np
import pytest

from workbench.dataset.batches import Batches
from workbench.errors import PictureError
from workbench.training.feed import Feed


class Counted:
    """Batches that say which one they are, and break at one of them."""

    def __init__(self, count: int, breaks_at: int = -1) -> None:
        self.count, self.breaks_at, self.made = count, breaks_at, 0

    def __len__(self) -> int:
        return self.count

    def batch(self, epoch: int, index: int) -> Any:
        if index == self.breaks_at:
            raise PictureError("gone", where="face.jpg")
        self.made += 1
        return np.full((1, 1, 1, 3), epoch * 100 + index, dtype=np.uint8), {}


def feed(batches: Counted, first: int = 0) -> Feed:
    return Feed(cast(Batches, batches), 1, first)


def test_every_batch_comes_once_and_in_order() -> None:
    with feed(Counted(20)) as made:
        found = [(index, int(images[0, 0, 0, 0])) for index, (images, _) in made]
    assert found == [(index, 100 + index) for index in range(20)]


def test_it_begins_in_the_middle_of_an_epoch() -> None:
    with feed(Counted(5), first=3) as made:
        assert [index for index, _ in made] == [3, 4]


def test_what_went_wrong_is_raised_where_the_batch_is_awaited() -> None:
    with feed(Counted(5, breaks_at=2)) as made:
        numbers = iter(made)
        assert [next(numbers)[0], next(numbers)[0]] == [0, 1]
        with pytest.raises(PictureError, match="gone"):
            next(numbers)


def test_leaving_early_ends_the_thread_and_makes_no_more_than_a_few_ahead() -> None:
    batches = Counted(10_000)
    with feed(batches) as made:
        for index, _ in made:
            if index == 4:
                break
    assert batches.made < 15
    assert not any(thread.name == "batches" for thread in threading.enumerate())
