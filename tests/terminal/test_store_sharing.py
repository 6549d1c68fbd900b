"""Several programs on one bench at once: nothing is lost, doubled or torn; none reads half an answer."""

import itertools
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.terminal.test_store_kill import REPOSITORY
from workbench.annotation.labels import Source
from workbench.annotation.store import LabelStore
from workbench.schema import Schema

ANSWERS = 1500
PICTURES = 300
WRITER = f"""
import sys
from workbench.annotation.store import LabelStore
from workbench.schema import load_schema

schema = load_schema("face")
who, first = sys.argv[2], int(sys.argv[3])
with LabelStore(sys.argv[1], schema, annotator=who, busy_timeout=60) as store:
    for index in range({ANSWERS}):
        head = schema.heads[index % len(schema.heads)]
        chosen = head.classes[(first + index) % len(head.classes)].name
        store.record(f"{{index // 5 % {PICTURES}:032x}}", head.name, chosen, name=f"{{index // 5}}.jpg")
        print(head.name, chosen, flush=True)
"""
READER = """
import sys
from workbench.annotation.store import LabelStore
from workbench.schema import load_schema

with LabelStore(sys.argv[1], load_schema("face"), read_only=True) as store:
    count = len(store.events_since())
    while count < int(sys.argv[2]):
        store.refresh()
        later = len(store.events_since())
        assert later >= count, "an answer that was there is there"
        count = later
    print(store.progress().per_head["glasses"])
"""


def started(code: str, *arguments: object) -> "subprocess.Popen[str]":
    """A process of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def test_two_programs_lose_nothing_and_a_third_reads_meanwhile(tmp_path: Path, face_schema: Schema) -> None:
    database = tmp_path / "labels.db"
    LabelStore(database, face_schema).close()
    writers = [started(WRITER, database, who, first) for who, first in (("ana", 0), ("bea", 1))]
    reader = started(READER, database, 2 * ANSWERS)
    said = [writer.communicate(timeout=180)[0].split("\n")[:-1] for writer in writers]
    read, _ = reader.communicate(timeout=60)
    assert [process.returncode for process in (*writers, reader)] == [0, 0, 0]
    with LabelStore(database, face_schema) as store:
        events = store.events_since()
        labels = store.all_labels()
    assert len(events) == 2 * ANSWERS
    assert Counter(event.annotator for event in events) == {"ana": ANSWERS, "bea": ANSWERS}
    for who, lines in zip(("ana", "bea"), said, strict=True):
        mine = [f"{event.head} {event.answer}" for event in events if event.annotator == who]
        assert mine == lines, "in the order in which they were called saved"
    assert {event.source for event in events} == {Source.HUMAN}
    assert len(labels) == int(read) == PICTURES
    for fingerprint, head in {(event.fingerprint, event.head) for event in events}:
        last = [one for one in events if (one.fingerprint, one.head) == (fingerprint, head)][-1]
        assert labels[fingerprint].answers[head] == last.answer
    turns = sum(one.annotator != other.annotator for one, other in itertools.pairwise(events))
    assert turns > 1, "each began before the other had ended"


def test_two_screens_of_one_person_keep_one_undo(tmp_path: Path, face_schema: Schema) -> None:
    database = tmp_path / "labels.db"
    LabelStore(database, face_schema).close()
    assert started(WRITER, database, "ana", 0).communicate(timeout=120)
    with LabelStore(database, face_schema, annotator="ana") as store:
        undone = [store.undo() for _ in range(3)]
        assert [event.head for event in undone if event] == ["hair_top", "hair_colour", "glasses"]


def test_a_locked_bench_is_one_line_after_a_while(tmp_path: Path, face_schema: Schema) -> None:
    database = tmp_path / "labels.db"
    holder = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    LabelStore(database, face_schema).close()
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        code = WRITER.replace(
            "busy_timeout=60", "busy_timeout=0.5, waiting=lambda s: print('waits', flush=True)"
        )
        writer = subprocess.run(
            [sys.executable, "-c", code, str(database), "ana", "0"],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            check=False,
        )
        assert process.stdin is not None
        process.stdin.close()
    assert writer.returncode == 1
    assert writer.stdout.startswith("waits\n")
    assert "another program holds the label file; close that program, then try again" in writer.stderr
