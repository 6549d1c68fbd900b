"""A network in five formats: each gives the answers of the run, by what `labels.json` and the card say."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_pictures
from tests.engine.conftest import labelled
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.dataset.split import assign_splits
from workbench.dataset.table import Table
from workbench.evaluation.predict import Predictor
from workbench.exports.export import export_run
from workbench.exports.formats import FORMATS, Format, FormatModule, Tolerance, named_formats
from workbench.exports.network import exported
from workbench.exports.result import ExportResult
from workbench.images.decode import decode
from workbench.images.preprocess import preprocess
from workbench.training.run import RunFolder

SCHEMA = """
name = "odd"
[[heads]]
name = "hair colour"
classes = ["light|ish", "dark", "none"]
[[heads]]
name = "pictures"
classes = ["yes", "no"]
"""
"""Neither head has a name that Keras takes; the second would also be the name of the input."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run of 40 pictures whose small network was never trained, but is sure of its answers."""
    import keras

    from workbench.model.registry import build

    root = tmp_path_factory.mktemp("exports")
    (root / "odd.toml").write_text(SCHEMA)
    write_pictures(root / "images", 40)
    bench = Bench.create(root / "bench", images=root / "images", schema=root / "odd.toml")
    settings = load_settings(overrides=["dataset.size=32", "model.width=4", "model.depth=2", "model.dense=8"])
    table = assign_splits(labelled(bench), bench.schema, settings.dataset.split, bench.splits_file)
    made = RunFolder.create(bench, settings, table, "fast")
    keras.utils.set_random_seed(0)
    network = build(settings.model, bench.schema, 32)
    for layer in network.layers:
        if layer.name.endswith("softmax"):
            layer.set_weights([8 * one for one in layer.get_weights()])
    network.save(made.model)
    return made


@dataclass(frozen=True)
class Done:
    """An export with every format, and what was told meanwhile."""

    folder: Path
    result: ExportResult
    told: list[tuple[int, int]]


@pytest.fixture(scope="module")
def done(run: RunFolder) -> Done:
    """All five formats of the run."""
    told: list[tuple[int, int]] = []
    folder = run.root.parent.parent.parent / "out"
    result = export_run(run, folder, list(FORMATS.values()), progress=lambda *at: told.append(at))
    return Done(folder, result, told)


def test_every_format_answers_as_the_network_does(done: Done) -> None:
    assert [one.reason for one in done.result.checks] == [""] * 5
    assert (done.result.split, done.result.pictures) == ("test", 6)
    for one in done.result.checks:
        assert one.largest is not None
        assert one.largest <= (0.2 if one.format.quantised else 1e-5)
        assert one.size > 1000
        assert one.pictures_per_second > 0
    assert {path.name for path in done.folder.iterdir()} == {
        *(one.file for one in FORMATS.values()),
        "labels.json",
        "model_card.md",
    }
    assert [path.name for path in done.folder.parent.iterdir() if path.name.startswith(".")] == []
    assert done.told[-1] == (36, 36)  # the network itself and five formats


def test_the_figures_are_plain_json(done: Done) -> None:
    document = json.loads(json.dumps(done.result.to_dict(), allow_nan=False))
    assert document["failed"] == []
    assert [one["format"] for one in document["formats"]] == list(FORMATS)
    assert set(document["formats"][0]["heads"]) == {"hair colour", "pictures"}


def test_int8_is_integers_inside_and_bytes_outside(done: Done) -> None:
    import tensorflow as tf

    with pytest.warns(UserWarning, match="deprecated"):
        interpreter = tf.lite.Interpreter(model_path=str(done.folder / "model_int8.tflite"))
    interpreter.allocate_tensors()
    kinds = [one["dtype"] for one in interpreter.get_tensor_details()]
    assert kinds.count(np.int8) > len(kinds) / 2
    assert [one["dtype"] for one in interpreter.get_input_details()] == [np.uint8]
    assert {one["dtype"] for one in interpreter.get_output_details()} == {np.float32}


def test_onnx_takes_any_number_of_pictures_and_names_that_dimension(done: Done, run: RunFolder) -> None:
    import onnx
    import onnxruntime

    graph = onnx.load(done.folder / "model.onnx").graph
    assert [one.type.tensor_type.shape.dim[0].dim_param for one in graph.input] == ["batch"]
    session = onnxruntime.InferenceSession(done.folder / "model.onnx")
    labels = json.loads((done.folder / "labels.json").read_text())
    images = np.random.default_rng(0).integers(0, 256, (7, 32, 32, 3), dtype=np.uint8)
    wanted = Predictor(run).probabilities(images)
    for count in (1, 7):
        for head in labels["heads"]:
            [found] = session.run([head["output"]], {labels["input"]["name"]: images[:count]})
            assert np.abs(found - wanted[head["name"]][:count]).max() < 1e-5


def test_labels_say_what_the_files_are_of(done: Done, run: RunFolder) -> None:
    labels = json.loads((done.folder / "labels.json").read_text())
    assert [(one["name"], one["output"], one["classes"]) for one in labels["heads"]] == [
        ("hair colour", "head0", ["light|ish", "dark", "none"]),
        ("pictures", "head1", ["yes", "no"]),
    ]
    assert labels["input"]["shape"] == [None, 32, 32, 3]
    assert labels["input"]["rescaling_inside"] == {"scale": 1 / 127.5, "offset": -1.0}
    assert labels["files"] == {name: one.file for name, one in FORMATS.items()}
    assert labels["data_fingerprint"] == run.read()["data"]["fingerprint"]
    assert labels["versions"]["keras"]


