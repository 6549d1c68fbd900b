"""Labelling is killed, again and again: every answer called saved is there, once, and the place too."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from workbench.annotation.labels import Event, Source
from workbench.annotation.store import LabelStore
from workbench.schema import Schema

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = 8
PICTURES = 3000
LABELLER = f"""
import sys
from workbench.annotation.session import LabelSession
from workbench.annotation.store import LabelStore
from workbench.images.catalog import Picture
from workbench.schema import load_schema

schema = load_schema("face")
store = LabelStore(sys.argv[1], schema, annotator="ana")
pictures = [Picture(f"{{index:04d}}.jpg", f"{{index:032x}}", 8, 8) for index in range({PICTURES})]
session = LabelSession(schema, store, pictures)
while True:
    name, head = session.picture.name, session.head
    chosen = head.classes[(session.position + int(sys.argv[2])) % len(head.classes)]
    if session.answer(chosen.key).saved:
        sys.stdout.write(f"{{name}} {{head.name}} {{chosen.name}}\\n")
        sys.stdout.flush()
"""


def label_until_killed(database: Path, round_: int, lines: int) -> list[str]:
    """A process that answers, killed after it called that many saved; returns all that it called saved."""
    command = [sys.executable, "-c", LABELLER, str(database), str(round_)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
        assert process.wait(30) == -signal.SIGKILL, "it was at work when it was killed"
    return [line.rstrip("\n") for line in said if line.endswith("\n")]


def in_words(event: Event) -> str:
    """An event as the labeller says it."""
    return f"{event.name} {event.head} {event.answer}"


def test_every_answer_called_saved_is_there_once(tmp_path: Path, face_schema: Schema) -> None:
    database = tmp_path / "labels.db"
    rng = random.Random(1)
    last_id, expected_next = 0, ("0000.jpg", "wrinkles")
    slots = [(f"{index:04d}.jpg", head) for index in range(PICTURES) for head in face_schema.head_names]
    for round_ in range(ROUNDS):
        said = label_until_killed(database, round_, rng.randint(1, 60))
        with LabelStore(database, face_schema, annotator="ben") as store:
            events = store.events_since(last_id)
            labels = store.all_labels()
        answers = [event for event in events if event.source is Source.HUMAN]
        assert [in_words(event) for event in answers[: len(said)]] == said, "all, in order, none doubled"
        assert len(answers) - len(said) in (0, 1), "one more may be on the disk that it had no time to say"
        for event in answers:
            assert labels[event.fingerprint].answers[event.head] == event.answer
        first = slots.index((answers[0].name, answers[0].head))
        assert first - slots.index(expected_next) in (-1, 0), "it came back to the same place"
        expected_next = slots[first + len(answers)]
        last_id = events[-1].id
    with LabelStore(database, face_schema, annotator="ana") as store:
        assert store.undo() is not None, "and undo goes on from there"
