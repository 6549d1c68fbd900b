"""A wheel, installed elsewhere without the clone, finds presets, schemas and the sample faces."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import json, sys
from pathlib import Path
import workbench
from workbench.config import preset_names
from workbench.images.catalog import Catalog
from workbench.sample_bench import open_sample_bench
from workbench.schema import schema_names
bench = open_sample_bench(Path(sys.argv[1]))
catalog = Catalog(bench.images_root, bench.catalog_db)
print(json.dumps([workbench.__file__, preset_names(), schema_names(), catalog.count()]))
catalog.close()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a user's pip would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_program_and_its_resources_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"workbench"}
    assert sum(name.startswith("workbench/_resources/data/sample/") for name in names) > 100
    assert sum(Path(name).suffix == ".tcss" for name in names) == 1


def test_what_is_installed_finds_everything(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path / "sample")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    place, presets, schemas, pictures = json.loads(done.stdout)
    assert Path(place).is_relative_to(tmp_path / "site")
    assert {"fast", "accurate", "reference"} <= set(presets)
    assert {"face", "cartoon_faces"} <= set(schemas)
    assert pictures > 100
