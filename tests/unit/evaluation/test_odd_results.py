"""Results that are odd, damaged or hostile: said in one line, kept exactly, and never taken for good ones."""

import copy
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.evaluation.conftest import evaluation, head
from workbench.errors import RunError
from workbench.evaluation.model_file import check_model_file
from workbench.evaluation.report import (
    ClassMetrics,
    Evaluation,
    HeadMetrics,
    SplitResult,
    model_digest,
    read_evaluation,
    write_evaluation,
)
from workbench.training.run import RunFolder

SHARES = st.none() | st.floats(0, 1)
NAMES = st.text(max_size=8)
PARTS = ("config.json", "metadata.json", "model.weights.h5")


@st.composite
def heads(choose: st.DrawFn) -> HeadMetrics:
    """Any figures of a head."""
    names = choose(st.lists(NAMES, min_size=2, max_size=3, unique=True))
    count = st.integers(0, 10**6)
    classes = tuple(
        ClassMetrics(name, choose(count), choose(count), choose(SHARES), choose(SHARES), choose(SHARES))
        for name in names
    )
    confusion = tuple(tuple(choose(count) for _ in names) for _ in names)
    interval = choose(st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)))
    return head(
        choose(count),
        accuracy=choose(SHARES),
        interval=interval,
        loss=choose(st.none() | st.floats(0, 1e9)),
        weakest=choose(st.none() | st.sampled_from(names)),
        classes=classes,
        confusion=confusion,
    )


@settings(max_examples=25, deadline=None)
@given(found=st.dictionaries(NAMES, heads(), max_size=3), run=NAMES, aside=st.dictionaries(NAMES, NAMES))
def test_any_evaluation_comes_back_from_its_json(
    found: dict[str, HeadMetrics], run: str, aside: dict[str, str]
) -> None:
    made = Evaluation(run, {"test": SplitResult(7, 0.25, found)}, "00", aside, ("a", "b"))
    assert Evaluation.from_dict(json.loads(json.dumps(made.to_dict(), allow_nan=False))) == made
    assert made.head_names == tuple(found)


def paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [prefix, *(path for key, one in inner for path in paths(one, (*prefix, key)))]


@settings(max_examples=60, deadline=None)
@given(choose=st.randoms(use_true_random=False), value=st.sampled_from([None, 3, "x", [], {}, [1], {"a": 1}]))
def test_a_document_damaged_anywhere_is_read_or_refused_and_never_a_traceback(
    choose: Any, value: Any
) -> None:
    table = copy.deepcopy(evaluation().to_dict())
    *path, last = choose.choice([path for path in paths(table) if path])
    inner = table
    for key in path:
        inner = inner[key]
    inner[last] = value
    refusal = ""
    try:
        Evaluation.from_dict(table, where="evaluation.json")
    except RunError as error:
        refusal = str(error)
    assert not refusal or refusal.startswith("evaluation.json: ")
    assert not refusal or refusal.endswith("; evaluate the run again")


@pytest.mark.parametrize("key", ["run", "model", "splits", "set_aside", "notes", "version"])
def test_a_lacking_part_is_damage(key: str) -> None:
    table = evaluation().to_dict()
    del table[key]
    with pytest.raises(RunError, match="evaluate the run again"):
        Evaluation.from_dict(table)


def test_splits_stand_in_their_order_whatever_the_file_says() -> None:
    table = evaluation().to_dict()
    table["splits"] = {name: table["splits"][name] for name in ("test", "validation", "train")}
    assert list(Evaluation.from_dict(table).splits) == ["train", "validation", "test"]
    table["splits"]["holdout"] = table["splits"]["test"]
    assert list(Evaluation.from_dict(table).splits) == ["train", "validation", "test"]


def test_a_choice_of_splits_keeps_everything_else() -> None:
    whole = evaluation()
    some = whole.only(("test", "test", "nonsense"))
    assert list(some.splits) == ["test"]
    assert (some.run, some.model, some.set_aside, some.notes) == (
        whole.run,
        whole.model,
        whole.set_aside,
        whole.notes,
    )
    assert list(whole.splits) == ["train", "validation", "test"], "the whole is as it was"
    with pytest.raises(RunError, match=r"0007-sgd: the validation split was not evaluated"):
        evaluation("test").only(["test", "validation"])


def test_a_network_is_known_by_its_content(tmp_path: Path) -> None:
    for name, content in (("a", b"network"), ("b", b"network"), ("c", b"networl")):
        (tmp_path / name).write_bytes(content)
    one, same, other = (model_digest(tmp_path / name) for name in "abc")
    assert one == same != other
    assert len(one) == 16
    assert int(one, 16) > 0


def test_a_failed_write_keeps_the_older_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunFolder(tmp_path)
    write_evaluation(run, evaluation("train"))
    with pytest.raises(ValueError):
        write_evaluation(run, Evaluation("x", {"test": SplitResult(1, float("nan"), {})}))
    assert read_evaluation(run) == evaluation("train")
    assert run.evaluation.read_text().endswith("}\n")


def archive(path: Path, **options: Any) -> Path:
    """A `.keras` file of plain parts."""
    with zipfile.ZipFile(path, "w", **options) as file:
        for name in PARTS:
            file.writestr(name, '{"class_name": "Functional", "module": "keras"}' * (name != PARTS[2]) or "w")
    return path


def test_an_encrypted_archive_is_refused_in_one_line(tmp_path: Path) -> None:
    path = archive(tmp_path / "model.keras")
    data = bytearray(path.read_bytes())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:  # each entry of the directory
        data[place + 8] |= 1
        place += 4
    data[6] |= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match=r"no Keras model: not a \.keras file, or cut off; take the model"):
        check_model_file(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_description_may_be_read_and_a_damaged_one_is_refused(
    tmp_path: Path, method: int
) -> None:
    path = archive(tmp_path / "model.keras", compression=method)
    check_model_file(path)
    data = bytearray(path.read_bytes())
    start = 30 + len(PARTS[0])
    data[start : start + 12] = b"\xff" * 12
    path.write_bytes(data)
    with pytest.raises(RunError) as caught:
        check_model_file(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_description_that_only_claims_to_be_small_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.evaluation.model_file._MAX_CONFIG", 20)
    with pytest.raises(RunError, match="description of the network is too large"):
        check_model_file(archive(tmp_path / "model.keras"))


def test_a_description_nested_beyond_reason_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as file:
        file.writestr("config.json", "[" * 200_000)
        for name in PARTS[1:]:
            file.writestr(name, "")
    with pytest.raises(RunError, match="description of the network is damaged"):
        check_model_file(tmp_path / "model.keras")


@pytest.mark.parametrize("name", ["Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "Custom>Lambda"])
def test_layers_that_are_programs_are_refused_wherever_they_stand(tmp_path: Path, name: str) -> None:
    config: Any = {"class_name": name}
    for _ in range(50):
        config = [{"config": config}]
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as file:
        file.writestr("config.json", json.dumps(config))
        for part in PARTS[1:]:
            file.writestr(part, "")
    with pytest.raises(RunError, match="which is code from outside"):
        check_model_file(tmp_path / "model.keras")
