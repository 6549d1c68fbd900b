"""Logs and folders of runs that were hurt in every way that disks, crashes and people hurt them.

Each hurt changes the lines of a sound log, or the folder around it, before a monitor opens it or while it is
open. It says how many of the sound log's batches can still be shown, and whether something was skipped.
"""

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.watching.made import Shape, batch, epoch_end, make_run, started
from workbench.training.run import RunFolder

SHAPE = Shape(heads=2, epochs=3, batches=20)
BATCHES = SHAPE.epochs * SHAPE.batches
Lines = list[bytes]
_DAY_S = 86_400.0
_MANY_HEADS = 5_000
HOSTILE = (
    "\x1b[2J\x1b]0;x\x07[bold red]a[/]\u202egpj.exe\u2066\u200b\u0000\r\n\ud83d\udca9[@click=app.quit]b[/]"
)


@dataclass(frozen=True)
class Hurt:
    """One way to hurt a run.

    Attributes:
        name: Of the way.
        lines: Changes the log's lines.
        folder: Changes the folder before it is opened.
        meanwhile: Changes it while it is open.
        shown: How many of the batches are to be seen at the least, in the end.
        said: Whether something is to be said to have been skipped, or to be gone, or replaced.
    """

    name: str
    lines: Callable[[Lines, random.Random], Lines] = lambda lines, _: lines
    folder: Callable[[RunFolder, random.Random], object] = lambda _run, _: None
    meanwhile: Callable[[RunFolder, random.Random], object] = lambda _run, _: None
    shown: int = BATCHES
    said: bool = False


def sound_log() -> Lines:
    """The lines of a log as a worker writes it."""
    chance, found = random.Random(3), list[dict[str, Any]]()

    def tell(kind: str, **fields: Any) -> None:
        at = {"seq": len(found) + 1, "wall": 1.7e9 + len(found), "mono": 1.0 * len(found)}
        found.append({**at, "type": kind, **fields})

    tell("phase", name="starting", text="")
    tell("started", **started(SHAPE))
    for epoch in range(1, SHAPE.epochs + 1):
        tell("phase", name="training", text="")
        for number in range(1, SHAPE.batches + 1):
            tell("batch", **batch(SHAPE, epoch, number, chance))
        tell("epoch", **epoch_end(SHAPE, epoch, chance))
        tell("checkpoint", epoch=epoch, batch=0, best=True, megabytes=1.0)
    tell("finished", text="3 epochs", epoch=3, best_epoch=2, seconds=70.0)
    return [json.dumps(event).encode() + b"\n" for event in found]


def sound_run(folder: Path) -> RunFolder:
    """A sound run whose worker has ended."""
    run = make_run(folder, SHAPE)
    run.events.write_bytes(b"".join(sound_log()))
    run.log.touch()
    run.lock.touch()
    return run


def hurt_copy(sound: RunFolder, folder: Path, hurt: Hurt, seed: int) -> RunFolder:
    """A copy of a sound run, hurt in one way."""
    run = RunFolder(shutil.copytree(sound.root, folder / sound.name))
    chance = random.Random(seed)
    run.events.write_bytes(b"".join(hurt.lines(sound_log(), chance)))
    hurt.folder(run, chance)
    return run


# -- lines ---------------------------------------------------------------------------------------------


def put_in(make: Callable[[random.Random], bytes], most: int = 3) -> Callable[[Lines, random.Random], Lines]:
    """Lines of another kind somewhere after the first two."""

    def change(lines: Lines, chance: random.Random) -> Lines:
        for _ in range(chance.randint(1, most)):
            lines.insert(chance.randint(2, len(lines) - 1), make(chance) + b"\n")
        return lines

    return change


def changed(
    change: Callable[[dict[str, Any], random.Random], object], kind: str = "batch"
) -> Callable[[Lines, random.Random], Lines]:
    """Some events of a kind with other fields."""

    def every(lines: Lines, chance: random.Random) -> Lines:
        found = [json.loads(line) for line in lines]
        for event in chance.sample([one for one in found if one["type"] == kind], 3):
            change(event, chance)
        return [json.dumps(event).encode() + b"\n" for event in found]

    return every


def _garbage(chance: random.Random) -> bytes:
    """Bytes that are no JSON and no end of a line."""
    return b"\xff" + chance.randbytes(chance.randint(1, 400)).replace(b"\n", b" ")


def torn(lines: Lines, chance: random.Random) -> Lines:
    """The last line is not whole."""
    return [*lines[:-1], lines[-1][: chance.randint(1, len(lines[-1]) - 2)]]


