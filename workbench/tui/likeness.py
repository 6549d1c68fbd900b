"""The order of likeness, worked out beside the labelling, in a thread that gives way to it."""

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from workbench.images.likeness import HashShelf, chain, hash_pictures

_GIVE_WAY = 10
_TELL_EVERY = 50


class LikenessOrder:
    """Works it out once at a time; what is hashed stays in the cache.

    Args:
        cache: The bench's cache folder.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._thread = ThreadPoolExecutor(
            1, thread_name_prefix="likeness", initializer=lambda: _be_nice(_GIVE_WAY)
        )
        self._stop = threading.Event()

    async def walk(
        self, wanted: Sequence[tuple[str, Path]], told: Callable[[int, int], object]
    ) -> dict[str, int] | None:
        """The place of each fingerprint in a walk from like to like.

        Args:
            wanted: Fingerprint and path of every picture.
            told: Called in the thread with the pictures looked at, and all of them.

        Returns:
            None if `close` came before the end.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._walk, wanted, told)

    def _walk(
        self, wanted: Sequence[tuple[str, Path]], told: Callable[[int, int], object]
    ) -> dict[str, int] | None:
        """In the thread."""
        shelf = HashShelf(self._cache)

        def tell(done: int) -> None:
            if done % _TELL_EVERY == 0 or done == len(wanted):
                told(done, len(wanted))

        if not hash_pictures(wanted, shelf, tell, self._stop.is_set):
            return None
        order = chain([shelf.get(fingerprint) for fingerprint, _ in wanted], self._stop.is_set)
        return None if order is None else {wanted[place][0]: at for at, place in enumerate(order)}

    def close(self) -> None:
        """Stop soon."""
        self._stop.set()
        self._thread.shutdown(wait=False, cancel_futures=True)


def _be_nice(by: int) -> None:
    """Let this thread alone give way to others; only Linux can."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), by)
