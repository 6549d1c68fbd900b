"""A training on skewed labels with every option of the heads on: told in the log, the same after a stop."""

import csv
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import keras
import pytest

from tests.benches import drawn_bench
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, plan_import
from workbench.bench import Bench
from workbench.errors import ConfigError
from workbench.images.catalog import Catalog
from workbench.training.events import EventLog
from workbench.training.fit import fit
from workbench.training.run import RunFolder
from workbench.training.start import prepare_run

SMALL = (
    "dataset.size=32",
    "model.width=4",
    "model.depth=2",
    "model.dense=8",
    "training.epochs=3",
    "training.batch_size=16",
    "training.warmup_epochs=0",
)
EVERYTHING = (
    "training.class_weights=effective",
    "training.loss.label_smoothing=0.1",
    "training.loss.focal_gamma=1",
    "training.loss.head_weights=speed",
    "training.sampling.balanced=true",
    "training.mixing.mixup=0.4",
    "training.mixing.cutmix=1",
    "training.heads.hair_colour.logit_adjustment=1",
    "training.heads.hair_colour.weight=2",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Fifty drawn faces with the reference's imbalance, all labelled."""
    return drawn_bench(tmp_path_factory.mktemp("heads"), 50, seed=5, balance="reference")


def go_on(run: RunFolder, stop_after: int = 99) -> None:
    """Train a run until its end, or until a little after so many epochs."""
    asked = 0

    def stop_asked() -> bool:
        nonlocal asked
        asked += run.history.exists() and len(epochs(run)) >= stop_after
        return asked > 1

    with EventLog(run.events) as log:
        fit(run, log, stop_asked)


@pytest.fixture(scope="module")
def whole(bench: Bench) -> RunFolder:
    """A run with every option, from beginning to end."""
    run = prepare_run(bench, bench.settings("fast", [*SMALL, *EVERYTHING]))
    go_on(run)
    return run


def epochs(run: RunFolder) -> list[dict[str, float]]:
    """The figures of each epoch."""
    rows = csv.DictReader(run.history.read_text().splitlines())
    return [{name: float(value) for name, value in row.items() if "loss" in name and value} for row in rows]


def notes(run: RunFolder) -> list[str]:
    """What the log tells people."""
    events: list[dict[str, Any]] = [json.loads(line) for line in run.events.read_text().splitlines()]
    return [event["text"] for event in events if event["type"] == "note"]


def test_a_run_that_is_stopped_goes_on_as_if_it_had_not_been(bench: Bench, whole: RunFolder) -> None:
    broken = prepare_run(bench, bench.settings("fast", [*SMALL, *EVERYTHING]))
    go_on(broken, stop_after=2)  # the third epoch weighs the heads by the two before
    assert len(epochs(broken)) == 2
    go_on(broken)
    assert len(epochs(broken)) == len(epochs(whole)) == 3
    for mine, theirs in zip(epochs(broken), epochs(whole), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-3)


def test_the_log_tells_in_a_line_which_head_has_which_loss(whole: RunFolder) -> None:
    (losses,) = (text for text in notes(whole) if text.startswith("losses: "))
    assert "focal γ 1 + class weights effective + label smoothing 0.1;" in losses
    assert "hair_colour: " in losses
    assert "logit adjustment τ 1 + weight 2" in losses
    assert losses.endswith("weights between heads by speed")
    warned = [
        text for text in notes(whole) if text.startswith("warning: hair_colour: rare classes are raised")
    ]
    assert len(warned) == 1


def test_the_network_for_others_holds_nothing_of_all_this(bench: Bench, whole: RunFolder) -> None:
    network = keras.saving.load_model(whole.model, compile=False)
    assert not any("balance" in variable.path for variable in network.variables)
    assert set(network.output) == set(bench.schema.head_names)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.heads.hair_color.weight=2", "no head is named 'hair_color'; did you mean 'hair_colour'"),
        ("training.heads.hair_colour.class_weights={blonde = 2}", "did you mean 'blond'"),
        ("training.loss.weight=0", "every head weighs 0"),
    ],
)
def test_what_the_bench_lacks_is_refused_before_a_run_is_made(
    bench: Bench, whole: RunFolder, override: str, message: str
) -> None:
    before = sorted(path.name for path in bench.runs_dir.iterdir())
    with pytest.raises(ConfigError, match=message):
        prepare_run(bench, bench.settings("fast", [override]))
    assert sorted(path.name for path in bench.runs_dir.iterdir()) == before
    assert whole.root.name in before


def test_the_weight_of_a_class_that_no_training_picture_has_is_refused(bench: Bench, tmp_path: Path) -> None:
    schema = tmp_path / "more.toml"
    schema.write_text(
        'name = "more"\n[[heads]]\nname = "glasses"\nclasses = ["none", "normal", "sunglasses", "monocle"]\n'
    )
    other = Bench.create(tmp_path / "bench", images=bench.images_root, schema=schema)
    with closing(Catalog(other.images_root, other.catalog_db)) as catalog:
        catalog.scan()
        with LabelStore(other.labels_db, other.schema) as store:
            text = "file_name,glasses\n"
            for number, picture in enumerate(catalog.pictures()):
                text += f"{picture.name},{number % 2}\n"
            (tmp_path / "labels.csv").write_text(text)
            apply_import(plan_import(tmp_path / "labels.csv", other.schema, catalog.pictures(), store), store)
    settings = other.settings("fast", ["training.heads.glasses.class_weights={monocle = 2}"])
    with pytest.raises(ConfigError, match=r"no training picture is 'monocle'.*with pictures: none, normal"):
        prepare_run(other, settings)
    assert not other.runs_dir.exists()
