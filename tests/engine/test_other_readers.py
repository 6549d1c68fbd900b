"""Other tools read what we write, and we read what they write: with their own code, where it is installed.

`pip install '.[readers]'` brings `datasets`. `label-studio-sdk` (500 MB, and its OpenCV lies over ours) and
`fiftyone` (1 GB) want environments of their own: name their interpreters, with ":" between them, in
WORKBENCH_READERS_PYTHON.
"""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_pictures
from tests.store.conftest import fingerprint, picture
from tests.store.hostile import read_back
from workbench.annotation.exporting import export
from workbench.annotation.formats import FORMATS
from workbench.annotation.formats.base import ParsedFile, SourceFile
from workbench.annotation.labels import NewEvent, Special
from workbench.annotation.store import LabelStore
from workbench.images.catalog import Picture
from workbench.schema import Schema

NAMES = [
    "0.jpg",
    "=1+1.jpg",
    "a,b 'c' \"d\".jpg",
    "new\nline.jpg",
    "sub/é.jpg",
    "sub/é.png",
    "unanswered.jpg",
]
CHOSEN: dict[str, dict[str, Any]] = {
    "0.jpg": {"glasses": "sunglasses", "wrinkles": "none", "hair_colour": "not_visible"},
    "=1+1.jpg": {"glasses": Special.CANNOT_TELL},
    "a,b 'c' \"d\".jpg": {"glasses": "none"},
    "new\nline.jpg": {"hair_top": "bald"},
    "sub/é.jpg": {"freckles": "yes"},
    "sub/é.png": {"freckles": "none"},
}
_LOAD = """
import json, sys
from datasets import Image, load_dataset
folder = sys.argv[1]
rows = load_dataset("imagefolder", data_dir=folder, split="train")
paths = rows.cast_column("image", Image(decode=False))
names = [one["path"][len(folder) + 1:] for one in paths["image"]]
sizes = [list(one.size) for one in rows["image"]]
columns = {name: rows[name] for name in rows.column_names if name != "image"}
print(json.dumps({"names": names, "sizes": sizes, **{key: list(value) for key, value in columns.items()}}))
"""
_WRITE = """
import json, sys
from datasets import Dataset
folder, rows = sys.argv[1], json.loads(sys.argv[2])
made = Dataset.from_list(rows)
made.to_csv(folder + "/csv/metadata.csv", index=False)
made.to_json(folder + "/jsonl/metadata.jsonl")
made.to_parquet(folder + "/parquet/metadata.parquet")
"""
_CONVERT = """
import sys
from label_studio_sdk.converter import Converter
tasks, out, config = sys.argv[1:4]
converter = Converter(config, "/", download_resources=False)
converter.convert_to_json_min(tasks, out + "/min", is_dir=False)
converter.convert_to_csv(tasks, out + "/csv", is_dir=False, sep=",", header=True)
"""
_IMPORT = """
import json, sys
from fiftyone.utils.data.importers import FiftyOneImageClassificationDatasetImporter as Importer
importer = Importer(dataset_dir=sys.argv[1], data_path="data.json", labels_path=sys.argv[2])
with importer:
    found = {path: label.label if label is not None else None for path, _, label in importer}
print(json.dumps(found))
"""
_EXPORT = """
import sys
import fiftyone.core.labels as fol
from fiftyone.utils.data.exporters import FiftyOneImageClassificationDatasetExporter as Exporter
images, folder = sys.argv[1:3]
exporter = Exporter(export_dir=folder, export_media=False, classes=["none", "normal", "sunglasses"])
with exporter:
    exporter.export_sample(images + "/0000.jpg", fol.Classification(label="sunglasses", confidence=0.9))
    exporter.export_sample(images + "/0001.jpg", None)
"""


@functools.cache
def interpreter_with(probe: str) -> str:
    """An interpreter in which a tool's own code can be imported; "" without one."""
    named = os.environ.get("WORKBENCH_READERS_PYTHON", "")
    for python in [sys.executable, *filter(None, named.split(":"))]:
        found = subprocess.run([python, "-c", f"import {probe}"], capture_output=True, env=_offline())
        if found.returncode == 0:
            return python
    return ""


