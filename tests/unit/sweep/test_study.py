"""A study: begun once, given out trial by trial, gone on with by whoever comes next."""

import shutil
from pathlib import Path

import pytest

from tests.unit.sweep.conftest import GRID, RANGES, Begin
from workbench.bench import Bench
from workbench.errors import StoreError
from workbench.sweep.begin import begun_studies
from workbench.sweep.parameter import Value
from workbench.sweep.place import place_of
from workbench.sweep.reading import result_of
from workbench.sweep.study import StudyTrial, open_study, study_names

MANY = 1000


def taken(trial: StudyTrial | None) -> StudyTrial:
    assert trial is not None
    return trial


def test_a_grid_gives_out_each_combination_once_and_in_order(begin: Begin) -> None:
    study = begin()
    found = []
    while trial := study.claim(MANY):
        found.append(tuple(trial.values.values()))
        trial.report(1, 0.5)
        trial.end("complete", 0.5)
    rates = (0.1, 0.01, 0.001)
    assert found == [(name, rate) for name in ("sgd", "adam") for rate in rates]
    assert begin().claim(MANY) is None, "begun again it has no more"


def test_no_more_trials_than_are_wanted(begin: Begin) -> None:
    study = begin()
    taken(study.claim(2)).end("failed")
    assert study.claim(1) is None
    taken(study.claim(2))
    assert study.claim(2) is None, "one that is at work counts too"


def test_what_was_begun_is_found_again_with_its_notes(begin: Begin, bench: Bench) -> None:
    first = begin()
    trial = taken(first.claim(MANY))
    trial.note(run="0001-mine-0", pruning=3)
    trial.report(1, 0.25)
    first.close()
    [again] = begin().unfinished()
    assert (again.number, again.values) == (0, trial.values)
    assert again.notes["run"] == "0001-mine-0"
    assert again.reported == {1}
    [row, *waiting] = result_of(bench, begin()).trials
    assert (row.state, row.best, row.epochs) == ("interrupted", 0.25, 1)
    assert {one.state for one in waiting} == {"waiting"}
    assert waiting[0].values["training.learning_rate"] == 0.01, "one sees what comes"


def test_a_grid_that_was_enqueued_in_part_is_made_whole(begin: Begin) -> None:
    """As a kill leaves it, in the middle of the first start."""
    begin(GRID.replace('"sgd", "adam"', '"sgd"'), "mine")
    study = begin(GRID.replace('"sgd", "adam"', '"sgd"'), "mine")
    assert len(study.trials()) == 3


def test_the_sampler_stays_within_the_ranges_and_repeats_itself(begin: Begin) -> None:
    def tried(name: str) -> list[dict[str, Value]]:
        study = begin(RANGES, name)
        found = []
        while trial := study.claim(5):
            found.append(dict(trial.values))
            trial.report(1, float(trial.number % 3))
            trial.end("complete", float(trial.number % 3))
            if trial.number == 2:  # interrupted here, and gone on with
                study.close()
                study = begin(RANGES, name)
        return found

    first = tried("first")
    assert all(one["model.width"] in (8, 16, 24, 32) for one in first)
    assert all(1e-4 <= float(str(one["training.learning_rate"])) <= 0.1 for one in first)
    assert first == tried("second"), "the same seed, whether or not it was interrupted"


def test_a_trial_below_the_median_is_given_up_after_the_warm_up(begin: Begin) -> None:
    study = begin(RANGES)
    for number in range(4):
        trial = taken(study.claim(MANY))
        assert not any(trial.report(epoch, 0.5 + number / 100) for epoch in (1, 2))
        trial.end("complete", 0.5)
    poor = taken(study.claim(MANY))
    assert [poor.report(epoch, 0.1) for epoch in (1, 2)] == [False, True], "a fifth of ten epochs"
    good = taken(study.claim(MANY))
    assert not any(good.report(epoch, 0.9) for epoch in (1, 2))


def test_a_metric_that_is_no_number_does_no_harm(begin: Begin, bench: Bench) -> None:
    study = begin()
    trial = taken(study.claim(MANY))
    trial.report(1, 0.3)
    trial.report(2, float("nan"))
    trial.end("complete", 0.3)
    row = result_of(bench, study).trials[0]
    assert (row.best, row.best_epoch, row.epochs) == (0.3, 1, 2)


def test_a_study_is_opened_by_its_name_only_where_it_is(begin: Begin, bench: Bench) -> None:
    place = place_of(bench, "mine")
    assert study_names(place) == ()
    assert open_study(place, "mine", write=False) is None
    assert not bench.studies_dir.exists(), "looking leaves nothing behind"
    begin()
    assert study_names(place) == ("mine",)
    found = open_study(place, "mine", write=False)
    assert found is not None
    assert found.plan.name == "mine"


def test_a_copy_beside_the_studies_is_no_study(begin: Begin, bench: Bench) -> None:
    begin().close()
    for name in ("mine (copy).db", "mine-2.db"):
        shutil.copy(bench.studies_dir / "mine.db", bench.studies_dir / name)
    (bench.studies_dir / "broken.db").write_bytes(b"no database" * 200)
    told: list[str] = []
    assert [one.name for one in begun_studies(bench, tell=told.append)] == ["mine"]
    assert [one.partition("broken.db")[0] for one in told] == [f"passed over: {bench.studies_dir}/"]


def test_a_run_is_a_name_in_the_bench_whoever_wrote_it(begin: Begin, bench: Bench) -> None:
    study = begin()
    taken(study.claim(MANY)).note(run="../../elsewhere")
    assert result_of(bench, study).trials[0].run == "elsewhere"


def test_reading_needs_no_permission_to_write(begin: Begin, bench: Bench) -> None:
    begin().close()
    before = {path: path.stat().st_mtime_ns for path in bench.studies_dir.iterdir()}
    found = open_study(place_of(bench, "mine"), "mine", write=False)
    assert found is not None
    with pytest.raises(StoreError, match="readonly"):
        found.claim(MANY)
    assert {path: path.stat().st_mtime_ns for path in bench.studies_dir.iterdir()} == before


@pytest.mark.parametrize("content", [b"no database" * 200, b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_file_is_refused_in_one_line(bench: Bench, content: bytes) -> None:
    place = place_of(bench, "mine")
    bench.studies_dir.mkdir()
    place.file.write_bytes(content)
    with pytest.raises(StoreError, match=r"mine\.db: the study cannot be used: ") as refused:
        open_study(place, "mine", write=False)
    assert "\n" not in str(refused.value)


def test_a_path_may_hold_any_character(make_bench: object, tmp_path: Path, begin: Begin) -> None:
    images = tmp_path / "faces"
    images.mkdir()
    odd = Bench.create(tmp_path / "a {b} ?c%20#ü", images=images)
    study = begin()
    from workbench.sweep.study import begin_study

    again = begin_study(place_of(odd, "mine"), study.plan)
    assert len(again.trials()) == 6
    again.close()
    assert (odd.studies_dir / "mine.db").is_file()
