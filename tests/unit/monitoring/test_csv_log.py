"""Following the table of a training that is not ours: what it says, and that no file can do harm."""

import json
import math
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.monitoring.test_follow import places, points
from workbench.errors import InputError
from workbench.files import write_atomically
from workbench.monitoring.csv_log import CsvFollower, CsvSource, in_words
from workbench.monitoring.csv_table import MOST_CURVES, NO_NUMBERS, NUL_BYTES, OTHER_WIDTH
from workbench.monitoring.snapshot import RunSnapshot
from workbench.training.state import RunState

KERAS = (
    "epoch,glasses_accuracy,glasses_loss,hair_colour_accuracy,hair_colour_loss,loss,"
    "val_glasses_accuracy,val_glasses_loss,val_hair_colour_accuracy,val_hair_colour_loss,val_loss\r\n"
)
"""As `keras.callbacks.CSVLogger` writes it of two outputs."""
NOW = 1_800_000_000.0


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


def write(path: Path, text: str | bytes, age: float = 0.0) -> None:
    """Append to a table that was then last written so many seconds ago."""
    with path.open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)
    os.utime(path, (NOW - age, NOW - age))


def look(path: Path) -> RunSnapshot:
    return CsvFollower(path, lambda: NOW).poll()


def rows(first: int, last: int) -> str:
    """Rows "epoch,loss,val_loss" of some epochs, counted from 0."""
    return "".join(f"{epoch},{1 / (epoch + 1)},{2 / (epoch + 1)}\r\n" for epoch in range(first, last))


def test_a_table_of_keras_is_read_head_by_head(table: Path) -> None:
    write(table, KERAS + "0,.1,.2,.3,.4,.5,.6,.7,.8,.9,1.0\r\n1,.2,.1,.4,.3,.4,.7,.6,.9,.8,0.9\r\n")
    found = look(table)
    assert points(found, "", "loss", "train_epoch") == [(1, 0.5), (2, 0.4)], "Keras counts from 0"
    assert points(found, "", "loss", "validation") == [(1, 1.0), (2, 0.9)]
    assert points(found, "hair_colour", "accuracy", "train_epoch") == [(1, 0.3), (2, 0.4)]
    assert points(found, "hair_colour", "loss", "validation") == [(1, 0.9), (2, 0.8)]
    assert points(found, "glasses", "accuracy", "validation") == [(1, 0.6), (2, 0.7)]
    assert (found.epoch, found.epochs, found.best_epoch, found.metric) == (2, 0, 2, "val_loss")
    assert found.notes[-1] == "epoch 2  val_loss 0.9 ★ best"
    assert CsvSource(table).heads() == (("glasses", "glasses"), ("hair_colour", "hair colour"))
    json.dumps(found.to_dict(), allow_nan=False)


def test_our_own_history_is_read_with_its_rate_and_its_times(table: Path) -> None:
    write(
        table,
        "epoch,seconds,learning_rate,loss,accuracy,val_loss,val_macro_f1\n"
        "1,10,0.01,3,0.5,4,0.25\n2,30,0.005,2,0.75,3,0.5\n",
    )
    found = look(table)
    assert points(found, "", "macro_f1", "validation") == [(1, 0.25), (2, 0.5)]
    assert found.learning_rate == 0.005
    assert found.curves["", "loss", "train_epoch"].walls.tolist() == [NOW - 30, NOW]
    assert found.phase == "watching: a row every 20 s"
    assert not any(key[1] in ("seconds", "learning_rate", "epoch") for key in found.curves)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_of_three_separators_parts_the_cells(table: Path, separator: str) -> None:
    write(table, "epoch,loss,val_loss\n0,1.5,2.5\n".replace(",", separator))
    assert points(look(table), "", "loss", "validation") == [(1, 2.5)]


def test_a_spreadsheet_with_decimal_commas_a_mark_and_quotes(table: Path) -> None:
    write(table, b"\xef\xbb\xbf" + b'"epoch";"loss";"val_loss"\r\n"1";"0,5";"0,25"\r\n')
    assert points(look(table), "", "loss", "train_epoch") == [(1, 0.5)]


def test_a_table_without_epochs_counts_its_rows(table: Path) -> None:
    write(table, ",loss,lr\n0,3,0.1\n1,2,0.1\n2,1,0.01\n")
    found = look(table)
    assert points(found, "", "loss", "train_epoch") == [(1, 3), (2, 2), (3, 1)]
    assert (found.learning_rate, found.metric, found.best_epoch) == (0.01, "loss", 3)


