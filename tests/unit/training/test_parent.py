"""Beginning with another run's weights: which checkpoint, and what is refused before a worker starts."""

import json

import numpy as np
import pytest

from tests.unit.training.conftest import MakeRun, epoch, rewrite, write
from workbench.bench import Bench
from workbench.config import load_settings
from workbench.errors import ConfigError, RunRefused
from workbench.monitoring.summary import list_runs
from workbench.training.checkpoint_file import write_checkpoint
from workbench.training.parent import check_parent, check_weights, find_parent
from workbench.training.run import RunFolder


@pytest.fixture
def trained(run: RunFolder) -> RunFolder:
    """Five epochs, the third the best, of which checkpoints of the last two are kept."""
    write(run, epoch(5, best=3), {"type": "finished", "epoch": 5, "best_epoch": 3})
    run.model.write_bytes(b"the best network")
    for name in ("00004-000000", "00005-000000", "00005-000002"):
        (run.checkpoints / f"{name}.npz").write_bytes(name.encode())
    return run


@pytest.mark.parametrize(
    ("asked", "epoch_", "content"),
    [
        ("best", 3, b"the best network"),
        ("3", 3, b"the best network"),
        ("4", 4, b"00004-000000"),
        ("5", 5, b"00005-000000"),
        ("last", 5, b"00005-000002"),
    ],
)
def test_a_checkpoint_is_found_by_name_or_epoch(
    trained: RunFolder, asked: str, epoch_: int, content: bytes
) -> None:
    found = find_parent(trained, asked)
    assert (found.epoch, found.file.read_bytes()) == (epoch_, content)


@pytest.mark.parametrize("asked", ["1", "bset", "", "-1", "\x1b[31m"])
def test_another_one_is_refused_with_those_that_are_there(trained: RunFolder, asked: str) -> None:
    with pytest.raises(RunRefused, match="valid: best, last, 3, 4, 5") as caught:
        find_parent(trained, asked)
    assert str(caught.value).isprintable()


def test_a_run_without_any_is_refused(run: RunFolder) -> None:
    with pytest.raises(RunRefused, match="train it for an epoch first"):
        find_parent(run)


def test_the_weights_are_copied_and_named(trained: RunFolder, make_run: MakeRun, bench: Bench) -> None:
    parent = find_parent(trained, "4")
    child = make_run(parent=trained.name, start=parent.copy_to)
    described = child.read()
    assert described["parent"] == trained.name
    assert described["start"] == {
        "run": trained.name,
        "checkpoint": "4",
        "epoch": 4,
        "file": "weights.npz",
    }
    assert (child.start / "weights.npz").read_bytes() == b"00004-000000"
    assert [one.parent for one in list_runs(bench.runs_dir)] == [trained.name]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("model.architecture=reference", "model.architecture: is 'reference', and 'trunk' in 0001-fast"),
        ("model.width=8", "model.width: is 8, and 24 in 0001-fast, whose weights do not fit then"),
    ],
)
def test_another_architecture_is_refused_with_the_cure(trained: RunFolder, override: str, said: str) -> None:
    key = override.partition("=")[0]
    with pytest.raises(ConfigError) as caught:
        check_parent(find_parent(trained), load_settings("fast", [override]).model, trained.schema())
    assert said in str(caught.value)
    assert f"--set {key}={getattr(trained.settings().model, key[6:])}" in str(caught.value)


def test_what_leaves_the_shapes_alone_may_differ(trained: RunFolder) -> None:
    model = load_settings("fast", ["model.dropout=0.5", "model.batch_norm_momentum=0.8"]).model
    check_parent(find_parent(trained), model, trained.schema())


def test_other_heads_and_classes_are_refused(trained: RunFolder, bench: Bench) -> None:
    parent, model = find_parent(trained), trained.settings().model
    described = json.loads(trained.run_json.read_text())["schema"]
    first, second, *_ = described["heads"]

    def refusal(heads: list[object]) -> str:
        rewrite(trained, schema={**described, "heads": heads})
        with pytest.raises(ConfigError) as caught:
            check_parent(parent, model, bench.schema)
        return str(caught.value)

    rest = described["heads"][1:]
    assert f"0001-fast has no head '{first['name']}'" in refusal(rest)
    assert f"the bench has no head 'nose'; {trained.name} has" in refusal(
        [*described["heads"], {**second, "name": "nose"}]
    )
    one, *others = first["classes"]
    renamed = {**first, "classes": [{**one, "name": "unheard"}, *others]}
    assert f"the classes of '{first['name']}' are" in refusal([renamed, *rest])
    assert "in another order" in refusal([*rest, first])


@pytest.mark.parametrize(("asked", "said"), [("best", "no Keras model"), ("4", "the checkpoint is damaged")])
def test_weights_that_are_damaged_are_refused_before_a_worker_starts(
    trained: RunFolder, asked: str, said: str
) -> None:
    with pytest.raises(RunRefused, match=f"{said}.*--checkpoint") as refused:
        check_weights(find_parent(trained, asked))
    assert refused.value.exit_code == 2


def test_a_whole_checkpoint_is_let_pass(trained: RunFolder) -> None:
    write_checkpoint(trained.checkpoints / "00004-000000.npz", {"epoch": 4}, {"v0000": np.zeros(3)})
    check_weights(find_parent(trained, "4"))
