"""A helper process that draws galleries of augmentations: `python -m workbench.images.gallery`.

imgaug brings half of SciPy along; the process that draws the screen must stay light, so it asks this one. One
JSON line a request on stdin, one JSON line an answer on stdout, the pixels in a .npy file:

    {"path", "size", "count", "seed", "augment": {…}, "blur_sigma", "out"}  ->  {"out"} or {"error"}
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.config import AugmentSettings
from workbench.errors import WorkbenchError
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess

MAX_PICTURES = 64


class GalleryProcess:
    """The helper, seen from the process that draws the screen. Calls block: make them in a thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the helper, if it does not run; it loads its libraries meanwhile.

        Raises:
            WorkbenchError: It cannot be started.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="workbench-gallery-")
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "workbench.images.gallery"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    bufsize=0,
                    start_new_session=True,  # ctrl+c is the screen's affair; the helper ends with its stdin
                )
        except OSError as error:
            raise WorkbenchError(f"the gallery's process cannot be started ({error})") from error

    def request(
        self,
        path: Path,
        *,
        size: int,
        count: int,
        seed: int,
        augment: AugmentSettings,
        blur_sigma: float = 0.0,
        timeout: float = 60.0,
    ) -> NDArray[np.uint8]:
        """Draw `count` augmentations of a picture.

        Args:
            path: The picture.
            size: The network's height and width in pixels; `count` is at most 64.
            seed: Another seed draws others.
            augment: Which operations.
            blur_sigma: As in the dataset's settings; `timeout` in seconds.

        Returns:
            RGB pictures, shape (count, size, size, 3).

        Raises:
            WorkbenchError: The picture cannot be read, or the helper died or did not answer.
        """
        with self._lock:
            self.start()
            assert self._folder is not None
            out = Path(self._folder.name) / "gallery.npy"
            question = {"path": str(path), "size": size, "count": count, "seed": seed}
            question |= {
                "augment": augment.model_dump(mode="json"),
                "blur_sigma": blur_sigma,
                "out": str(out),
            }
            answer = self._ask(question, timeout)
            if "error" in answer:
                raise WorkbenchError(str(answer["error"]))
            return np.asarray(np.load(out), dtype=np.uint8)

    def close(self) -> None:
        """End the helper and remove its files; without effect where there is none."""
        self._stop()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    @property
    def _log(self) -> Path:
        """What the helper writes on stderr; never the screen."""
        assert self._folder is not None
        return Path(self._folder.name) / "log"

    def _ask(self, question: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """One line there, one line back."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            if not select.select([process.stdout], [], [], timeout)[0]:
                self._stop()
                raise WorkbenchError(
                    f"the gallery did not answer within {timeout:g} seconds", cure="try again"
                )
            line = process.stdout.readline()
            answer = json.loads(line) if line else None
        except (OSError, ValueError) as error:
            raise WorkbenchError(f"the gallery's process ended: {self._last_words()}") from error
        if not isinstance(answer, dict):
            raise WorkbenchError(f"the gallery's process ended: {self._last_words()}")
        return answer

    def _stop(self) -> None:
        """End the helper, if there is one; the next request starts another."""
        process, self._process = self._process, None
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
            process.kill()
            process.wait()

    def _last_words(self) -> str:
        """The last line of the helper's log."""
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "without a word"


def answer(question: Mapping[str, Any], augmenters: dict[str, Any]) -> dict[str, str]:
    """Draw one gallery into its file.

    Args:
        question: As in the module's docstring.
        augmenters: Kept between calls, so that a pipeline is not built anew for each.

    Returns:
        {"out": path} or {"error": one line}.
    """
    from workbench.images.augment import Augmenter

    try:
        image = decode(Path(question["path"]))
        size, count = int(question["size"]), max(1, min(MAX_PICTURES, int(question["count"])))
        small = preprocess(image, size, float(question.get("blur_sigma", 0.0)))
        key = json.dumps([question["augment"], question["seed"]], sort_keys=True)
        if key not in augmenters:
            augmenters.clear()
            augmenters[key] = Augmenter(AugmentSettings.model_validate(question["augment"]), question["seed"])
        drawn = augmenters[key](np.stack([small] * count), 0)
        with Path(question["out"]).open("wb") as file:
            np.save(file, drawn)
        return {"out": str(question["out"])}
    except WorkbenchError as error:
        return {"error": str(error)}
    except Exception as error:  # the helper must outlive any one picture
        return {"error": f"{type(error).__name__}: {error}"}


def serve() -> None:
    """Answer requests until stdin ends."""
    replies = os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # what native code prints must not come between the answers
    augmenters: dict[str, Any] = {}
    for line in sys.stdin.buffer:
        try:
            question = json.loads(line)
            reply = (
                answer(question, augmenters)
                if isinstance(question, dict)
                else {"error": "expected an object"}
            )
        except ValueError as error:
            reply = {"error": f"expected a JSON line: {error}"}
        replies.write(json.dumps(reply).encode() + b"\n")


if __name__ == "__main__":
    serve()