def test_the_words_for_accuracy_are_one_and_other_figures_keep_theirs(table: Path) -> None:
    write(table, "epoch,acc,val_sparse_categorical_accuracy,val_mae\n1,0.5,0.75,3\n")
    found = look(table)
    assert points(found, "", "accuracy", "train_epoch") == [(1, 0.5)]
    assert points(found, "", "accuracy", "validation") == [(1, 0.75)]
    assert points(found, "", "mae", "validation") == [(1, 3)]


def test_what_is_no_number_is_a_gap_and_what_was_not_measured_is_no_point(table: Path) -> None:
    write(table, "epoch,loss,val_loss\n0,nan,NA\n1,inf,2\n2,,NA\n3,oops,1\n4,0.5,NA\n")
    found = look(table)
    assert points(found, "", "loss", "train_epoch") == [(1, None), (2, None), (3, None), (4, None), (5, 0.5)]
    assert found.curves["", "loss", "train_epoch"].gaps.tolist() == [1, 1, 1, 1, 0]
    assert found.curves["", "loss", "validation"].gaps.sum() == 0, "Keras validated every second epoch"
    assert found.best_epoch == 4
    assert found.skipped_lines == 0


def test_columns_that_never_hold_a_number_have_no_curve(table: Path) -> None:
    write(table, "epoch,loss,name,val_loss\n0,1,first,NA\n1,0.5,second,NA\n")
    assert set(look(table).curves) == {("", "loss", "train_epoch")}


def test_it_is_followed_while_it_grows_and_a_torn_line_waits(table: Path) -> None:
    follower = CsvFollower(table, lambda: NOW)
    assert follower.poll().phase == "waiting: there is no row yet", "it need not be there"
    write(table, "epoch,lo")
    assert follower.poll().curves == {}
    write(table, "ss,val_loss\n" + rows(0, 1), age=120)
    write(table, "1,0.", age=90)
    assert places(follower.poll(), "", "loss", "train_epoch") == [1]
    write(table, "25,0.5\n", age=60)
    found = follower.poll()
    assert points(found, "", "loss", "train_epoch")[-1] == (2, 0.25)
    assert found.phase == "watching: a row every 30 s"
    assert (found.sign_age, found.data_age) == (60, 60)


def test_the_state_is_never_more_than_what_the_file_tells(table: Path) -> None:
    write(table, "epoch,loss,val_loss\n" + rows(0, 3), age=720)
    found = look(table)
    assert found.state is RunState.UNKNOWN
    assert found.state.live, "it is looked at as often as one that trains"
    assert found.phase == "watching: no new row for 12 min"
    assert "does not tell whether its training goes on" in found.notes[0]


def test_a_row_that_takes_long_is_not_called_late(table: Path) -> None:
    write(table, "epoch,seconds,loss\n1,3600,2\n2,3600,1\n", age=3000)
    assert look(table).phase == "watching: a row every 60 min"


def test_a_training_that_was_started_again_goes_on_after_the_last_row(table: Path) -> None:
    write(table, "epoch,loss,val_loss\n" + rows(0, 3) + rows(0, 2))
    follower = CsvFollower(table, lambda: NOW)
    found = follower.poll()
    assert places(found, "", "loss", "train_epoch") == [1, 2, 3, 4, 5]
    [mark] = [mark for mark in found.marks if mark.kind == "restart"]
    assert (mark.place, mark.step) == (3, 3)
    write(table, "epoch,loss,val_loss\n" + rows(1, 3))  # with another header, and from its second epoch on
    found = follower.poll()
    assert places(found, "", "loss", "train_epoch") == [1, 2, 3, 4, 5, 6, 7]
    assert [mark.place for mark in found.marks if mark.kind == "restart"] == [3, 5]
    assert found.skipped_lines == 0


def test_a_file_that_is_replaced_by_a_longer_one_is_gone_on_with(table: Path) -> None:
    """Our own history.csv is written anew each epoch."""
    text, follower = "epoch,loss,val_loss\n", CsvFollower(table)
    for epoch in range(1, 6):
        text += rows(epoch, epoch + 1)
        write_atomically(table, text)
        found = follower.poll()
    assert places(found, "", "loss", "train_epoch") == [1, 2, 3, 4, 5]
    assert not any("replaced" in note for note in found.notes)
    assert found.step == 5


