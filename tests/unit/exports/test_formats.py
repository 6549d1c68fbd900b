"""Which formats are meant, and that a wrong wish is refused before anything heavy is loaded."""

import subprocess
import sys

import pytest

from workbench.errors import InputError, MissingLibrary
from workbench.exports import formats
from workbench.exports.formats import named_formats


def test_formats_come_in_one_order_each_once() -> None:
    found = named_formats("int8, ONNX,keras,onnx")
    assert [one.name for one in found] == ["keras", "onnx", "int8"]
    assert len({one.file for one in formats.FORMATS.values()}) == len(formats.FORMATS)


def test_an_unknown_name_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(InputError, match=r"--format: no format is named 'onx'; .*onnx"):
        named_formats("keras,onx")
    with pytest.raises(InputError, match="no format is named; valid: keras, savedmodel, onnx, tflite, int8"):
        named_formats(" , ")


def test_a_missing_package_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        formats, "find_spec", lambda name: None if name in ("onnxruntime", "tf2onnx") else object()
    )
    with pytest.raises(MissingLibrary) as refused:
        named_formats("onnx,keras")
    assert str(refused.value) == (
        "ONNX needs onnxruntime and tf2onnx; pip install onnxruntime tf2onnx, "
        "or leave it out: --format keras,savedmodel,tflite,int8"
    )
    assert refused.value.exit_code == 2
    assert [one.name for one in named_formats("keras,tflite")] == ["keras", "tflite"]


def test_the_names_are_known_without_what_takes_seconds_to_load() -> None:
    code = (
        "import sys, workbench.cli.exports, workbench.exports.formats\n"
        "print([one for one in ('keras', 'tensorflow', 'onnx', 'pandas', 'sklearn') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_command_offers_every_format_there_is() -> None:
    from workbench.cli.exports import _ALL

    assert _ALL.split(",") == list(formats.FORMATS)
