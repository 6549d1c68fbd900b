"""Answering many files: order, batches, memory, interruption, with a stand-in for a network's arithmetic."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import write_pictures
from tests.unit.training.conftest import maker, phase, worker_on, write
from workbench.errors import Cancelled, RunRefused
from workbench.evaluation.answers import Answer
from workbench.evaluation.predict import Predictor, predict_files
from workbench.evaluation.silence import native_silence
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess


class Brightness:
    """Answers with the mean grey value of what it is shown, so that every answer can be told apart."""

    def __init__(self, size: int = 16, blur_sigma: float = 0.0) -> None:
        self.size, self.blur_sigma = size, blur_sigma
        self.batches: list[int] = []

    def answer(self, images: NDArray[np.uint8]) -> list[dict[str, Answer]]:
        """One head, whose chance is the brightness."""
        assert images.shape[1:] == (self.size, self.size, 3)
        self.batches.append(len(images))
        return [{"glasses": ("none", float(image.mean() / 255))} for image in images]


def predictor(network: Brightness) -> Predictor:
    """As the room takes it."""
    return cast(Predictor, network)


@pytest.fixture(scope="module")
def greys(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Nine pictures, each of another grey; the third and the last cannot be read."""
    folder = tmp_path_factory.mktemp("greys")
    paths = []
    for index in range(9):
        path = folder / f"{index}.png"
        Image.new("RGB", (20, 20), (index * 25,) * 3).save(path)
        paths.append(path)
    paths[2].write_bytes(b"")
    paths[8].write_bytes(b"no picture")
    return paths


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.integers(1, 12), workers=st.integers(1, 4), order=st.permutations(range(9)))
def test_each_file_gets_its_own_answer_whatever_the_batches(
    greys: list[Path], batch: int, workers: int, order: list[int]
) -> None:
    network, paths = Brightness(), [greys[place] for place in order]
    found = list(predict_files(predictor(network), paths, batch_size=batch, workers=workers))
    assert [one.path for one in found] == paths
    for place, one in zip(order, found, strict=True):
        if place in (2, 8):
            assert one.answers == {}
            assert one.reason.startswith("empty file" if place == 2 else "no picture")
        else:
            assert one.reason == ""
            assert one.answers["glasses"][1] == pytest.approx(place * 25 / 255)
    assert sum(network.batches) == 7
    assert max(network.batches) <= batch


def test_a_batch_without_any_picture_does_not_trouble_the_network(greys: list[Path]) -> None:
    network = Brightness()
    found = list(predict_files(predictor(network), [greys[2], greys[8]], batch_size=2))
    assert network.batches == []
    assert all(one.reason for one in found)
    assert list(predict_files(predictor(network), [])) == []


def test_pictures_are_prepared_as_in_training(tmp_path: Path) -> None:
    [path] = write_pictures(tmp_path, 1)
    seen: list[NDArray[np.uint8]] = []

    class Keeping(Brightness):
        def answer(self, images: NDArray[np.uint8]) -> list[dict[str, Answer]]:
            seen.append(images)
            return super().answer(images)

    list(predict_files(predictor(Keeping(24, 1.5)), [path]))
    assert np.array_equal(seen[0][0], preprocess(decode(path), 24, 1.5))


def test_no_more_is_read_than_is_asked_for(greys: list[Path]) -> None:
    """So that a million files need no more memory than a batch."""
    taken: list[Path] = []

    def endless() -> Iterator[Path]:
        while True:
            for path in greys:
                taken.append(path)
                yield path

    stream = predict_files(predictor(Brightness()), endless(), batch_size=4)
    for number in range(1, 10):
        next(stream)
        assert len(taken) == -(-number // 4) * 4 + 4  # a batch ahead, and no more
    stream.close()  # type: ignore[attr-defined]
    assert not [one for one in threading.enumerate() if one.name.startswith("decode")]


def test_the_next_batch_is_decoded_while_the_network_answers(
    greys: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network waits for a picture of the next batch; it would wait for ever if they took turns."""
    decoded = threading.Event()

    def noting(path: Path) -> NDArray[np.uint8]:
        if path == greys[5]:
            decoded.set()
        return decode(path)

    class Waiting(Brightness):
        def answer(self, images: NDArray[np.uint8]) -> list[dict[str, Answer]]:
            assert decoded.wait(30)
            return super().answer(images)

    monkeypatch.setattr("workbench.evaluation.predict.decode", noting)
    assert len(list(predict_files(predictor(Waiting()), greys[3:8], batch_size=2, workers=1))) == 5


def test_an_interruption_is_looked_for_before_each_batch(greys: list[Path]) -> None:
    network, asked = Brightness(), iter([False, False, True])
    stream = predict_files(predictor(network), greys[3:8], batch_size=2, cancelled=lambda: next(asked))
    found = [next(stream) for _ in range(4)]
    assert [one.path for one in found] == greys[3:7]
    with pytest.raises(Cancelled, match="interrupted"):
        next(stream)
    assert network.batches == [2, 2]


def test_what_native_code_says_on_loading_is_dropped_and_what_we_say_is_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with native_silence():
        os.write(2, b"a greeting of a library\n")
    os.write(2, b"ours\n")
    sys.stderr.write("and ours\n")
    with pytest.raises(ImportError), native_silence():
        raise ImportError("no backend")
    os.write(2, b"after an error\n")
    sys.stderr.flush()
    said = capfd.readouterr().err
    assert "greeting" not in said
    assert [line in said for line in ("ours", "and ours", "after an error")] == [True] * 3
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(3):
        with native_silence():
            pass
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (
            {"type": "failed", "cause": "it diverged"},
            "the run failed before its first checkpoint: it diverged",
        ),
        ({"type": "stopped"}, "the run stopped before its first checkpoint"),
        (phase("training"), "the run died before its first checkpoint"),
    ],
)
def test_a_run_without_a_network_says_how_it_came_to_that(
    tmp_path: Path, end: dict[str, Any], said: str
) -> None:
    run = maker(tmp_path)()
    run.log.touch()
    write(run, end)
    with pytest.raises(RunRefused, match=f"no network: {said}") as caught:
        Predictor(run)
    assert caught.value.cure == f"its log: {run.log}"


def test_a_run_at_work_is_to_be_waited_for(tmp_path: Path) -> None:
    run = maker(tmp_path)()
    with worker_on(run):
        write(run, phase("training"))
        with pytest.raises(RunRefused, match=r"no network yet; it is running; wait for its first epoch"):
            Predictor(run)


def test_every_head_gets_its_most_probable_class(tmp_path: Path) -> None:
    """Checked by hand on two pictures and two heads, without any network."""
    schema = maker(tmp_path)().schema()
    chances = {head.name: np.eye(len(head.classes), dtype=np.float32)[[1, 0]] for head in schema.heads}
    chances["glasses"] = np.array([[0.2, 0.3, 0.5], [0.4, 0.4, 0.2]], dtype=np.float32)
    stand_in = SimpleNamespace(schema=schema, probabilities=lambda _: chances)
    first, second = Predictor.answer(cast(Predictor, stand_in), np.zeros((2, 8, 8, 3), np.uint8))
    assert first["glasses"] == ("sunglasses", 0.5)
    assert second["glasses"][0] == "none", "the first of equals"
    assert second["glasses"][1] == pytest.approx(0.4)
    assert (first["freckles"], second["freckles"]) == (("yes", 1.0), ("none", 1.0))
    assert list(first) == list(schema.head_names)