@pytest.mark.parametrize("whole", [True, False], ids=["replaced", "truncated"])
def test_a_file_that_is_begun_anew_is_read_anew(table: Path, whole: bool) -> None:
    write(table, "epoch,loss,val_loss\n" + rows(0, 9))
    follower = CsvFollower(table)
    follower.poll()
    if whole:
        table.unlink()
    else:
        os.truncate(table, 0)
    write(table, "epoch,loss,accuracy\n0,7,0.5\n")
    found = follower.poll()
    assert points(found, "", "loss", "train_epoch") == [(1, 7)]
    assert ("", "loss", "validation") not in found.curves
    assert "cut or replaced" in " ".join(found.notes)


def test_a_file_that_vanishes_keeps_its_curves_and_may_come_back(table: Path) -> None:
    write(table, "epoch,loss,val_loss\n" + rows(0, 2))
    follower = CsvFollower(table)
    follower.poll()
    text = table.read_bytes()
    table.unlink()
    found = follower.poll()
    assert found.gone
    assert found.phase.endswith("waiting for it")
    assert len(places(found, "", "loss", "train_epoch")) == 2
    write(table, text + rows(2, 3).encode())
    found = follower.poll()
    assert not found.gone
    assert places(found, "", "loss", "train_epoch") == [1, 2, 3]


def test_rows_that_do_not_fit_are_skipped_and_counted(table: Path) -> None:
    write(table, "epoch,loss,val_loss\n" + rows(0, 1))
    write(table, b"1,2\n1,2,3,4\nno,numbers,here\n2,\0,1\n\n\xff\xfe,1,2\n" + rows(5, 6).encode())
    found = look(table)
    assert found.skipped == {OTHER_WIDTH: 2, NO_NUMBERS: 1, NUL_BYTES: 1}
    assert points(found, "", "loss", "train_epoch") == [(1, 1), (2, 1), (6, 1 / 6)]


def test_absurd_epochs_push_nothing_off_the_chart(table: Path) -> None:
    write(table, "epoch,loss\n0,1\n1e300,2\n-5,3\nnan,4\ninf,5\nx,6\n6,7\n")
    assert places(look(table), "", "loss", "train_epoch") == [1, 2, 3, 4, 5, 6, 7]


def test_a_long_table_is_read_a_part_at_a_time_in_bounded_memory(table: Path) -> None:
    write(table, "epoch,loss\n" + "".join(f"{epoch},{epoch == 77_777:d}\n" for epoch in range(250_000)))
    follower = CsvFollower(table)
    shares = []
    while (found := follower.poll(0.0)).reading is not None:
        shares.append(found.reading)
    assert shares
    assert sorted(set(shares)) == shares
    assert all(0 < share < 1 for share in shares)
    curve = found.curves["", "loss", "train_epoch"]
    assert found.step == 250_000
    assert len(curve) <= 4096
    assert curve.high.max() == 1, "a spike of one row stays"
    assert len(found.notes) <= 201
    assert follower.detail("epoch", 0, 10) == {}


def test_a_table_of_ten_thousand_columns_keeps_the_plain_ones(table: Path) -> None:
    names = [f"unit_{number}" for number in range(10_000)]
    write(table, ",".join([*names, "val_loss", "epoch"]) + "\n" + "1," * 10_000 + "2,0\n")
    found = look(table)
    assert len(found.curves) == MOST_CURVES
    assert points(found, "", "loss", "validation") == [(1, 2)]


