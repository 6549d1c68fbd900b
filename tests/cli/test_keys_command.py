"""`workbench keys`: a file that one can change, save and use; what is wrong in it is one line."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench


@pytest.fixture(autouse=True)
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person without keys of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "workbench"
    folder.mkdir(parents=True)
    return folder


def test_what_is_printed_is_the_file_that_it_speaks_of(workbench: Workbench, own_config: Path) -> None:
    done = workbench("keys")
    assert (done.code, done.err) == (0, "")
    table = tomllib.loads(done.out)
    assert table["undo"] == ["u", "ctrl+z"]
    assert table["cannot_tell"] == ["?"]
    assert table["help"] == ["f1"]
    assert str(own_config / "keys.toml") in done.out.splitlines()[0]
    (own_config / "keys.toml").write_text(done.out)
    assert workbench("keys").out == done.out, "it can be used as it is"


def test_what_was_chosen_is_shown_for_its_bench(workbench: Workbench, make_bench: MakeBench) -> None:
    root = make_bench(0).root
    file = root / "bench.toml"
    file.write_text(file.read_text() + '[settings.keys]\nundo = "\\\\"\n')
    assert tomllib.loads(workbench("keys", root).out)["undo"] == ["\\"]
    document = json.loads(workbench("keys", root, "--json").out)
    assert document["commands"]["label_screen"]["undo"] == {"keys": ["\\"], "title": "Undo"}
    assert tomllib.loads(workbench("keys").out)["undo"] == ["u", "ctrl+z"]


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ('undo = "1"', "undo: the key 1 is taken by the class 'none' of 'wrinkles'; choose another key"),
        ('undo = "n"', "undo: the key n is taken by the command 'next_unlabelled'; choose another key"),
        ('undoo = "z"', "no command is named 'undoo'; did you mean 'undo'?"),
        ("undo = 1", "undo: expected a key or a list of keys"),
        ('undo = "ctrl+m"', "undo: a terminal sends enter for ctrl+m"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_line(
    workbench: Workbench, make_bench: MakeBench, line: str, refusal: str
) -> None:
    root = make_bench(0).root
    file = root / "bench.toml"
    file.write_text(f"{file.read_text()}[settings.keys]\n{line}\n")
    number = file.read_text().splitlines().index(line) + 1
    done = workbench("keys", root)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert f"{file}:{number}: {refusal}" in done.err