def _offline() -> dict[str, str]:
    """No network, no colours, nothing in anybody's home."""
    return {
        **{key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "FIFTYONE_DO_NOT_TRACK": "true",
    }


def run(tool: str, probe: str, script: str, home: Path, *arguments: object) -> Any:
    """What a script of another tool's code prints, as JSON; None where it prints nothing."""
    python = interpreter_with(probe)
    if not python:
        pytest.skip(f"{tool} is in no interpreter here; see the head of this file")
    env = {**_offline(), "HF_HOME": str(home / "hf"), "HOME": str(home)}
    done = subprocess.run(
        [python, "-c", script, *map(str, arguments)], capture_output=True, text=True, env=env, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else None


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of small pictures with awkward names."""
    folder = tmp_path / "images"
    (folder / "sub").mkdir(parents=True)
    for path, name in zip(write_pictures(tmp_path / "made", len(NAMES), size=16), NAMES, strict=True):
        path.rename(folder / name)
    return folder


@pytest.fixture
def store(tmp_path: Path, face_schema: Schema) -> LabelStore:
    """Answers for all pictures but one; one shows no face."""
    opened = LabelStore(tmp_path / "labels.db", face_schema, annotator="ana")
    opened.record_many(
        NewEvent(fingerprint(name), head, answer, name, seconds=1.5)
        for name, answers in CHOSEN.items()
        for head, answer in answers.items()
    )
    opened.record(fingerprint("0.jpg"), "not_human", "yes", name="0.jpg")
    return opened


def pictures() -> list[Picture]:
    return [picture(name) for name in NAMES]


def expected(head: str, missing: Any = None) -> list[Any]:
    """A column of the export, sorted by name."""
    words = {Special.CANNOT_TELL: "cannot_tell"}
    found = [CHOSEN.get(name, {}).get(head, missing) for name in sorted(NAMES)]
    return [words.get(one, one) if isinstance(one, Special) else one for one in found]


@pytest.mark.parametrize("kind", ["metadata.csv", "metadata.jsonl", "metadata.parquet"])
def test_datasets_loads_our_imagefolder(
    kind: str, images: Path, store: LabelStore, face_schema: Schema, tmp_path: Path
) -> None:
    if kind.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="Parquet needs pyarrow, which comes with the extra readers")
    done = export(images / kind, face_schema, pictures(), store, images=images)
    assert done.notes == (), "it lies where it belongs"
    loaded = run("datasets", "datasets", _LOAD, tmp_path, images)
    assert loaded["names"] == sorted(NAMES)
    assert loaded["sizes"] == [[16, 16]] * len(NAMES), "every picture opens"
    for head in ("glasses", "hair_colour", "freckles", "wrinkles", "hair_top"):
        assert loaded[head] == expected(head)
    assert loaded["not_human"] == [True, *[False] * (len(NAMES) - 2), None]


def rows_of(parsed: ParsedFile) -> dict[str, dict[str, Any]]:
    assert list(parsed.refused) == []
    return {row.name: dict(row.answers) for row in parsed.rows}


def test_we_read_what_datasets_wrote(tmp_path: Path, face_schema: Schema) -> None:
    rows = [
        {"file_name": "a.jpg", "glasses": "none", "hair_top": 1, "label": "blond", "split": "x"},
        {"file_name": "b, c.jpg", "glasses": None, "hair_top": None, "label": "grey", "split": "y"},
    ]
    run("datasets", "datasets", _WRITE, tmp_path, tmp_path, json.dumps(rows))
    files = ["csv/metadata.csv", "jsonl/metadata.jsonl", "parquet/metadata.parquet"]
    for name in files if _has_pyarrow() else files[:2]:
        parsed = FORMATS["imagefolder"].read(SourceFile.read(tmp_path / name), face_schema, {})
        assert rows_of(parsed) == {
            "a.jpg": {"glasses": "none", "hair_top": "few", "hair_colour": "blond"},
            "b, c.jpg": {"hair_colour": "grey"},
        }
        assert list(parsed.notes) == ["column 'split' is no head: left out"]


def _has_pyarrow() -> bool:
    """Whether Parquet can be read here."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return False
    return True


def config_of(schema: Schema) -> str:
    """A labelling configuration with a control for each head."""
    words = {head.name: [*(one.name for one in head.classes), "cannot_tell"] for head in schema.heads}
    controls = ""
    for name, choices in {**words, schema.exclusion.name: ["yes"]}.items():
        values = "".join(f'<Choice value="{one}"/>' for one in choices)
        controls += f'<Choices name="{name}" toName="image">{values}</Choices>'
    return f'<View><Image name="image" value="$image"/>{controls}</View>'


def test_label_studio_converts_our_tasks_and_we_read_its_files(
    images: Path, store: LabelStore, face_schema: Schema, tmp_path: Path
) -> None:
    tasks, out = tmp_path / "tasks.json", tmp_path / "out"
    export(tasks, face_schema, pictures(), store, images=images)
    run(
        "label-studio-sdk",
        "label_studio_sdk.converter",
        _CONVERT,
        tmp_path,
        tasks,
        out,
        config_of(face_schema),
    )
    for name in ("min/result.json", "csv/result.csv"):
        parsed = FORMATS["label-studio"].read(SourceFile.read(out / name), face_schema, {})
        found = rows_of(parsed)
        assert {name: found[name] for name in CHOSEN} == CHOSEN
        assert found.get("unanswered.jpg", {}) == {}
        excluded = [row.name for row in parsed.rows if row.excluded]
        assert excluded == ["0.jpg"]
        assert {row.seconds["hair_top"] for row in parsed.rows if "hair_top" in row.answers} == {1.5}


def test_fiftyone_imports_our_folder(
    images: Path, store: LabelStore, face_schema: Schema, tmp_path: Path
) -> None:
    folder = tmp_path / "fiftyone"
    export(folder, face_schema, pictures(), store, format="fiftyone", images=images)
    probe = "fiftyone.utils.data.importers"
    for head in face_schema.head_names:
        loaded = run("fiftyone", probe, _IMPORT, tmp_path, folder, f"{head}.json")
        column = dict(zip(sorted(NAMES), expected(head), strict=True))
        assert loaded == {str(images / name): word for name, word in column.items() if word}


def test_we_read_what_fiftyone_wrote(tmp_path: Path, face_schema: Schema) -> None:
    write_pictures(tmp_path / "images", 2)
    folder = tmp_path / "glasses"
    run("fiftyone", "fiftyone.utils.data.exporters", _EXPORT, tmp_path, tmp_path / "images", folder)
    names: Sequence[str] = ["0000.jpg", "0001.jpg"]
    texts = {one.name: one.read_text() for one in folder.iterdir() if one.is_file()}
    carried = read_back("fiftyone", texts, names, face_schema, folder)
    assert carried.answers["0000.jpg"] == {"glasses": "sunglasses"}
    assert carried.answers["0001.jpg"] == {}
    assert list(carried.parsed.refused) == []
