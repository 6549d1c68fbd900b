"""From a folder of pictures to labels in a file, and what a person hears when they ask for what is wrong."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench, write_pictures
from workbench.cli import _names

HEADER = "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human\n"


def one_line(err: str) -> str:
    """The only line of an error."""
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("workbench: ")
    return lines[0]


def labels(tmp_path: Path, text: str, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("command", sorted(_names()))
def test_every_command_explains_itself(workbench: Workbench, command: str) -> None:
    done = workbench(command, "--help")
    assert done.code == 0
    assert "Usage: workbench" in done.out
    assert command == "open" or "--json" in done.out


def test_init_says_what_it_found_and_what_is_next(workbench: Workbench, tmp_path: Path) -> None:
    write_pictures(tmp_path / "faces" / "nested", 3)
    (tmp_path / "faces" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = workbench("init", tmp_path / "bench", "--images", tmp_path / "faces", "--json")
    found = json.loads(done.out)
    assert (done.code, found["pictures"], list(found["set_aside"])) == (0, 3, ["broken.png"])
    again = workbench("init", tmp_path / "bench", "--images", tmp_path / "faces")
    assert again.code == 2
    assert "is a bench already; open it with" in one_line(again.err)


def test_init_without_pictures_leaves_nothing_behind(workbench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = workbench("init", tmp_path / "bench", "--images", tmp_path / "empty")
    assert done.code == 2
    assert "no pictures" in one_line(done.err)
    assert not (tmp_path / "bench" / "bench.toml").exists()
    write_pictures(tmp_path / "empty", 1)
    assert workbench("init", tmp_path / "bench", "--images", tmp_path / "empty").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["init", "b", "--images", "/no/such"], "no such folder of pictures"),
        (["init", "b"], "--images"),
        (["stats", "/no/such"], "no such folder; make a bench"),
        (["stats", "/"], "is no bench; make one"),
        (["stats", "/", "--jsn"], "--jsn"),
        (["sample", "x", "--count", "0"], "--count"),
        (["/no/such/bench"], "no such folder"),
        (["evaluate", "/", "--json", "--csv"], "exclude each other"),
        (["train", "/", "--config", "fast"], "is no bench"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_2(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("workbench.tui.terminal.check_terminal", lambda: None)
    done = workbench(*arguments)
    assert done.code == 2, done.err
    assert message in one_line(done.err)
    assert done.out == ""


def test_import_reports_every_refused_row_before_anything_is_written(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(4)
    rows = "0000.jpg,0,1,0,3,2,\n0001.jpg,0,7,0,0,2,\nnobody.jpg,0,0,0,0,0,\n0002.jpg,-1,,1,8,3,\n"
    file = labels(tmp_path, HEADER + rows)
    dry = workbench("import", bench.root, file, "--json")
    report = json.loads(dry.out)
    assert dry.code == 2
    assert [row["row"] for row in report["refused"]] == [3, 4]
    assert all(row["reason"] and row["cure"] for row in report["refused"])
    assert "2 of 4 rows refused" in one_line(dry.err)
    stats = json.loads(workbench("stats", bench.root, "--json").out)
    assert stats["complete"] == 0
    applied = workbench(
        "import", bench.root, file, "--apply", "--json", "--refused", tmp_path / "refused.csv"
    )
    assert applied.code == 0, applied.err
    assert json.loads(applied.out)["written"] > 0
    assert len(list(csv.reader((tmp_path / "refused.csv").read_text().splitlines()))) == 3
    assert json.loads(workbench("stats", bench.root, "--json").out)["complete"] == 1


def test_export_gives_back_what_was_imported(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(3)
    file = labels(tmp_path, HEADER + "0000.jpg,0,1,0,3,2,0\n0001.jpg,-1,,1,8,3,0\n0002.jpg,,,,,,1\n")
    assert workbench("import", bench.root, file, "--apply").code == 0
    out = tmp_path / "out.csv"
    assert workbench("export", bench.root, out).code == 0
    rows = {row["file_name"]: row for row in csv.DictReader(out.read_text().splitlines())}
    assert rows["0000.jpg"]["hair_colour"] == "3"
    assert rows["0001.jpg"]["wrinkles"] == "-1"
    assert rows["0001.jpg"]["freckles"] == ""
    assert rows["0002.jpg"]["not_human"] == "1"
    assert workbench("export", bench.root, out, "--names", "--overwrite").code == 0
    assert "blond" in out.read_text()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfef\x00i\x00",
        b"",
        b"file_name;colour_of_the_sky\n0000.jpg;1\n",
        b"\x00\x01\x02\x03",
        b"file_name,wrinkles\n0000.jpg,0\n0000.jpg,1\n",
    ],
)
def test_a_file_that_cannot_be_imported_is_one_line(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path, content: bytes
) -> None:
    bench = make_bench(1)
    file = tmp_path / "labels.csv"
    file.write_bytes(content)
    done = workbench("import", bench.root, file)
    assert done.code == 2
    one_line(done.err)


def test_windows_line_ends_and_a_bom_are_no_problem(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(1)
    file = tmp_path / "labels.csv"
    file.write_bytes(b"\xef\xbb\xbf" + (HEADER + "0000.jpg,0,1,0,3,2,\n").replace("\n", "\r\n").encode())
    done = workbench("import", bench.root, file, "--apply", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["written"] >= 5


def test_preview_writes_a_sheet(workbench: Workbench, make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(1)
    out = tmp_path / "blur.png"
    done = workbench("preview", bench.root, "--kind", "blur", "-o", out, "--set", "dataset.blur_sigma=2")
    assert done.code == 0, done.err
    assert out.read_bytes()[:4] == b"\x89PNG"
    missing = workbench("preview", bench.root, "nobody.jpg", "-o", out)
    assert missing.code == 2
    assert "no such picture" in one_line(missing.err)


def test_a_traceback_only_with_debug(workbench: Workbench, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no such folder"):
        workbench("stats", tmp_path / "missing", "--debug")
