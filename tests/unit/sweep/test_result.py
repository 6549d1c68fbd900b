"""What is shown of a study: ranks, the parallel list, the charts."""

import json
from dataclasses import replace

from workbench.sweep.parallel import parallel_list
from workbench.sweep.parameter import Parameter, Value
from workbench.sweep.result import StudyResult, TrialRow
from workbench.tui.study_charts import study_charts

OPTIMISER = Parameter("training.optimizer", ("sgd", "adam"))
RATE = Parameter("training.learning_rate", (0.1, 0.01, 0.001))


def row(
    number: int, best: float | None, state: str = "complete", data: str = "d", **values: Value
) -> TrialRow:
    chosen: dict[str, Value] = {"training.optimizer": "sgd", "training.learning_rate": 0.1}
    chosen |= {f"training.{key}": value for key, value in values.items()}
    return TrialRow(number, state, chosen, best, 1, 2, 10.0, f"000{number}-mine", "box", "", data)


RESULT = StudyResult(
    "mine",
    "val_macro_f1",
    True,
    "grid",
    "fast",
    "/bench/studies/mine.db",
    (OPTIMISER, RATE),
    (
        row(0, 0.25),
        row(1, 0.75, learning_rate=0.01),
        row(2, 0.875, "pruned", optimizer="adam", learning_rate=0.001),
        row(3, None, "failed", optimizer="adam"),
    ),
)


def test_the_best_is_one_that_was_trained_to_its_end() -> None:
    assert [one.number for one in RESULT.ranked] == [2, 1, 0]
    assert RESULT.best is RESULT.trials[1]
    assert [one.number for one in replace(RESULT, larger_is_better=False).ranked] == [0, 1, 2]
    assert replace(RESULT, trials=()).best is None


def test_as_json_it_is_whole() -> None:
    found = json.loads(json.dumps(RESULT.to_dict(), allow_nan=False))
    assert (found["best"]["number"], found["direction"], len(found["trials"])) == (1, "maximize", 4)
    assert found["warnings"] == []


def test_trials_of_other_labels_are_warned_of() -> None:
    mixed = replace(RESULT, trials=(*RESULT.trials, row(4, 0.5, data="other")))
    assert mixed.warnings[0].startswith("the trials learned from 2 states of the labels")


def test_the_parallel_list_marks_every_value_on_its_track() -> None:
    heading, rows = parallel_list(RESULT)
    assert heading == ["trial", "optimizer", "learning_rate", "val_macro_f1"]
    assert rows == [
        ["2", "········● adam", "●········ 0.001", "········● 0.8750 pruned"],
        ["1", "●········ sgd", "····●···· 0.01", "······●·· 0.7500"],
        ["0", "●········ sgd", "········● 0.1", "●········ 0.2500"],
    ]
    assert parallel_list(replace(RESULT, trials=(row(0, None, "waiting"),)))[1] == []


def test_the_charts_show_each_optimiser_with_a_mark_of_its_own() -> None:
    lines = study_charts(RESULT, 80)
    best, over = (
        next(i for i, line in enumerate(lines) if f"over {what}" in line) for what in ("the", "learn")
    )
    assert lines[over].endswith("o sgd   x adam   × failed")
    chart = "\n".join(lines[over + 1 :])
    assert (chart.count("o"), chart.count("x"), chart.count("×")) == (2, 1, 1)
    assert [chart.count(word) for word in ("0.001", "0.01", "0.1")] == [1, 1, 1], "an axis of factors"
    assert "⠒" in "".join(lines[best + 1 : over]), "the best so far"
    assert all(len(line) <= 80 for line in lines)


def test_a_study_without_numbers_has_one_chart_and_one_without_trials_none() -> None:
    words = replace(RESULT, parameters=(OPTIMISER,))
    assert sum(" over " in line for line in study_charts(words, 60)) == 1
    assert study_charts(replace(RESULT, trials=RESULT.trials[:1]), 80) == []


def test_a_range_is_drawn_with_its_ends() -> None:
    ranged = replace(RESULT, parameters=(Parameter(RATE.key, (), 0.0005, 0.2, True),))
    lines = study_charts(ranged, 100)
    assert all(word in lines[-1] for word in ("0.0005", "0.001", "0.01", "0.1", "0.2"))
