"""Where presets, schemas and the sample faces lie: in the clone, or inside an installed wheel."""

from pathlib import Path
from typing import Literal

from workbench.errors import WorkbenchError

_PACKAGE = Path(__file__).resolve().parent


def resource(kind: Literal["configs", "data"]) -> Path:
    """Return the folder of the presets and schemas (`configs`) or of the sample faces (`data`).

    Raises:
        WorkbenchError: The installation lacks the folder.
    """
    for folder in (_PACKAGE / "_resources" / kind, _PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise WorkbenchError(
        f"the installation lacks its folder {kind!r}", where=_PACKAGE, cure="install workbench again"
    )