def blocks(folder: Path) -> list[str]:
    """The code of a card."""
    return re.findall(r"```python\n(.*?)```", (folder / "model_card.md").read_text(), re.DOTALL)


@pytest.mark.filterwarnings("ignore:.*Interpreter is deprecated")
@pytest.mark.parametrize("name", list(FORMATS))
def test_the_code_on_the_card_runs_as_it_stands(
    done: Done,
    run: RunFolder,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for path in done.folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    pixels = np.random.default_rng(3).integers(0, 256, (50, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "face.jpg", format="PNG")
    monkeypatch.chdir(tmp_path)
    prepare, *loads, read = blocks(done.folder)
    assert len(loads) == 5
    capsys.readouterr()
    exec(prepare + loads[list(FORMATS).index(name)] + read, {})
    said = capsys.readouterr().out.splitlines()
    [answers] = Predictor(run).answer(preprocess(decode(tmp_path / "face.jpg"), 32)[None])
    for line, head in zip(said, run.schema().heads, strict=True):
        start, _, chance = line.rpartition(" ")
        assert float(chance) == pytest.approx(answers[head.name][1], abs=0.1 if name == "int8" else 1e-4)
        assert start == f"{head.title} {answers[head.name][0]}"


def test_the_card_tells_data_figures_limits_and_files(done: Done, run: RunFolder) -> None:
    text = (done.folder / "model_card.md").read_text()
    table = Table.load(run.data, run.schema())
    for said in (
        f"{len(table.rows('train'))} train, {len(table.rows('validation'))} validation, 6 test",
        run.read()["data"]["fingerprint"],
        "Not for identification",
        "fewer than 10 test pictures of",
        "| training.optimizer | adamw |",
        "| ONNX | model.onnx |",
        "light\\|ish",
        "6 pictures of the test split",
    ):
        assert said in text
    assert "light|ish" not in text
    assert str(run.root.parent.parent.parent) not in text, "a card is handed on: no path of this machine"
    assert run.evaluation.exists(), "what was not evaluated yet is, for its figures"


class Strict(Format):
    """A format with which no answer will do."""

    def tolerance(self, *, half: bool) -> Tolerance:
        return Tolerance(-1.0, 0.0, 0.0)


class Refusing(Format):
    """A format whose converter does not know a layer."""

    def module(self) -> FormatModule:
        class Converter:
            def write(self, _network: object, path: Path, _samples: object) -> NoReturn:
                path.write_text("half")
                raise NotImplementedError("no such operation: Odd\nand a long story")

        return cast(FormatModule, Converter())


def test_a_format_that_differs_or_cannot_be_written_is_not_called_good(
    run: RunFolder, tmp_path: Path
) -> None:
    wanted = [
        FORMATS["keras"],
        Strict("onnx", "model.onnx", "strict"),
        Refusing("odd", "a.odd", "Odd"),
    ]
    result = export_run(run, tmp_path / "out", wanted, pictures=2)
    assert result.pictures == 2
    good, differs, unknown = result.checks
    assert good.reason == ""
    assert "differs by" in differs.reason
    assert unknown.reason == "cannot be written: NotImplementedError: no such operation: Odd"
    assert [one.format.name for one in result.failed] == ["onnx", "odd"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "model.keras",
        "model.onnx.unchecked",
        "labels.json",
        "model_card.md",
    }
    assert json.loads((tmp_path / "out" / "labels.json").read_text())["files"] == {"keras": "model.keras"}
    text = (tmp_path / "out" / "model_card.md").read_text()
    assert "failed: a probability of" in text
    assert len(blocks(tmp_path / "out")) == 3, "no code for what must not be loaded"


def test_an_interruption_leaves_nothing(run: RunFolder, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done > 6:  # in the midst of the first format
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_run(run, tmp_path / "out", named_formats("keras"), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_was_trained_in_16_bits_is_written_in_32(run: RunFolder) -> None:
    import keras

    from workbench.model.registry import build

    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = build(run.settings().model, run.schema(), 32)
    finally:
        keras.config.set_dtype_policy("float32")
    predictor: Any = type("Stand", (), {"network": half, "outputs": Predictor(run).outputs})()
    found = exported(predictor)
    assert found.half
    assert {layer.compute_dtype for layer in found.network.layers} == {"float32"}
    images = np.random.default_rng(1).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    wanted, answers = half.predict_on_batch(images), found.network.predict_on_batch(images)
    for name, one in answers.items():
        assert one.dtype == np.float32
        assert np.abs(np.asarray(wanted[name], np.float32) - one).max() < 0.05
    assert FORMATS["onnx"].tolerance(half=True).largest == 0.05


def test_a_name_that_is_the_inputs_too_is_given_a_number(run: RunFolder) -> None:
    import keras

    pictures = keras.Input((32, 32, 3), dtype="uint8", name="pictures")
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pictures))
    answers = {name: keras.layers.Dense(2, activation="softmax")(flat) for name in ("age", "pictures")}
    names = {"age": "age", "pictures": "pictures"}
    stand: Any = type("Stand", (), {"network": keras.Model(pictures, answers), "outputs": names})()
    found = exported(stand)
    assert found.outputs == {"age": "head0", "pictures": "head1"}
    images = np.full((1, 32, 32, 3), 9, dtype=np.uint8)
    wanted, given = stand.network.predict_on_batch(images), found.network.predict_on_batch(images)
    assert np.array_equal(given["head1"], wanted["pictures"])
    assert found.rescaling == (1 / 255, 0.0)
