"""Keys that a person chose, for a bench or for all: mistakes are named with file and line."""

from pathlib import Path

import pytest

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.errors import ConfigError
from workbench.keys import KeyChoice, load_user_keys


def with_settings(make_bench: MakeBench, words: str) -> Path:
    """A bench whose bench.toml ends in these lines."""
    bench = make_bench(0)
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + words)
    return bench.root


def test_keys_stand_in_the_settings_of_a_bench_and_are_no_settings_of_a_run(make_bench: MakeBench) -> None:
    words = '[settings.keys]\nundo = "z"\nredo = ["Z", "ctrl+y"]\nrescan = []\n'
    root = with_settings(make_bench, words)
    bench = Bench.open(root)
    line = (root / "bench.toml").read_text().splitlines().index('undo = "z"') + 1
    place = f"{root / 'bench.toml'}:"
    assert bench.keys == (
        KeyChoice("undo", ("z",), f"{place}{line}"),
        KeyChoice("redo", ("Z", "ctrl+y"), f"{place}{line + 1}"),
        KeyChoice("rescan", (), f"{place}{line + 2}"),
    )
    assert "keys" not in bench.settings().to_dict()


@pytest.mark.parametrize("value", ["1", "true", '""', '["z", 2]', '[["z"]]', str(["a"] * 9)])
def test_what_is_no_key_is_refused_with_file_and_line(make_bench: MakeBench, value: str) -> None:
    root = with_settings(make_bench, f"[settings.keys]\nundo = {value}\n")
    line = (root / "bench.toml").read_text().splitlines().index(f"undo = {value}") + 1
    with pytest.raises(
        ConfigError, match=rf"bench.toml:{line}: undo: expected a key or a list of keys"
    ) as error:
        Bench.open(root)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


def test_a_key_may_be_meant_for_one_screen(make_bench: MakeBench) -> None:
    words = 'keys.undo = "z"\nkeys.sheet_screen.undo = "y"\n[settings.keys.help_screen]\nclose = ["w"]\n'
    bench = Bench.open(with_settings(make_bench, words))
    assert [(one.command, one.keys) for one in bench.keys] == [
        ("undo", ("z",)),
        ("sheet_screen.undo", ("y",)),
        ("help_screen.close", ("w",)),
    ]
    file = bench.root / "bench.toml"
    number = file.read_text().splitlines().index('close = ["w"]') + 1
    assert bench.keys[-1].place == f"{file}:{number}"


def test_a_table_is_needed(make_bench: MakeBench) -> None:
    root = with_settings(make_bench, 'keys = "z"\n')
    with pytest.raises(ConfigError, match="'keys' must be a table"):
        Bench.open(root)


def test_a_persons_own_keys_are_a_file_of_their_own(tmp_path: Path) -> None:
    assert load_user_keys(tmp_path / "keys.toml") == ()
    file = tmp_path / "keys.toml"
    file.write_text('# mine\nundo = "\\\\"\n')
    assert load_user_keys(file) == (KeyChoice("undo", ("\\",), f"{file}:2"),)
    file.write_text("undo = z\n")
    with pytest.raises(ConfigError, match=r"keys.toml: not TOML"):
        load_user_keys(file)


def test_a_file_that_cannot_be_looked_for_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too long") as error:
        load_user_keys(tmp_path / ("k" * 300) / "keys.toml")
    assert "\n" not in str(error.value)
    folder = tmp_path / "keys.toml"
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"keys\.toml"):
        load_user_keys(folder)


def test_the_persons_own_file_lies_where_such_files_belong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "workbench").mkdir()
    (tmp_path / "workbench" / "keys.toml").write_text('flag = "F"\n')
    assert [one.command for one in load_user_keys()] == ["flag"]
