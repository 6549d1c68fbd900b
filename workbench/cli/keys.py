"""The command about keys: every command of the screens, as a file that a person may change and save."""

import json
from collections.abc import Callable
from pathlib import Path

import typer

from workbench.cli.labels import JSON
from workbench.cli.output import print_json, say


def keys(
    bench: Path | None = typer.Argument(None, help="Show the keys on this bench; your own where not given."),
    as_json: bool = JSON,
) -> None:
    """Every command of the screens with its keys, in the form of keys.toml.

    What differs goes into that file (for all benches), or under [settings.keys] into a bench's bench.toml.
    """
    from workbench.bench import Bench
    from workbench.keys import user_keys_file
    from workbench.schema import load_schema
    from workbench.tui.commands import typed_key
    from workbench.tui.keymap import all_commands, check_keys, chosen_keys

    opened = Bench.open(bench) if bench is not None else None
    keymap = check_keys(chosen_keys(opened), opened.schema if opened else load_schema("face"))
    found = {
        section: {
            name: {
                "keys": [typed_key(key) for key in keymap.apply(one, scope=section).keys],
                "title": one.title,
            }
            for name, one in commands.items()
        }
        for section, commands in all_commands().items()
    }
    if as_json:
        print_json({"file": str(user_keys_file()), "commands": found})
        return
    say(f"# {user_keys_file()}: write down what differs; a list of keys, or [] for none")
    for section, commands in found.items():
        say()
        say(f"# {section}")
        for name, one in commands.items():
            say(f"{name} = {json.dumps(one['keys'], ensure_ascii=False)}  # {one['title']}")


COMMANDS: dict[str, Callable[..., None]] = {"keys": keys}
