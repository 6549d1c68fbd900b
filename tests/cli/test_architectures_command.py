"""`workbench architectures`: every network with its parameters, for the heads and sizes that one has."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import Workbench
from tests.conftest import MakeBench
from workbench.config import ModelSettings
from workbench.model.backbones import BACKBONES
from workbench.model.registry import architecture_names
from workbench.model.sizes import parameters
from workbench.schema import load_schema


def test_every_network_is_listed_with_its_parameters_and_how_to_bring_weights(workbench: Workbench) -> None:
    done = workbench("architectures")
    assert (done.code, done.err) == (0, "")
    first, *lines = done.out.splitlines()
    assert "'face'" in first
    assert "144 pixels" in first, "of the preset fast"
    rows = {line.split()[0]: line.split()[1] for line in lines if line and "parameters" not in line}
    face = load_schema("face")
    for name in architecture_names():
        assert rows[name] == str(parameters(ModelSettings(architecture=name), face, 144))
    assert set(BACKBONES) < set(rows)
    assert 'save_weights("MobileNetV2.weights.h5")' in done.out


def test_json_says_for_which_heads_and_sizes_it_was_counted(workbench: Workbench) -> None:
    document = json.loads(workbench("architectures", "--json").out)
    assert document["heads"] == {head.name: len(head.classes) for head in load_schema("face").heads}
    assert (document["schema"], document["size"], document["model"]["width"]) == ("face", 144, 24)
    assert [one["name"] for one in document["architectures"]] == list(architecture_names())
    for one in document["backbones"]:
        assert one["parameters"] > BACKBONES[one["name"]].parameters
        assert one["name"] in one["how_to_bring"]
        assert one["source"]


def test_a_bench_counts_its_own_heads_and_settings(workbench: Workbench, make_bench: MakeBench) -> None:
    bench = make_bench(0, "cartoon_faces")
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + "[settings.model]\ndense = 16\n")
    document = json.loads(workbench("architectures", bench.root, "--set", "dataset.size=64", "--json").out)
    assert (document["schema"], document["size"]) == ("cartoon_faces", 64)
    found = {one["name"]: one["parameters"] for one in document["architectures"]}
    for name in architecture_names():
        assert found[name] == parameters(ModelSettings(architecture=name, dense=16), bench.schema, 64)


def test_what_cannot_be_built_with_the_sizes_says_so_in_its_row(workbench: Workbench) -> None:
    arguments = ("architectures", "--set", "model.depth=6", "--set", "dataset.size=32")
    done = workbench(*arguments)
    assert done.code == 0
    assert "6 blocks halve a picture of 32 pixels to nothing" in done.out
    assert "mobilenet halves a picture 5 times at most" in done.out
    found = {one["name"]: one for one in json.loads(workbench(*arguments, "--json").out)["architectures"]}
    assert found["trunk"]["parameters"] is None
    assert found["reference"]["parameters"] > 0
    assert found["reference"]["refused"] == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "model.width=1000"), "less than or equal to 256"),
        (("--set", "model.backbone=VGG"), "'MobileNetV2'"),
        (("--config", "nonsense"), "no preset is named 'nonsense'"),
        (("/no/such/bench",), "no such folder"),
    ],
)
def test_wrong_input_is_refused_in_a_line(
    workbench: Workbench, arguments: tuple[str, ...], said: str
) -> None:
    done = workbench("architectures", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_counting_needs_no_keras() -> None:
    code = (
        "import sys; from workbench.cli import main\n"
        "try: main(['architectures', '--json'])\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        "assert not {'keras', 'tensorflow', 'pandas'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