def test_names_are_harmless_and_heads_may_hold_each_other(table: Path) -> None:
    names = "epoch,a_loss,a_accuracy,a_b_loss,a_b_accuracy,val_a_b_loss,\x1b[31mred_loss,val_\x1b[31mred_loss"
    write(table, f"{names}\n1,1,2,3,4,5,6,7\n")
    found = look(table)
    assert points(found, "a_b", "loss", "train_epoch") == [(1, 3)]
    assert points(found, "a_b", "loss", "validation") == [(1, 5)]
    assert points(found, "a", "accuracy", "train_epoch") == [(1, 2)]
    assert [name for name, _ in CsvSource(table).heads()] == ["a", "a_b", "\\e[31mred"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"1,2,3\n4,5,6\n", "its first line has none"),
        (b"\x7fELF\2\1\1\0\0\n\0\n", "NUL bytes"),
        (b"# A heading\n\nSome words.\nMore words.\n", "no row fits its first line"),
        (b'{\n "loss": 1,\n "epoch": 2\n}\n', "no row fits its first line"),
        (b"x" * (1 << 20) + b"yz", "longer than 1 MiB"),
    ],
    ids=["no names", "program", "prose", "json", "one line"],
)
def test_what_is_no_table_is_refused_in_one_line(table: Path, content: bytes, words: str) -> None:
    table.write_bytes(content)
    with pytest.raises(InputError, match=words) as refused:
        CsvSource(table)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2
    assert not look(table).curves, "should a table become that while it is watched, nothing breaks"


def test_a_folder_a_pipe_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none.csv", tmp_path / "none" / "log.csv"):
        with pytest.raises(InputError, match="name the table"):
            CsvSource(path)
    assert look(tmp_path).curves == {}


def test_an_empty_file_is_waited_for(table: Path) -> None:
    table.touch()
    source = CsvSource(table)
    assert source.heads() == ()
    assert source.name == f"{table.parent.name}/log.csv"
    follower = source.follow()
    assert follower.poll().phase == "waiting: there is no row yet"
    write(table, "epoch,loss,val_loss\n" + rows(0, 1))
    assert follower.poll().epoch == 1


def test_advice_is_given_as_for_a_run_of_ours(table: Path) -> None:
    write(table, "epoch,loss,val_loss\n1,2,2\n2,1,1.5\n3,nan,1.25\n")
    kinds = {one.kind for one in look(table).advice}
    assert {"nan", "best"} <= kinds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.25, "0.25 s"), (45, "45 s"), (720, "12 min"), (10_800, "3 h"), (5 * 86_400, "5 days")],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


CELLS = st.one_of(
    st.floats(width=32).map(str),
    st.integers().map(str),
    st.sampled_from(["", "NA", "nan", "-inf", "1e999", '"', '""', "a\0b", "1_0", " 2 ", "\ud800", "٣"]),
    st.text(max_size=5),
)
LINES = st.one_of(
    st.lists(CELLS, max_size=6).map(",".join),
    st.sampled_from(["epoch,loss,val_loss", "epoch;loss", "1,2,3", "loss", "val_", "_loss,val__loss"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(lines=st.lists(LINES, max_size=12), raw=st.binary(max_size=40), cut=st.integers(0, 200))
def test_whatever_a_file_holds_it_is_read_or_refused(
    table: Path, lines: list[str], raw: bytes, cut: int
) -> None:
    content = "\n".join(lines).encode("utf-8", "surrogatepass") + raw + b"\n1,2,3\n"
    table.unlink(missing_ok=True)
    follower = CsvFollower(table)
    for part in (content[:cut], content, content[cut // 2 :]):
        table.write_bytes(part)
        found = follower.poll()
        json.dumps(found.to_dict(), allow_nan=False)
        for curve in found.curves.values():
            assert all(curve.places[1:] > curve.places[:-1])
            assert not math.isinf(curve.newest)
        with suppress(InputError):  # the only kind of refusal
            CsvSource(table).heads()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(1, 400), max_size=8), starts=st.lists(st.integers(0, 5), max_size=4))
def test_in_whatever_parts_it_comes_it_reads_the_same(
    table: Path, cuts: list[int], starts: list[int]
) -> None:
    text = "epoch,loss,val_loss\n" + "".join(rows(start, start + 3) for start in (0, *starts))
    table.write_text(text, newline="")
    at_once = CsvFollower(table).poll()
    table.write_bytes(b"")
    follower = CsvFollower(table)
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(text)], strict=True):
        with table.open("ab") as file:
            file.write(text[start:end].encode())
        follower.poll()
    in_parts = follower.poll()
    for key, curve in at_once.curves.items():
        assert points(in_parts, *key) == points(at_once, *key)
        assert in_parts.curves[key].steps.tolist() == curve.steps.tolist()
    assert [(mark.kind, mark.place) for mark in in_parts.marks] == [(m.kind, m.place) for m in at_once.marks]
    assert in_parts.best_epoch == at_once.best_epoch
    assert in_parts.notes == at_once.notes
