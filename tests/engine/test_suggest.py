"""A real network suggests: which pictures it is asked about, and nothing is lost when it is interrupted."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.conftest import MakeRun
from workbench.annotation.labels import PictureLabels
from workbench.annotation.suggestions import SuggestedRow, Suggestions
from workbench.bench import Bench
from workbench.cli import main
from workbench.errors import Cancelled, InputError
from workbench.evaluation.predict import Predictor, predict_files
from workbench.evaluation.suggest import check_fits, suggest_with_run
from workbench.images.catalog import Catalog, Picture
from workbench.schema import Schema, load_schema
from workbench.training.run import RunFolder

Opened = tuple[Bench, RunFolder, tuple[Picture, ...]]


@pytest.fixture
def opened(make_run: MakeRun) -> Callable[[int], Opened]:
    """A run, its bench and the bench's pictures."""

    def open_one(count: int) -> Opened:
        run = make_run(count)
        bench = Bench.open(run.root.parent.parent)
        catalog = Catalog(bench.images_root, bench.catalog_db)
        return bench, run, catalog.pictures()

    return open_one


def read(bench: Bench) -> Suggestions:
    """What stands in the bench."""
    return Suggestions.read(bench.suggestions_file, bench.schema)


def test_every_open_head_gets_the_networks_answer(opened: Callable[[int], Opened]) -> None:
    bench, run, pictures = opened(5)
    done = PictureLabels({head.name: head.classes[0].name for head in bench.schema.heads})
    labels = {
        pictures[0].fingerprint: done,
        pictures[1].fingerprint: PictureLabels({"glasses": "none"}),
        pictures[2].fingerprint: PictureLabels(excluded=True),
    }
    told: list[tuple[int, int]] = []
    result = suggest_with_run(bench, run, pictures, labels, progress=lambda *at: told.append(at))
    assert (result.source, result.asked, result.answers, told[-1]) == (run.name, 3, 4 + 5 + 5, (3, 3))
    found = read(bench)
    assert set(found.fingerprints()) == {one.fingerprint for one in (pictures[1], pictures[3], pictures[4])}
    assert "glasses" not in found.of(pictures[1].fingerprint)
    path = bench.images_root / pictures[4].name
    said = next(iter(predict_files(Predictor(run), [path]))).answers
    for head, one in found.of(pictures[4].fingerprint).items():
        assert (one.answer, one.source) == (said[head][0], run.name)
        assert one.confidence == pytest.approx(said[head][1], abs=1e-3)


def test_all_asks_about_answered_heads_too(opened: Callable[[int], Opened]) -> None:
    bench, run, pictures = opened(3)
    labels = {pictures[0].fingerprint: PictureLabels({"glasses": "none"})}
    assert suggest_with_run(bench, run, pictures, labels, everything=True).answers == 15


def test_the_same_network_is_not_asked_twice_and_others_rows_stay(
    opened: Callable[[int], Opened],
) -> None:
    bench, run, pictures = opened(4)
    old = SuggestedRow(pictures[3].fingerprint, {"glasses": ("none", 0.5)}, "by hand.csv", "2020-01-01")
    gone = SuggestedRow("0" * 32, {"glasses": ("none", 0.5)}, "by hand.csv", "2020-01-01")
    Suggestions(bench.schema, [old, gone]).write(bench.suggestions_file)
    suggest_with_run(bench, run, pictures[:3], {})
    assert gone.fingerprint not in read(bench), "its picture has left the bench"
    Suggestions(bench.schema, [*map(read(bench).row, read(bench).fingerprints()), old]).write(
        bench.suggestions_file
    )
    result = suggest_with_run(bench, run, pictures, {})
    assert (result.asked, result.known) == (1, 3)
    os.utime(run.model, (4e9, 4e9))
    assert suggest_with_run(bench, run, pictures, {}).asked == 4, "another network under the same name"


def test_interrupting_keeps_what_was_answered(opened: Callable[[int], Opened]) -> None:
    bench, run, pictures = opened(70)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    with pytest.raises(Cancelled, match="32 of 70 pictures have suggestions now; the same command goes on"):
        suggest_with_run(bench, run, pictures, {}, cancelled=cancelled)
    assert len(read(bench)) == 32
    assert suggest_with_run(bench, run, pictures, {}).known == 32
    assert len(read(bench)) == 70


def test_a_picture_that_cannot_be_read_is_set_aside(opened: Callable[[int], Opened]) -> None:
    bench, run, pictures = opened(3)
    (bench.images_root / pictures[1].name).write_bytes(b"no picture")
    result = suggest_with_run(bench, run, pictures, {})
    assert [name for name, _ in result.set_aside] == [pictures[1].name]
    assert len(read(bench)) == 2


def test_damaged_suggestions_are_made_anew(opened: Callable[[int], Opened]) -> None:
    bench, run, pictures = opened(3)
    Suggestions(load_schema("cartoon_faces")).write(bench.suggestions_file)
    assert suggest_with_run(bench, run, pictures, {}).asked == 3
    assert len(read(bench)) == 3


def test_a_network_of_other_heads_or_classes_is_refused(face_schema: Schema) -> None:
    with pytest.raises(InputError, match=r"0007-sgd: the network answers other heads than the bench's"):
        check_fits(
            load_schema("cartoon_faces"), Schema.from_dict(_heads("nose", "long", "short")), "0007-sgd"
        )
    with pytest.raises(InputError, match=r"knows a class of glasses that the bench does not: monocle"):
        check_fits(Schema.from_dict(_heads("glasses", "none", "monocle")), face_schema, "0007-sgd")
    check_fits(Schema.from_dict(_heads("glasses", "none", "normal")), face_schema, "a subset is fine")


def _heads(head: str, *classes: str) -> dict[str, object]:
    """A schema of one head."""
    return {"name": "one", "heads": [{"name": head, "classes": list(classes)}]}


def test_the_file_of_predict_is_taken_as_it_is(opened: Callable[[int], Opened], tmp_path: Path) -> None:
    from workbench.evaluation.predict import predict_to_files
    from workbench.evaluation.suggest import suggest_from_file

    bench, run, pictures = opened(4)
    (bench.images_root / pictures[2].name).write_bytes(b"no picture")
    predict_to_files(run, [bench.images_root], tmp_path / "out.csv")
    plan = suggest_from_file(bench, tmp_path / "out.csv", pictures)
    assert (len(plan.accepted), plan.set_aside, plan.refused) == (3, 1, ())
    assert {one.source for one in read(bench).of(pictures[0].fingerprint).values()} == {"out.csv"}


def test_the_command_asks_a_run_and_says_what_is_next(
    opened: Callable[[int], Opened], capsys: pytest.CaptureFixture[str]
) -> None:
    bench, run, _ = opened(4)
    lines = []
    for arguments in ([run.name, "--json"], [run.name], [run.name, "--all"]):
        with pytest.raises(SystemExit) as ended:
            main(["suggest", str(bench.root), *arguments])
        assert ended.value.code == 0
        lines.append(capsys.readouterr().out)
    found = json.loads(lines[0])
    assert (found["source"], found["asked"], found["answers"], found["set_aside"]) == (run.name, 4, 20, {})
    assert "0 suggestions for 0 pictures, 4 known already" in lines[1]
    assert f"next: workbench {bench.root}" in lines[2]
    assert len(read(bench)) == 4
