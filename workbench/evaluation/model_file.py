"""Loading a `.keras` file, if it is one that may be: looked at without Keras, before anything in it is run.

A saved model is a program: it names classes that are imported and, in Lambda layers, holds marshalled
Python. Keras' own `safe_mode` refuses the latter; this refuses both, and says in one line what is wrong.
"""

import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import RunError
from workbench.evaluation.silence import native_silence

if TYPE_CHECKING:
    import keras  # noqa: TID251 - for the type only

_MEMBERS = ("config.json", "metadata.json", "model.weights.h5")
_FOLDERS = ("assets/",)
_MODULES = ("keras", "workbench", "builtins")
_UNSAFE = {"Lambda", "__lambda__", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"}
_MAX_CONFIG = 64 << 20
_MAX_UNPACKED = 8 << 30
_MAX_RATIO = 20
"""Keras does not compress weights; zeros shrink a thousandfold, to fill the memory of who reads them."""
# RuntimeError: an archive with a password, or packed in a way that is not known here.
_NO_ARCHIVE = (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error, lzma.LZMAError)
_CURE = "take the model.keras that the run itself wrote"


def check_model_file(path: Path) -> None:
    """Refuse a file that is no `.keras` archive, or holds more than layers and weights.

    Raises:
        RunError: Says what is wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for name in names:
                if name not in _MEMBERS and not name.startswith(_FOLDERS):
                    raise RunError(f"holds {name!r}, which no network needs", where=path, cure=_CURE)
            if lacking := [name for name in _MEMBERS if name not in names]:
                raise RunError(f"no Keras model: {lacking[0]} is missing", where=path, cure=_CURE)
            _check_sizes(archive, path)
            if archive.getinfo("config.json").file_size > _MAX_CONFIG:
                raise RunError("its description of the network is too large", where=path, cure=_CURE)
            config = json.loads(archive.read("config.json"))
    except (ValueError, RecursionError) as error:
        raise RunError("its description of the network is damaged", where=path, cure=_CURE) from error
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror or error}", where=path) from error
    except _NO_ARCHIVE as error:
        raise RunError("no Keras model: not a .keras file, or cut off", where=path, cure=_CURE) from error
    for table in _tables(config):
        _check(table, path)


def load_network(path: Path, called: str = "the network") -> "keras.Model":
    """Check a file and load the network in it, not compiled.

    Args:
        path: A `.keras` file.
        called: What an error calls it.

    Raises:
        RunError: It may not be loaded, or cannot be.
    """
    check_model_file(path)
    with native_silence():  # what is printed when Keras is first loaded is for nobody
        import keras  # noqa: TID251 - the one place where a run's network is loaded

    try:
        model: keras.Model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises nearly anything on a file that does not fit it
        reason = str(error).strip().split("\n")[0][:200]
        raise RunError(
            f"{called} cannot be loaded: {reason}",
            where=path,
            cure="is it cut off, or of another version?",
        ) from error
    return model


def _check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse what would fill the memory, and two members of one name, of which each reader takes another."""
    members = archive.infolist()
    names = [one.filename for one in members]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise RunError(f"holds {twice!r} twice", where=path, cure=_CURE)
    unpacked, packed = (
        sum(sizes) for sizes in zip(*((one.file_size, one.compress_size) for one in members), strict=True)
    )
    if unpacked > _MAX_UNPACKED or unpacked > _MAX_CONFIG + _MAX_RATIO * packed:
        raise RunError(f"would unpack to {unpacked / 2**30:.1f} GiB", where=path, cure=_CURE)


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the description, at any depth."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)


def _check(table: dict[str, Any], path: Path) -> None:
    """Refuse code, and classes from anywhere else than Keras and here."""
    name, module = table.get("class_name"), table.get("module")
    if isinstance(name, str) and name.rpartition(">")[2] in _UNSAFE:
        raise RunError(f"holds a {name} layer, which is code from outside", where=path, cure=_CURE)
    if isinstance(module, str) and module.partition(".")[0] not in _MODULES:
        raise RunError(f"wants {name!r} from the module {module!r}", where=path, cure=_CURE)
