"""Which networks can be asked for, and where a backbone's weights are looked for: all of it without Keras."""

import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.bench import Bench
from workbench.config import ModelSettings, describe, load_settings
from workbench.errors import ConfigError
from workbench.model.backbones import _IMAGENET_DEVIATION, _IMAGENET_MEAN, BACKBONES, how_to_bring
from workbench.model.registry import architecture_names, begins_with, check_architecture
from workbench.model.sizes import MOBILENET_DEPTH, bottlenecks, parameters, stage_filters
from workbench.schema import load_schema
from workbench.settings import Settings
from workbench.settings.model import anchored

FACE = load_schema("face")


def test_the_setting_names_every_architecture_and_backbone() -> None:
    fields = {one.key: one for one in describe(load_settings())}
    assert all(name in fields["model.architecture"].meaning for name in architecture_names())
    assert fields["model.backbone"].valid.split(" | ") == list(BACKBONES)
    for name in architecture_names():
        assert (
            Path(sys.modules[check_architecture.__module__].__file__ or "").parent / f"{name}.py"
        ).is_file()


@pytest.mark.parametrize("architecture", ["trunk", "resnet", "mobilenet"])
@pytest.mark.parametrize("size", [32, 96, 100, 512])
def test_pictures_may_be_as_small_as_the_halvings_allow(architecture: str, size: int) -> None:
    deepest = min(6, size.bit_length() - 1)
    if architecture == "mobilenet":
        deepest = min(deepest, MOBILENET_DEPTH)
    check_architecture(ModelSettings(architecture=architecture, depth=deepest), size)
    if deepest < 6:
        with pytest.raises(ConfigError) as caught:
            check_architecture(ModelSettings(architecture=architecture, depth=deepest + 1), size)
        said = str(caught.value)
        assert said.startswith("model.depth: ")
        assert f"model.depth={deepest}" in said
        assert "\n" not in said


def test_a_refusal_of_small_pictures_gives_both_ways_out() -> None:
    with pytest.raises(ConfigError) as caught:
        check_architecture(ModelSettings(architecture="resnet", depth=6), 40)
    assert "halve a picture of 40 pixels to nothing" in str(caught.value)
    assert "model.depth=5 at most" in caught.value.cure
    assert "dataset.size=64 at least" in caught.value.cure


@pytest.mark.parametrize("architecture", ["reference", "backbone"])
def test_fixed_networks_take_every_size_whatever_the_depth(architecture: str) -> None:
    for size in (32, 33, 512):
        check_architecture(ModelSettings(architecture=architecture, depth=6), size)


