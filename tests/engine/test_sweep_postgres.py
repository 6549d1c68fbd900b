"""A study in a real PostgreSQL, which several machines share; skipped where the machine has none."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Workbench, workbench  # noqa: F401 - a fixture
from tests.conftest import MakeBench
from workbench.bench import Bench
from workbench.errors import StoreError
from workbench.sweep.hold import holding
from workbench.sweep.place import Place, open_storage, place_of
from workbench.sweep.plan import make_plan
from workbench.sweep.reading import result_of
from workbench.sweep.space import read_space
from workbench.sweep.study import Study, TrialTaken, begin_study, open_study

SPACE = """
sampler = "grid"
[parameters.training]
optimizer = ["sgd", "adam"]
learning_rate = [0.1, 0.01, 0.001]
"""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of the test's own."""

    port: int
    password: str

    def url(self, database: str = "postgres", password: str = "") -> str:
        return f"postgresql://ana:{password or self.password}@127.0.0.1:{self.port}/{database}"


def programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders or not (folders[-1] / "postgres").exists():
        pytest.skip("no PostgreSQL is installed on this machine (initdb, postgres)")
    return folders[-1]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with a password, on a port of its own."""
    pytest.importorskip("psycopg", reason="the extra 'postgres' is not installed")
    bin_folder, user = programs(), None
    if os.getuid() == 0:  # it refuses to run as root
        user = next((one.pw_name for one in pwd.getpwall() if one.pw_name in ("postgres", "nobody")), None)
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        folder, password = Path(name), secrets.token_hex(8)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        (folder / "password").write_text(password)
        for path in (folder, folder / "password"):
            shutil.chown(path, user) if user else None
        options = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        data = str(folder / "data")
        making = [bin_folder / "initdb", "-D", data, "-U", "ana", "-A", "scram-sha-256", "--no-sync"]
        subprocess.run([*making, f"--pwfile={folder}/password"], check=True, **options)  # type: ignore[call-overload]
        serving = [bin_folder / "postgres", "-D", data, "-p", str(port), "-k", name, "-c", "fsync=off"]
        with subprocess.Popen(serving, **options) as process:  # type: ignore[call-overload]
            found = Server(port, password)
            wait_for(found)
            yield found
            process.terminate()


def wait_for(server: Server) -> None:
    """Until it answers."""
    import psycopg

    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(server.url()).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


@pytest.fixture
def database(server: Server) -> str:
    """The address of a new, empty database."""
    name = f"studies_{secrets.token_hex(4)}"
    engine = create_engine(server.url().replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.url(name)


@pytest.fixture
def boxes(make_bench: MakeBench) -> tuple[Bench, Bench]:
    """Two benches, as on two machines."""
    return make_bench(1, name="one"), make_bench(1, name="two")


def begun(bench: Bench, url: str, tmp_path: Path) -> Study:
    """The study, begun from one bench or found by the other."""
    space = tmp_path / f"{bench.name}-space" / "mine.toml"  # each box has a file of its own
    space.parent.mkdir(exist_ok=True)
    space.write_text(SPACE)
    plan = make_plan(bench, "mine", read_space(space))
    return begin_study(place_of(bench, "mine", url), plan)


def test_boxes_that_begin_at_once_share_the_trials_of_one_study(
    workbench: Workbench,  # noqa: F811
    boxes: tuple[Bench, Bench],
    database: str,
    tmp_path: Path,
) -> None:
    found: list[tuple[str, int, tuple[object, ...]]] = []
    failures: list[BaseException] = []

    def work(bench: Bench) -> None:
        try:
            study = begun(bench, database, tmp_path)
            while trial := study.claim(1000):
                found.append((bench.name, trial.number, tuple(trial.values.values())))
                trial.report(1, 0.5)
                trial.end("complete", 0.5)
            study.close()
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(bench,)) for bench in boxes]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failures == []
    assert sorted(number for _, number, _ in found) == list(range(6))
    assert len({values for _, _, values in found}) == 6, "each combination once, whoever trained it"
    shown = workbench("sweep", boxes[0].root, "mine", "--show", "--storage", database)
    assert f" is on {socket.gethostname()}, in the bench that it was trained in" in shown.out
    study = open_study(place_of(boxes[0], "mine", database), "mine", write=False)
    assert study is not None
    result = result_of(boxes[0], study)
    study.close()
    assert {one.state for one in result.trials} == {"complete"}


def test_what_one_box_has_left_is_taken_up_by_that_box_only(
    boxes: tuple[Bench, Bench], database: str, tmp_path: Path
) -> None:
    first, second = (begun(bench, database, tmp_path) for bench in boxes)
    left = first.claim(1000)
    assert left is not None
    assert second.unfinished() == []
    other = second.claim(1000)
    assert other is not None
    assert (left.number, other.number) == (0, 1)
    assert [one.number for one in first.unfinished()] == [0]
    for study in (first, second):
        study.close()


def test_the_trial_of_a_box_that_is_gone_is_given_to_another(
    boxes: tuple[Bench, Bench], database: str, tmp_path: Path
) -> None:
    first, second = (begun(bench, database, tmp_path) for bench in boxes)
    gone = first.claim(6)
    assert gone is not None
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE trial_heartbeats SET heartbeat = heartbeat - interval '1 hour'"))
    engine.dispose()
    values = []
    while trial := second.claim(6):
        values.append(trial.values)
        trial.end("failed")
    assert len(values) == 6, "the five others, and the one that is repeated"
    assert gone.values in values
    with pytest.raises(TrialTaken, match="trial 0 of mine: another machine has ended it"):
        gone.report(1, 0.5)
    for study in (first, second):
        study.close()


def test_a_wrong_password_is_one_line_without_it(boxes: tuple[Bench, Bench], server: Server) -> None:
    place = place_of(boxes[0], "mine", server.url(password="not-the-word"))
    with pytest.raises(StoreError, match=r"ana@127\.0\.0\.1:\d+/postgres: .*check the address") as refused:
        open_storage(place, write=True)
    assert "not-the-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


def held(place: Place) -> bool:
    """Whether it can be held."""
    with holding(place, "mine"):
        return True


def test_the_password_stands_nowhere_in_the_bench_and_nowhere_on_the_screen(
    workbench: Workbench,  # noqa: F811
    boxes: tuple[Bench, Bench],
    database: str,
    server: Server,
    tmp_path: Path,
) -> None:
    bench = boxes[0]
    assert held(place_of(bench, "mine", database))
    begun(bench, database, tmp_path).close()
    for arguments in (["mine", "--show"], ["mine", "--show", "--json"], ["nosuch", "--show"], []):
        done = workbench("sweep", bench.root, *arguments, "--storage", database)
        assert done.code == (2 if "nosuch" in arguments else 0), done.err
        assert server.password not in done.out + done.err
    assert "postgresql://ana@127.0.0.1" in workbench("sweep", bench.root, "--storage", database).out
    files = [path for path in bench.root.rglob("*") if path.is_file()]
    assert any(path.name.startswith("mine@") for path in files)
    assert not [path for path in files if server.password.encode() in path.read_bytes()]
