"""The catalog's table: any name, any number of threads, and never a reason not to start."""

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.images.shelf import RETRY, VERSION, Row, Shelf

NAMES = st.binary(min_size=1, max_size=30).filter(lambda raw: b"\0" not in raw).map(os.fsdecode)


def row(name: str, fingerprint: bytes | None = b"f" * 16, reason: str | None = None) -> Row:
    return Row(name, 10, 20, 30, fingerprint, 4, 3, reason)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty table."""
    return Shelf(tmp_path / "cache" / "catalog.db")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=st.sets(NAMES, max_size=6))
def test_any_name_that_a_file_system_allows_comes_back(shelf: Shelf, names: set[str]) -> None:
    shelf.replace([], remove=shelf.rows())
    shelf.replace([row(name) for name in names])
    assert set(shelf.rows()) == names
    assert {os.fsdecode(name) for name, *_ in shelf.usable()} == names


def test_rows_come_back_as_they_were(shelf: Shelf) -> None:
    rows = [row("a.jpg"), row("b.jpg", None, "truncated"), Row("c.jpg", 2**40, RETRY, 2**62, None, 0, 0, "x")]
    shelf.replace(rows)
    assert list(shelf.rows().values()) == rows


def test_usable_and_unusable_are_sorted_and_counted(shelf: Shelf) -> None:
    shelf.replace([row("c"), row("a"), row("b", None, "empty file")])
    assert [name for name, *_ in shelf.usable()] == [b"a", b"c"]
    assert shelf.unusable() == [(b"b", "empty file")]
    assert shelf.count() == 2


def test_replacing_overwrites_and_removing_forgets(shelf: Shelf) -> None:
    shelf.replace([row("a"), row("b")])
    shelf.replace([row("a", b"g" * 16)], remove=["b", "never there"])
    assert [(name, one.fingerprint) for name, one in shelf.rows().items()] == [("a", b"g" * 16)]


def test_removed_and_put_in_again_at_once_stays(shelf: Shelf) -> None:
    shelf.replace([row("a")])
    shelf.replace([row("a", None, "closed")], remove=["a"])
    assert shelf.unusable() == [(b"a", "closed")]


def test_repeated_names_only_files_with_a_twin(shelf: Shelf) -> None:
    shelf.replace([row("a", b"1" * 16), row("b", b"2" * 16), row("c", b"1" * 16)])
    shelf.replace([row("d", None, "damaged"), row("e", None, "damaged")])
    assert shelf.repeated() == [(b"1" * 16, b"a"), (b"1" * 16, b"c")]


def test_failed_transaction_leaves_everything_as_it_was(shelf: Shelf) -> None:
    shelf.replace([row("a")])
    broken = Row("b", "no number", 0, 0, None, None, 0, None)  # type: ignore[arg-type]
    with pytest.raises(WorkbenchError, match="may be deleted"):
        shelf.replace([row("c"), broken], remove=["a"])
    assert list(shelf.rows()) == ["a"]


def test_threads_write_and_read_at_once(shelf: Shelf) -> None:
    def put(start: int) -> None:
        for index in range(start, start + 4):
            shelf.replace([row(f"{index:03d}")])
            assert f"{index:03d}" in shelf.rows()

    threads = [threading.Thread(target=put, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shelf.count() == 12


def test_file_carries_its_version(shelf: Shelf, tmp_path: Path) -> None:
    shelf.replace([row("a")])
    with sqlite3.connect(tmp_path / "cache" / "catalog.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_reopened_it_holds_what_was_put_in(shelf: Shelf, tmp_path: Path) -> None:
    shelf.replace([row("a")])
    assert Shelf(tmp_path / "cache" / "catalog.db").count() == 1


@pytest.mark.parametrize("content", [b"", b"x", b"SQLite format 3\0" + b"\xff" * 4000])
def test_any_other_file_in_its_place_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.db"
    path.write_bytes(content)
    shelf = Shelf(path)
    shelf.replace([row("a")])
    assert shelf.count() == 1


def test_folder_in_its_place_says_so(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").mkdir()
    with pytest.raises(WorkbenchError) as caught:
        Shelf(tmp_path / "catalog.db")
    assert "catalog.db" in str(caught.value)


def test_locked_database_says_what_to_do_and_is_not_deleted(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache" / "catalog.db"
    shelf.replace([row("a")])
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name, timeout=5.0: real(name, timeout=0.01))
    holder = real(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(WorkbenchError, match=r"locked.*close other programs"):
        shelf.replace([row("b")])
    with pytest.raises(WorkbenchError, match="locked"):
        Shelf(path)
    holder.execute("ROLLBACK")
    holder.close()
    assert Shelf(path).count() == 1


def test_temporary_copy_is_removed_on_closing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    shelf = Shelf(tmp_path / "catalog.db")
    shelf.replace([row("a")])
    copy = shelf._database
    assert copy.exists()
    assert copy != tmp_path / "catalog.db"
    shelf.close()
    assert not copy.exists()
    assert not (tmp_path / "catalog.db").exists()