@pytest.mark.parametrize(
    ("settings", "where", "cure"),
    [
        (ModelSettings(architecture="resnett"), "model.architecture", "did you mean 'resnet'"),
        (ModelSettings(weights="/w.h5"), "model.weights", "model.architecture=backbone"),
        (ModelSettings(architecture="resnet", frozen=0.5), "model.frozen", "model.architecture=backbone"),
        (ModelSettings(architecture="backbone", frozen=0.5), "model.frozen", "model.weights"),
        (ModelSettings(architecture="backbone", weights="/no/w.h5"), "/no/w.h5", "save_weights"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(
    settings: ModelSettings, where: str, cure: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_architecture(settings, 96)
    assert (caught.value.where, caught.value.exit_code) == (where, 2)
    assert cure in caught.value.cure


def test_a_run_says_with_which_weights_a_backbone_begins() -> None:
    assert begins_with(ModelSettings()) == ""
    alone = ModelSettings(architecture="backbone", backbone="ResNet50")
    assert begins_with(alone) == "ResNet50 begins with random weights, as model.weights names no file"
    brought = alone.model_copy(update={"weights": "/w.h5", "frozen": 0.75})
    assert begins_with(brought) == "ResNet50 begins with the weights of /w.h5; 75% of its layers do not learn"


def test_a_relative_path_of_weights_begins_at_the_bench_whatever_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "images").mkdir()
    bench = Bench.create(tmp_path / "bench", images=tmp_path / "images")
    file = bench.root / "bench.toml"
    file.write_text(file.read_text() + '[settings.model]\nweights = "w/a.h5"\n')
    monkeypatch.chdir(tmp_path / "images")
    opened = Bench.open(Path("../bench"))
    for settings, name in (
        (opened.settings("fast"), "w/a.h5"),
        (opened.settings("fast", ["model.weights=b.h5"]), "b.h5"),
        (opened.settings(None, ['model.weights="../c.h5"']), "../c.h5"),
    ):
        found = Path(settings.model.weights)
        assert found.is_absolute()
        assert found.resolve() == (tmp_path / "bench" / name).resolve()
        assert Settings.from_dict(settings.to_dict()) == settings, "as run.json keeps it"


def test_in_a_preset_of_ones_own_it_begins_at_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "presets").mkdir()
    preset = tmp_path / "presets" / "mine.toml"
    preset.write_text('[model]\narchitecture = "backbone"\nweights = "w.h5"\n')
    monkeypatch.chdir(tmp_path)
    found = load_settings("presets/mine.toml", folder=tmp_path / "bench").model.weights
    assert found == str(tmp_path / "presets" / "w.h5")
    assert load_settings(preset, ["model.weights=/else/x.h5"]).model.weights == "/else/x.h5"
    assert load_settings(preset, ['model.weights=""']).model.weights == ""


def test_a_path_from_home_is_found_and_anything_else_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings(None, ["model.weights=~/w.h5"]).model.weights == str(tmp_path / "w.h5")
    unknown = load_settings(None, ["model.weights=~nobody-of-this-name/w.h5"], folder=tmp_path)
    assert unknown.model.weights == str(tmp_path / "~nobody-of-this-name" / "w.h5")
    others: list[dict[str, Any]] = [{}, {"model": 3}, {"model": {}}, {"model": {"weights": 5}}]
    for table in (*others, {"model": {"weights": ""}}):
        assert anchored(table, tmp_path) == table
    with pytest.raises(ConfigError, match="should be a valid string; received 5"):
        load_settings(None, ["model.weights=5"])


def test_each_stage_doubles_the_filters_up_to_a_limit() -> None:
    assert stage_filters(ModelSettings()) == (24, 48, 96, 192, 256)
    assert stage_filters(ModelSettings(width=256, depth=3)) == (256, 256, 256)


def test_the_whole_mobilenet_is_the_papers() -> None:
    """Table 2 of the paper: 17 bottlenecks, five halvings with the first convolution."""
    blocks = bottlenecks(ModelSettings(architecture="mobilenet", width=32, depth=5))
    assert len(blocks) == 17
    assert [block.filters for block in blocks] == [
        16,
        *[24] * 2,
        *[32] * 3,
        *[64] * 4,
        *[96] * 3,
        *[160] * 3,
        320,
    ]
    assert sum(block.stride == 2 for block in blocks) == MOBILENET_DEPTH - 1
    assert sum(block.residual for block in blocks) == 10
    last_convolution = 320 * 1280 + 4 * 1280
    first = (27 + 4) * 32
    assert (
        first + sum(block.parameters for block in blocks) + last_convolution
        == BACKBONES["MobileNetV2"].parameters
    )


def test_narrow_mobilenets_keep_eight_filters_and_never_lose_a_tenth() -> None:
    for width in range(4, 257):
        for block in bottlenecks(ModelSettings(architecture="mobilenet", width=width)):
            assert block.filters % 8 == 0
            assert block.filters >= 8


def test_only_the_reference_grows_with_the_picture() -> None:
    for name in architecture_names():
        settings = ModelSettings(architecture=name)
        grows = parameters(settings, FACE, 200) > parameters(settings, FACE, 96)
        assert grows == (name == "reference")
    branches = sum(1_063_872 + 129 * len(head.classes) for head in FACE.heads)
    assert parameters(ModelSettings(architecture="reference"), FACE, 200) == branches


def test_efficientnet_sees_what_its_imagenet_weights_were_trained_with() -> None:
    """Keras divides by the root of the deviation once more, but only where it fetches them itself."""
    backbone = BACKBONES["EfficientNetB0"]
    for scale, offset, mean, deviation in zip(
        backbone.scale, backbone.offset, _IMAGENET_MEAN, _IMAGENET_DEVIATION, strict=True
    ):
        for value in (0.0, 17.0, 255.0):
            inside = ((scale * value + offset) / 255 - mean) / deviation
            fetched = (value / 255 - mean) / deviation / deviation**0.5
            assert inside == pytest.approx(fetched, abs=1e-9)


@pytest.mark.parametrize("name", BACKBONES)
def test_how_to_bring_weights_is_one_line_with_both_files(name: str) -> None:
    said = how_to_bring(name)
    assert f"keras.applications.{name}(include_top=False)" in said
    assert f'save_weights("{name}.weights.h5")' in said
    assert BACKBONES[name].keras_file in said
    assert BACKBONES[name].keras_file.endswith((".h5",))
    assert "\n" not in said
