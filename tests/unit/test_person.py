"""What is a person's and no bench's: read from their own file, checked line by line, refused in a bench."""

from pathlib import Path

import pytest

from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.errors import ConfigError
from workbench.person import load_person, person_file
from workbench.settings.notify import NotifySettings


def written(tmp_path: Path, words: str) -> Path:
    """A person's file."""
    path = tmp_path / "config.toml"
    path.write_text(words)
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load_person(tmp_path / "none.toml").notify == NotifySettings()
    assert NotifySettings().command == ""


def test_the_file_lies_with_the_other_choices_of_a_person(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert person_file() == tmp_path / "workbench" / "config.toml"


def test_a_command_is_taken_apart_once(tmp_path: Path) -> None:
    path = written(tmp_path, "[notify]\ncommand = \"notify-send 'a run' {text}\"\non = ['end']\n")
    found = load_person(path).notify
    assert found.arguments == ("notify-send", "a run", "{text}")
    assert found.on == ("end",)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("""command = 'sh -c "echo {text}"'""", "argument of its own"),
        ("command = 'say --text={text}'", "argument of its own"),
        ('command = "say \'half"', "a program and its arguments"),
        ("command = '{run} x'", "cannot be a placeholder"),
        ("comand = 'x'", "did you mean 'command'"),
        ("on = ['never']", "end"),
        ("desktop = 'growl'", "osc9"),
    ],
)
def test_a_mistake_is_refused_with_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    path = written(tmp_path, f"[notify]\n{line}\n")
    with pytest.raises(ConfigError, match=r"config\.toml:2: ") as error:
        load_person(path)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("words", ['[settings.notify]\ncommand = "rm x"\n', 'notify.command = "rm x"\n'])
def test_a_bench_may_not_say_what_is_started_on_this_machine(make_bench: MakeBench, words: str) -> None:
    root = make_bench(0).root
    file = root / "bench.toml"
    file.write_text(file.read_text() + words)
    with pytest.raises(ConfigError, match="a person's setting, not a bench's; move it to") as error:
        Bench.open(root)
    assert str(error.value).startswith(f"{file}:")
    assert error.value.exit_code == 2
