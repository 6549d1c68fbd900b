"""The figures that the sheet and the letters are for, on real random answers and not by a formula."""

from pathlib import Path

from tests.benchmarks.keys import measure_keys


def test_suggestions_and_sheets_save_the_keys_that_they_promise(tmp_path: Path) -> None:
    found = measure_keys(tmp_path, 250, seed=11)
    assert found["wrong"] == 0, "every stored answer is the one that the person meant"
    assert found["keys_per_picture"] == 5.0
    assert found["keys_per_picture_with_suggestions"] <= 1.6
    assert found["keys_per_picture_with_suggestions"] < found["keys_per_picture_with_arrows"] <= 2.4
    assert found["keys_per_picture_in_sheets"] <= 0.6
    assert found["keys_per_picture_in_sheets"] < found["keys_per_picture_in_sheets_80x24"] <= 1.0
