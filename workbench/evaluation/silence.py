"""Keeping what native libraries print out of a report."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_silence() -> Iterator[None]:
    """TensorFlow's libraries greet on stderr whatever their log level is, and would do so amid a report."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a name, not a path
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()  # what Python's own warnings said meanwhile
        os.dup2(kept, 2)
        os.close(kept)
