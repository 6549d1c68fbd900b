"""Files of labels: one module a format, one registry."""

from collections.abc import Mapping

from workbench.annotation.formats import makesense, own_csv
from workbench.annotation.formats.base import Format, SourceFile
from workbench.errors import ImportRefused
from workbench.schema import Schema
from workbench.toml import suggestion

FORMATS: Mapping[str, Format] = {one.name: one for one in (own_csv.FORMAT, makesense.FORMAT)}
"""By name, in the order in which they are tried."""


def format_named(name: str) -> Format:
    """The format of this name.

    Raises:
        ImportRefused: There is none; names the nearest.
    """
    if name not in FORMATS:
        raise ImportRefused(
            f"no format is named {name!r}", where="--format", cure=suggestion(name, list(FORMATS))
        )
    return FORMATS[name]


def detect(source: SourceFile, schema: Schema) -> Format:
    """Find out which format a file has.

    Raises:
        ImportRefused: None that is known, an empty file, or no UTF-8.
    """
    if not source.text.strip():
        raise ImportRefused("the file is empty", where=source.path, cure="export the labels again")
    for one in FORMATS.values():
        if one.matches(source, schema):
            return one
    expected = ",".join(["file_name", *schema.head_names, schema.exclusion.name])
    raise ImportRefused(
        f"neither {' nor '.join(one.title for one in FORMATS.values())}",
        where=source.path,
        cure=f"expected the first row {expected}",
    )
