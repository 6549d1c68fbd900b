"""Files, folders and texts of any content: whole or not at all, harmless to show, slips told in one line."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from workbench.bench import Bench, _toml_string
from workbench.errors import BenchError, ConfigError, InputError, WorkbenchError
from workbench.files import read_json, replacing, write_atomically
from workbench.resources import resource
from workbench.text import neutralise
from workbench.toml import read_toml

FOLDER = [HealthCheck.function_scoped_fixture]
quick = tried(max_examples=30, deadline=None, suppress_health_check=FOLDER)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@quick
@given(text=st.text(max_size=30))
def test_any_folders_name_is_written_as_toml_or_refused(tmp_path: Path, text: str) -> None:
    assume("\0" not in text)
    try:
        entry = _toml_string(text)
    except BenchError as error:
        assert any(0xD800 <= ord(one) <= 0xDFFF for one in text), error  # noqa: PT017
        return
    (tmp_path / "x.toml").write_bytes(f"images = {entry}\n".encode())
    assert read_toml(tmp_path / "x.toml")[0]["images"] == text


@quick
@given(data=st.binary(max_size=200), older=st.binary(max_size=20))
def test_a_file_is_the_new_one_or_the_old_one(tmp_path: Path, data: bytes, older: bytes) -> None:
    target = tmp_path / "file"
    target.write_bytes(older)

    def half() -> None:
        with replacing(target, ".part") as file:
            file.write(data[: len(data) // 2])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert target.read_bytes() == older
    write_atomically(target, data)
    assert target.read_bytes() == data
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    versions = [bytes([65 + number]) * 50_000 for number in range(4)]
    write_atomically(target, versions[0])
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(24):
                write_atomically(target, versions[number % 4])
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert target.read_bytes() in versions
    writer.join()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_file_in_the_making_is_hidden_and_ends_as_it_is_told(tmp_path: Path) -> None:
    with replacing(tmp_path / ("x" * 100), ".keras") as file:
        [name] = os.listdir(tmp_path)  # noqa: PTH208
        assert name.startswith(".xxx")
        assert name.endswith(".keras")
        assert len(name) < 80
        file.write(b"1")
    assert (tmp_path / ("x" * 100)).read_bytes() == b"1"


@quick
@given(value=JSON)
def test_json_that_is_an_object_is_read_and_anything_else_refused(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value))
    if isinstance(value, dict):
        assert read_json(path) == value
    else:
        with pytest.raises(InputError, match=r"x\.json: expected a JSON object; the file is damaged"):
            read_json(path)


@quick
@given(text=st.text(max_size=40), limit=st.integers(1, 20))
def test_neutral_text_stays_as_it_is_and_is_never_longer_than_asked(text: str, limit: int) -> None:
    whole = neutralise(text)
    assert neutralise(whole) == whole
    assert len(neutralise(text, limit)) <= limit
    if len(whole) > limit:
        assert neutralise(text, limit) == whole[: limit - 1] + "…"


def test_an_installation_without_its_folders_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("workbench.resources._PACKAGE", tmp_path / "workbench")
    with pytest.raises(WorkbenchError, match="lacks its folder 'configs'; install workbench again"):
        resource("configs")
    (tmp_path / "configs").mkdir()
    assert resource("configs") == tmp_path / "configs"
    (tmp_path / "workbench" / "_resources" / "configs").mkdir(parents=True)
    assert resource("configs").parent.name == "_resources", "a wheel's own come first"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("images = 3", "the key 'images' is missing or no text"),
        ('images = ""', "the key 'images' is missing or no text"),
        ('images = "x"\nschema = []', "the key 'schema' is missing or no text"),
        ('images = "x"', "the key 'schema' is missing or no text"),
        ('images = "x"\nschema = "face"\nsettings = 3', "'settings' must be a table"),
        ('images = "x"\nschema = "fase"', "did you mean 'face'"),
        ('images = "x"\nschema = "gone.toml"', r"gone\.toml: no such file"),
        (
            'images = "x"\nschema = "face"\n[settings.training]\nepochs = 0',
            r"bench\.toml:5: settings\.training",
        ),
    ],
)
def test_a_bench_file_with_a_slip_is_one_line(tmp_path: Path, entry: str, said: str) -> None:
    (tmp_path / "bench.toml").write_text(f"version = 1\n{entry}\n")
    with pytest.raises(InputError, match=said) as caught:
        Bench.open(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("version", ["true", "0.5", '"1"', "[1]"])
def test_a_version_that_is_no_number_is_refused(tmp_path: Path, version: str) -> None:
    (tmp_path / "bench.toml").write_text(f'version = {version}\nimages = "x"\nschema = "face"\n')
    with pytest.raises(ConfigError, match="'version' is missing or no whole number"):
        Bench.open(tmp_path)


def test_relative_pictures_lie_beside_the_bench_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "bench.toml").write_text('version = 1\nimages = "../faces"\nschema = "face"\n')
    monkeypatch.chdir(tmp_path)
    bench = Bench.open(Path("b"))
    assert bench.images_root == tmp_path / "b" / ".." / "faces"
    assert bench.root.is_absolute()
    assert bench.name == "b"
    places = (bench.labels_db, bench.splits_file, bench.catalog_db, bench.runs_dir, bench.cache_dir)
    assert all(place.is_relative_to(bench.root) for place in places)
    assert len(set(places)) == len(places)
