"""Notes and tags are kept beside the run, and nothing else is changed by them."""

import json
import os
from pathlib import Path

import pytest

from tests.unit.training.conftest import MakeRun, maker
from workbench.errors import InputError, RunRefused, WorkbenchError
from workbench.monitoring import remarks as module
from workbench.monitoring.remarks import (
    Remarks,
    change_tags,
    read_remarks,
    remarks_file,
    set_tags,
    split_tags,
    write_note,
)
from workbench.monitoring.summary import list_runs
from workbench.training.run import RunFolder


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    return maker(tmp_path)


@pytest.fixture
def run(make_run: MakeRun) -> RunFolder:
    return make_run()


def test_what_was_written_is_read_again_and_listed(run: RunFolder) -> None:
    before = run.run_json.read_bytes()
    assert read_remarks(run) == Remarks()
    assert write_note(run, "  two\nlines\t[red] 髪 ") == Remarks("two lines [red] 髪")
    assert set_tags(run, ["good", "baseline", "good"]) == Remarks("two lines [red] 髪", ("good", "baseline"))
    assert change_tags(run, ["new"], ["good"]).tags == ("baseline", "new")
    assert write_note(run, "") == read_remarks(run) == Remarks("", ("baseline", "new"))
    [listed] = list_runs(run.root.parent)
    assert (listed.tags, listed.note) == (("baseline", "new"), "")
    assert run.run_json.read_bytes() == before
    assert json.loads(remarks_file(run).read_text())["tags"] == ["baseline", "new"], "plain JSON for others"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\x00",
        b"[" * 100_000,
        b'{"note": 5, "tags": "good"}',
        b'{"note": ["x"], "tags": {"good": 1}}',
        b'{"tags": [1, null, "", "two words", ["x"]]}',
        b'{"note": "' + b"x" * (1 << 20) + b'"}',
    ],
)
def test_damaged_remarks_read_as_none_and_can_be_written_anew(run: RunFolder, damage: bytes) -> None:
    remarks_file(run).write_bytes(damage)
    assert read_remarks(run) == Remarks()
    assert [one.name for one in list_runs(run.root.parent)] == [run.name]
    assert write_note(run, "again") == read_remarks(run) == Remarks("again")


def test_a_folder_or_a_loop_in_their_place_is_no_traceback(run: RunFolder) -> None:
    remarks_file(run).symlink_to(remarks_file(run).name)
    assert read_remarks(run) == Remarks()
    remarks_file(run).unlink()
    remarks_file(run).mkdir()
    assert read_remarks(run) == Remarks()
    with pytest.raises(RunRefused, match=f"{run.name}: notes and tags cannot be kept there"):
        write_note(run, "x")


@pytest.mark.parametrize("tag", ["", "two words", "a,b", "-x", 'a"b', "a\x1b[2J", "x" * 41, "\u202e", "a\n"])
def test_a_word_that_cannot_be_typed_in_a_filter_is_no_tag(run: RunFolder, tag: str) -> None:
    set_tags(run, ["kept"])
    with pytest.raises(InputError, match="cannot be a tag") as caught:
        change_tags(run, [tag])
    assert str(caught.value).isprintable()
    assert read_remarks(run).tags == ("kept",)


def test_too_much_is_refused(run: RunFolder) -> None:
    with pytest.raises(InputError, match="33 tags for one run; at most 32"):
        set_tags(run, [f"t{number}" for number in range(33)])
    with pytest.raises(InputError, match="2001 characters; at most 2000"):
        write_note(run, "x" * 2001)
    with pytest.raises(InputError, match=f"{run.name}: no tag 'gone'; it has no tags"):
        change_tags(run, (), ["gone"])
    assert not remarks_file(run).exists()


def test_a_run_that_somebody_removed_is_not_made_again_by_a_note(run: RunFolder) -> None:
    run.root.rename(run.root.with_name("elsewhere"))
    with pytest.raises(RunRefused, match="is not there any more"):
        write_note(run, "x")
    assert not run.root.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_reader_without_permission_gets_one_line(run: RunFolder) -> None:
    run.root.chmod(0o555)
    try:
        with pytest.raises(RunRefused, match="cannot be kept there: no permission; its owner can write them"):
            write_note(run, "x")
    finally:
        run.root.chmod(0o755)


def test_a_full_disk_leaves_what_was_kept(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    write_note(run, "kept")

    def full(path: Path, data: str) -> None:
        raise InputError("no permission", where=path, cure="choose another folder")

    monkeypatch.setattr(module, "write_atomically", full)  # root, as here, may write everywhere
    with pytest.raises(WorkbenchError, match=f"^{run.name}: .*no permission; its owner can write them$"):
        write_note(run, "lost")
    assert read_remarks(run).note == "kept"


def test_a_typed_line_is_parted_at_blanks_and_commas() -> None:
    assert split_tags(" good, baseline  old,") == ["good", "baseline", "old"]