def torn_within(lines: Lines, chance: random.Random) -> Lines:
    """A worker was killed in mid-line, and the next one closed the line."""
    at = chance.randint(2, len(lines) - 2)
    cut = lines[at][: chance.randint(1, len(lines[at]) - 3)] + b"\n"
    return [*lines[:at], cut, *lines[at:]]


def damaged_within(lines: Lines, chance: random.Random) -> Lines:
    """A few bytes of one batch's line are others."""
    at = chance.choice([at for at, line in enumerate(lines) if b'"batch",' in line])
    line = bytearray(lines[at])
    for _ in range(4):
        line[chance.randrange(len(line) - 1)] = 0xFF
    return [*lines[:at], bytes(line), *lines[at + 1 :]]


def hole_of_zeros(lines: Lines, chance: random.Random) -> Lines:
    """Zeros where a power cut lost what had been written."""
    at = chance.randint(2, len(lines) - 2)
    return [*lines[:at], bytes(chance.choice([1, 100, 4096])), *lines[at:]]


def doubled(lines: Lines, chance: random.Random) -> Lines:
    """Two writers at once: a stretch of lines stands twice, in turns."""
    at = chance.randint(3, len(lines) - 12)
    return [*lines[:at], *(line for one in lines[at : at + 10] for line in (one, one)), *lines[at + 10 :]]


def clock_jumps(lines: Lines, chance: random.Random) -> Lines:
    """From some line on the clock is a day ahead, or behind."""
    at, by = chance.randint(2, len(lines) - 1), chance.choice([_DAY_S, -_DAY_S])
    found = [json.loads(line) for line in lines]
    for event in found[at:]:
        event["wall"] += by
    return [json.dumps(event).encode() + b"\n" for event in found]


def odd_ends(lines: Lines, chance: random.Random) -> Lines:
    """A mark of UTF-8, ends of lines as on Windows, empty lines."""
    found = [line[:-1] + chance.choice([b"\r\n", b"\n\n", b" \n"]) for line in lines]
    return [b"\xef\xbb\xbf\n", *found]


def in_figures(value: Any) -> Callable[[dict[str, Any], random.Random], None]:
    """Another value for one figure."""

    def change(event: dict[str, Any], chance: random.Random) -> None:
        chosen = chance.choice([event, *event["heads"].values()])
        chosen[chance.choice(["loss", "accuracy"])] = value(chance) if callable(value) else value

    return change


def in_places(event: dict[str, Any], chance: random.Random) -> None:
    """An absurd place."""
    name = chance.choice(["epoch", "batch", "batches"])
    event[name] = chance.choice([-3, 0, 10**12, 10**400, -(10**30), 2.5, "7", None, [], {}, True])


def with_many_heads(event: dict[str, Any], chance: random.Random) -> None:
    """Thousands of heads that nobody knows."""
    event["heads"] = {f"head{at}": {"loss": 1.0, "accuracy": 0.5} for at in range(_MANY_HEADS)}


def _unknown(chance: random.Random) -> bytes:
    """An event of a later version."""
    return json.dumps({"wall": 1.7e9, "type": "teleported", "to": chance.random()}).encode()


def _hostile(chance: random.Random) -> bytes:
    """Words that would move the cursor, if they were let."""
    name = {"type": "phase", "name": HOSTILE, "text": HOSTILE}
    return json.dumps(chance.choice([{"type": "note", "text": HOSTILE}, name])).encode()


# -- folders -------------------------------------------------------------------------------------------


def read_only(run: RunFolder, _: random.Random) -> None:
    """Nobody may write there."""
    for path in run.root.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    run.root.chmod(0o555)


