"""Where a study is kept and who may work on it; a password is never shown."""

import os
import subprocess
import sys

import pytest

from workbench.bench import Bench
from workbench.errors import ConfigError, StoreError, WorkbenchError
from workbench.sweep.hold import StudyHeld, holder, holding, lock_file
from workbench.sweep.place import open_storage, place_of, without_password

SECRET = "s3cret-Ä"
HOLD = """
import sys
from pathlib import Path
from workbench.bench import Bench
from workbench.sweep.hold import holding
from workbench.sweep.place import place_of
with holding(place_of(Bench.open(Path(sys.argv[1])), "mine"), "mine"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ana:{SECRET}@box1:5433/studies",
        f"postgres://ana:{SECRET}@box1:5433/studies?sslmode=require",
        f"postgresql+psycopg://ana@box1:5433/studies?password={SECRET}",
        f"postgresql://ana:in two {SECRET}@box1:5433/studies",
        f"postgresql://ana@box1:5433/studies?password=in two {SECRET}",
    ],
)
def test_an_address_is_shown_without_its_password(bench: Bench, url: str) -> None:
    place = place_of(bench, "mine", url)
    assert place.shared
    assert place.shown == "postgresql://ana@box1:5433/studies"
    assert SECRET not in repr(place)
    [word] = without_password([f"--storage={url}"])
    assert SECRET not in word
    assert "box1:5433/studies" in word


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"ana:{SECRET}@box1", "no address of a database"),
        (f"sqlite:///ana:{SECRET}", "a study is not kept in sqlite"),
        (f"mysql://ana:{SECRET}@box1/studies", "a study is not kept in mysql"),
        (f"postgresql://ana:{SECRET}@box1", "the address names no database"),
        (f"postgresql://ana:{SECRET}@box1:port/studies", "no address of a database"),
        (f"postgresql://ana:a@{SECRET}@box1/studies", "it has two @; write an @ within the password as %40"),
        (f"postgresql://ana:a@b/{SECRET}@box1/studies", "it has two @"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(bench: Bench, url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        place_of(bench, "mine", url)
    assert SECRET not in str(refused.value)
    assert "PGPASSWORD" in str(refused.value)


def test_a_server_that_is_not_there_is_one_line(bench: Bench) -> None:
    pytest.importorskip("psycopg", reason="the extra 'postgres' is not installed")
    place = place_of(bench, "mine", f"postgresql://ana:{SECRET}@127.0.0.1:1/studies")
    with pytest.raises(
        StoreError, match=r"ana@127\.0\.0\.1:1/studies: .*refused; check the address"
    ) as refused:
        open_storage(place, write=True)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "../mine", "a/b", ".hidden", "a b", "a" * 65, "\x1b[2J", "naïve"])
def test_a_name_that_cannot_be_a_file_is_refused(bench: Bench, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name of a study") as refused:
        place_of(bench, name)
    assert "\x1b" not in str(refused.value)


def test_a_study_that_another_process_holds_is_refused_with_its_number(bench: Bench) -> None:
    place = place_of(bench, "mine")
    command = [sys.executable, "-c", HOLD, str(bench.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(
                StudyHeld, match=rf"^mine: process {other.pid} on .* works on this study"
            ) as refused,
            holding(place, "mine"),
        ):
            raise AssertionError
        assert refused.value.exit_code == 2
        assert f"process {other.pid}" in holder(place, "mine")
        with holding(place_of(bench, "another"), "another"):
            pass
        other.kill()
    assert holder(place, "mine") == "", "the kernel frees it, however the process ends"
    with holding(place, "mine"):
        assert f"process {os.getpid()}" in holder(place, "mine")


def test_what_stands_in_a_lock_file_is_not_trusted(bench: Bench) -> None:
    place = place_of(bench, "mine")
    with holding(place, "mine"):
        lock_file(place, "mine").write_text('{"process": "\\u001b[2J", "host": 1, "since": 1e300}')
        assert holder(place, "mine") == "another process"


def test_a_bench_that_cannot_be_written_cannot_be_held(bench: Bench) -> None:
    bench.studies_dir.write_text("a file in its place")
    with pytest.raises(WorkbenchError, match="studies"), holding(place_of(bench, "mine"), "mine"):
        raise AssertionError
