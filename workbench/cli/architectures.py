"""The command about networks: what `model.architecture` and `model.backbone` can be, each with its size."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from workbench.cli.labels import JSON
from workbench.cli.output import print_json, print_table, say

if TYPE_CHECKING:  # every command would wait for it
    from workbench.schema import Schema

_SCHEMA = "face"


def architectures(
    bench: Path | None = typer.Argument(
        None, help=f"Count for this bench's heads and settings; the schema {_SCHEMA!r} where not given."
    ),
    config: str = typer.Option("fast", "--config", help="A preset's name or a TOML file, for the sizes."),
    settings: list[str] = typer.Option([], "--set", help="key=value over the preset; repeatable."),
    as_json: bool = JSON,
) -> None:
    """List the networks that can be trained, their parameters, and how to bring a backbone's weights."""
    from workbench.bench import Bench
    from workbench.config import load_settings
    from workbench.schema import load_schema

    opened = Bench.open(bench) if bench is not None else None
    schema = opened.schema if opened else load_schema(_SCHEMA)
    chosen = opened.settings(config, settings) if opened else load_settings(config, settings)
    document = _document(chosen, schema)
    if as_json:
        print_json(document)
        return
    say(
        f"parameters with the heads of {schema.name!r}, {chosen.dataset.size} pixels and the sizes of model.*"
    )
    _print("architecture", document["architectures"], "meaning")
    say()
    say("model.architecture=backbone takes, as model.backbone, one of keras.applications:")
    _print("backbone", document["backbones"], "source")
    say()
    say("its weights (model.weights) are never fetched; " + document["backbones"][0]["how_to_bring"])


def _document(chosen: Any, schema: "Schema") -> dict[str, Any]:
    """Everything that is known of the networks, counted for these settings and heads."""
    from workbench.errors import ConfigError
    from workbench.model.backbones import BACKBONES, how_to_bring
    from workbench.model.registry import check_architecture
    from workbench.model.sizes import parameters
    from workbench.settings.model import ARCHITECTURES

    size = chosen.dataset.size

    def counted(name: str, **changes: str) -> dict[str, Any]:
        model = chosen.model.model_copy(
            update={"architecture": name, "weights": "", "frozen": 0.0, **changes}
        )
        try:
            check_architecture(model, size)
        except ConfigError as error:
            return {"parameters": None, "refused": error.what}
        return {"parameters": parameters(model, schema, size), "refused": ""}

    return {
        "schema": schema.name,
        "heads": {head.name: len(head.classes) for head in schema.heads},
        "size": size,
        "model": chosen.model.model_dump(mode="json"),
        "architectures": [
            {"name": name, "meaning": meaning, **counted(name)} for name, meaning in ARCHITECTURES.items()
        ],
        "backbones": [
            {
                "name": name,
                "source": backbone.source,
                "keras_file": backbone.keras_file,
                "how_to_bring": how_to_bring(name),
                **counted("backbone", backbone=name),
            }
            for name, backbone in BACKBONES.items()
        ],
    }


def _print(title: str, entries: list[dict[str, Any]], about: str) -> None:
    """One table."""
    print_table(
        [title, "parameters", about],
        [
            [
                one["name"],
                "-" if one["parameters"] is None else one["parameters"],
                one["refused"] or one[about],
            ]
            for one in entries
        ],
    )


COMMANDS: dict[str, Callable[..., None]] = {"architectures": architectures}