def cut_in_half(run: RunFolder, _: random.Random) -> None:
    """The log is shorter than it was."""
    os.truncate(run.events, run.events.stat().st_size // 2)


def replaced(run: RunFolder, _: random.Random) -> None:
    """Another log in its place, with the first epoch only."""
    beside = run.root / "other"
    beside.write_bytes(b"".join(sound_log()[: SHAPE.batches + 5]))
    beside.rename(run.events)


def no_file(run: RunFolder, chance: random.Random) -> None:
    """Something in the log's place that can never be read."""
    run.events.unlink()
    makers: list[Callable[[], object]] = [
        run.events.mkdir,
        lambda: os.mkfifo(run.events),
        lambda: run.events.symlink_to(run.events),
        lambda: run.events.symlink_to("/dev/zero"),
    ]
    chance.choice(makers)()


def strange_neighbours(run: RunFolder, chance: random.Random) -> None:
    """What was asked, changed and noted down beside the log cannot be read."""
    for path in (run.control, run.changes, run.exit, run.history, run.evaluation, run.root / "events.index"):
        path.write_bytes(chance.choice([_garbage(chance), b"[1]\n{}\nnull\n", bytes(300)]))


def strange_description(run: RunFolder, chance: random.Random) -> None:
    """A description that is none."""
    wrong = [b"", b"[]", b"{", b'{"version": 1}', b'{"version": 99}', _garbage(chance), b"[" * 100_000]
    run.run_json.write_bytes(chance.choice(wrong))


def goes_on(run: RunFolder, chance: random.Random) -> None:
    """While it is open it is appended to, in pieces that are no lines."""
    raw = b"".join(put_in(_garbage)(sound_log(), chance))
    for start in range(0, len(raw), 7000):
        with run.events.open("ab") as file:
            file.write(raw[start : start + 7000])


_FEW = BATCHES - 3
HURTS = (
    Hurt("torn last line", torn),
    Hurt("torn within", torn_within, said=True),
    Hurt("garbage in the middle", put_in(_garbage), said=True),
    Hurt("damaged line", damaged_within, shown=BATCHES - 1, said=True),
    Hurt("hole of zeros", hole_of_zeros, shown=BATCHES - 1),
    Hurt("zeros at the end", lambda lines, _: [*lines, bytes(4096)]),
    Hurt("unknown events", put_in(_unknown)),
    Hurt("huge line", put_in(lambda chance: b"x" * (2 << 20), 1), said=True),
    Hurt("huge event", put_in(lambda _: b'{"type":"note","text":"' + b"y" * (2 << 20) + b'"}', 1), said=True),
    Hurt("numbers as text", changed(in_figures(lambda chance: f"{chance.random()}"))),
    Hurt("figures of another kind", changed(in_figures(lambda c: c.choice([[[1]], {"a": 1}, True, None])))),
    Hurt(
        "huge numbers", changed(in_figures(lambda c: c.choice([1e308, -1e308, 5e-324, 10**400, -(10**400)])))
    ),
    Hurt("no numbers", changed(in_figures(lambda c: c.choice([float("nan"), float("inf"), -float("inf")])))),
    Hurt("nested", put_in(lambda chance: b"[" * 100_000), said=True),
    Hurt(
        "nested event", put_in(lambda _: b'{"type":"batch","heads":' + b'{"a":' * 5000 + b"1" + b"}" * 5001)
    ),
    Hurt("lines of no event", put_in(lambda c: c.choice([b"null", b"[]", b"42", b"{}", b'"x"'])), said=True),
    Hurt("absurd places", changed(in_places), shown=_FEW),
    Hurt("absurd epochs", changed(in_places, "epoch")),
    Hurt("heads that are none", changed(lambda event, c: event.update(heads=c.choice([7, [], "x", None])))),
    Hurt("many heads", changed(with_many_heads)),
    Hurt(
        "many heads, no run.json",
        changed(with_many_heads),
        folder=lambda run, _: run.run_json.unlink(),
    ),
    Hurt("hostile words", put_in(_hostile)),
    Hurt(
        "hostile heads",
        changed(lambda event, _: event["heads"].update({HOSTILE: {"loss": 1.0}})),
        folder=lambda run, _: run.run_json.unlink(),
    ),
    Hurt("clock jumps", clock_jumps),
    Hurt("two writers", doubled),
    Hurt("odd ends of lines", odd_ends),
    Hurt("no run.json", folder=lambda run, _: run.run_json.unlink()),
    Hurt("strange run.json", folder=strange_description),
    Hurt("strange neighbours", folder=strange_neighbours),
    Hurt("read-only", folder=read_only),
    Hurt("empty log", lambda _lines, _: [], shown=0),
    Hurt("log that is no file", folder=no_file, shown=0),
    Hurt("log removed", meanwhile=lambda run, _: run.events.unlink(), shown=0, said=True),
    Hurt("folder removed", meanwhile=lambda run, _: shutil.rmtree(run.root), shown=0, said=True),
    Hurt("log cut", meanwhile=cut_in_half, shown=BATCHES // 2 - 3, said=True),
    Hurt("log replaced", meanwhile=replaced, shown=SHAPE.batches, said=True),
    Hurt("log goes on in pieces", meanwhile=goes_on),
)
