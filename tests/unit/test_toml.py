"""A mistake in a TOML file is one line: file, line, key, what was expected, the nearest name."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from workbench.errors import ConfigError
from workbench.toml import line_of, read_toml, suggestion, validate


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    size: int = Field(3, ge=1)
    names: list[str] = Field(["a"], min_length=1)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    inner: Inner = Inner()
    several: list[Inner] = []


def read(path: Path) -> Outer:
    """A file as the model."""
    table, text = read_toml(path)
    return validate(Outer, table, where=path, text=text)


def refusal(path: Path, text: str | bytes) -> str:
    """What is said about a file of this content."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert caught.value.exit_code == 2
    said = str(caught.value)
    assert said.startswith(str(path))
    assert said.isprintable()
    return said.removeprefix(str(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"\ntitel = "y"\n', ":2: unknown key 'titel'; did you mean 'title'?"),
        ('title = "x"\n[inner]\n\nsise = 3\n', ":4: unknown key 'inner.sise'; did you mean 'size'?"),
        ('title = "x"\ninner.sise = 3\n', ":2: unknown key 'inner.sise'; did you mean 'size'?"),
        ('title = "x"\ninner = { sise = 3 }\n', ":2: unknown key 'inner.sise'; did you mean 'size'?"),
        ('title = "x"\nzzz = 1\n', ":2: unknown key 'zzz'; valid: title, inner, several"),
        ("[inner]\nsize = 3\n", ": the key 'title' is missing; add it"),
        ('title = "x"\n[inner]\nsize = 0\n', ":3: inner.size: Input should be greater than or equal to 1; "),
        ('title = "x"\n[inner]\nsize = "big"\n', ":3: inner.size: Input should be a valid integer"),
        ('title = "x"\n[inner]\nnames = []\n', ":3: inner.names: at least 1 are needed; found 0"),
        ('title = "x"\n[[several]]\n[[several]]\nsise = 1\n', ":4: unknown key 'several.1.sise'"),
    ],
)
def test_a_wrong_key_or_value_is_found_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(tmp_path / "x.toml", text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x', ": not TOML: "),
        ("title = x\n", "(at line 1, column 9)"),
        (b'title = "\xff"\n', ": not UTF-8 at byte 9; save it as UTF-8"),
        (b"\xff\xfet\0", ": not UTF-8 at byte 0"),
        ("#" * ((1 << 20) + 1), ": larger than 1 MiB, so no settings file"),
        ('title = "x"\n"\\u001b[31m" = 1\n', "unknown key '\\x1b[31m'"),
        ("title = ['\u202e', \"\\n\"]\n", "\\u202e"),
    ],
)
def test_what_is_no_settings_file(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in refusal(tmp_path / "x.toml", text)


def test_a_file_that_is_not_there_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file; check the path"):
        read_toml(tmp_path / "no.toml")
    with pytest.raises(ConfigError, match="it is a folder; name a file in it"):
        read_toml(tmp_path)


def test_a_bom_and_windows_line_ends_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'\xef\xbb\xbftitle = "x"\r\n[inner]\r\nsize = 4\r\n')
    assert read(path).inner.size == 4
    assert line_of(read_toml(path)[1], ("inner", "size")) == 3


@pytest.mark.parametrize(
    ("location", "line"),
    [(("a",), 1), (("b",), 2), (("b", "c"), 3), (("b", "f", "g"), 5), (("b", 0, "c"), 3), (("no",), 0)],
)
def test_lines_of_keys(location: tuple[int | str, ...], line: int) -> None:
    assert line_of('a = 1\n[b]\nc = 2\n  [ b.f ]\n"g" = 3\n', location) == line


def test_suggestions() -> None:
    assert suggestion("opochs", ["epochs", "size"]) == "did you mean 'epochs'?"
    assert suggestion("qqq", ["epochs", "size"]) == "valid: epochs, size"
    assert suggestion("qqq", []) == "remove it"
