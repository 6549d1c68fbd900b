"""What a run was asked to do, with which data and on which machine, as tables of `run.json`."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.config import SettingField, describe, load_settings
from workbench.dataset.split import split_report
from workbench.dataset.table import SPLITS, Table
from workbench.errors import WorkbenchError
from workbench.report.markup import Html, element, heading, join, number, table
from workbench.training.run import RunFolder
from workbench.training.tail import part, whole


def settings(run: RunFolder, preset: str) -> Html:
    """Every setting; first those that are not as in the preset or by default.

    Raises:
        WorkbenchError: The run's settings are damaged.
    """
    fields = describe(run.settings())
    of_preset = _preset(preset)
    other = [one for one in fields if one.value != one.default or _differs_from(one, of_preset)]
    words = f"preset {preset}" if of_preset is not None else "preset, which is not to be found here any more,"
    said = f"Beside the {words} as it is now, and beside the defaults." if preset else "Beside the defaults."
    whole = element(
        "details",
        element("summary", f"All {len(fields)} settings"),
        table(["setting", "value", "otherwise", "meaning"], [_setting(one, of_preset) for one in fields]),
        class_="settings",
    )
    if not other:
        return join(element("p", "Everything is as by default."), whole)
    other.sort(key=lambda one: not _differs_from(one, of_preset))  # stable: in order within each
    rows = [_setting(one, of_preset) for one in other]
    header = ["setting", "value", "otherwise", "meaning"]
    return join(
        element("p", said), table(header, rows, f"{len(other)} that differ", class_="settings"), whole
    )


def _preset(name: str) -> Mapping[str, object] | None:
    """The values of a preset as it is now; None where there is none of that name."""
    try:
        return {one.key: one.value for one in describe(load_settings(name or None))}
    except WorkbenchError:
        return None


def _differs_from(one: SettingField, preset: Mapping[str, object] | None) -> bool:
    return preset is not None and one.value != preset.get(one.key, one.default)


def _setting(one: SettingField, preset: Mapping[str, object] | None) -> list[object]:
    """A setting's row; what differs from the preset is marked most."""
    other = []
    if preset is not None and _differs_from(one, preset):
        other.append(element("mark", f"≠ preset: {plain(preset.get(one.key, one.default))}"))
    if one.value != one.default:
        other.append(element("span", f"default: {plain(one.default)}", class_="soft"))
    return [element("code", one.key), element("code", plain(one.value)), join(*_spaced(other)), one.meaning]


def _spaced(parts: Sequence[Html]) -> Iterator[Html | str]:
    for at, one in enumerate(parts):
        yield from ([" "] if at else [])
        yield one


def plain(value: object) -> str:
    """A setting's value as TOML and JSON write it, words without quotes."""
    if isinstance(value, str):
        return value or '""'
    return json.dumps(value, ensure_ascii=False, default=str)


def data(run: RunFolder, described: Mapping[str, Any]) -> Html:
    """Fingerprint, counts, and how every class fell into the splits."""
    known = part(described, "data")
    splits = part(known, "splits")
    facts = [
        ("pictures", f"{known.get('pictures', DASH)}"),
        ("splits", ", ".join(f"{splits[split]} {split}" for split in SPLITS if split in splits) or DASH),
        ("fingerprint", element("code", known.get("fingerprint", DASH))),
        ("schema", element("code", described.get("schema_fingerprint", DASH))),
        ("lie in", element("code", part(described, "places").get("images", DASH))),
    ]
    return join(facts_table(facts), *_distributions(run, known))


DASH = "–"


def facts_table(facts: Sequence[tuple[str, object]]) -> Html:
    """Names and what they are."""
    rows = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    return element("dl", *rows, class_="facts")


def _distributions(run: RunFolder, known: Mapping[str, Any]) -> list[Html]:
    """A table a head."""
    try:
        schema = run.schema()
        # An older run has no counts in run.json.
        counts = part(known, "classes") or split_report(Table.load(run.data, schema), schema).heads
    except WorkbenchError as error:
        return [element("p", str(error), class_="empty")]
    found = [
        _distribution(head.title or head.name, [one.name for one in head.classes], part(counts, head.name))
        for head in schema.heads
    ]
    return [element("div", *found, class_="cards")]


def _distribution(title: str, classes: Sequence[str], counts: Mapping[str, Any]) -> Html:
    """How often each class is there, as numbers and as bars."""
    rows = [(name, [whole(part(counts, name).get(split)) for split in SPLITS]) for name in classes]
    total = sum(sum(numbers) for _, numbers in rows) or 1
    cells = [
        [name, *(number(f"{count:,}") for count in numbers), number(_bar(sum(numbers) / total))]
        for name, numbers in rows
    ]
    return table(["class", *map(heading, SPLITS), heading("share")], cells, title)


def _bar(share: float) -> Html:
    return element("span", f"{share:.0%}", class_="bar", style=f"--part:{share:.0%}")


def machine(run: RunFolder, described: Mapping[str, Any]) -> Html:
    """Where the run was made: host, versions, the program's own source, the command."""
    host, program = part(described, "host"), part(described, "program")
    versions = ", ".join(f"{name} {version}" for name, version in part(described, "versions").items())
    command = described.get("command")
    words = shlex.join(map(str, command)) if isinstance(command, list) and command else DASH
    facts: list[tuple[str, object]] = [
        ("host", f"{host.get('name', DASH)}, {host.get('cores', DASH)} cores, {host.get('system', DASH)}"),
        ("versions", versions or DASH),
        ("source", _source(program)),
        ("command", element("code", words)),
        ("folder", element("code", run.root.absolute())),
        ("log", element("code", run.log.absolute())),
    ]
    return facts_table(facts)


def _source(program: Mapping[str, Any]) -> str:
    """The program's commit."""
    if not program.get("commit"):
        return "an installed package, or no git"
    changed = {True: ", with changes that are not in it", False: ", unchanged", None: ""}
    return f"git {program['commit']}{changed.get(program.get('dirty'), '')}"
