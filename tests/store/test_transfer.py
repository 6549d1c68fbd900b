"""Import and export: a plan first, one transaction then, nothing overwritten unasked."""

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, fingerprint, picture
from workbench.annotation.formats.report import ImportPlan, RefusedRow
from workbench.annotation.labels import NewEvent, Source, Special
from workbench.annotation.store import LabelStore
from workbench.annotation.transfer import apply_import, export, plan_import
from workbench.errors import ImportRefused, InputError, StoreError, WorkbenchError
from workbench.schema import Schema

HEADER = "file_name,wrinkles,freckles,glasses,hair_colour,hair_top,not_human\n"
BENCH = [picture("ana/0001.jpg"), picture("ana/face.jpg"), picture("ben/face.jpg"), picture("ben/Other.PNG")]


class Desk:
    """A bench's import and export, in short."""

    def __init__(self, folder: Path, schema: Schema, store: LabelStore) -> None:
        self.file, self.schema, self.store = folder / "in.csv", schema, store
        self.pictures = list(BENCH)

    def plan(self, text: str, **options: object) -> ImportPlan:
        self.file.write_bytes(text.encode())
        return plan_import(self.file, self.schema, self.pictures, self.store, **options)  # type: ignore[arg-type]

    def answers(self, name: str) -> dict[str, object]:
        return dict(self.store.labels(fingerprint(name)).answers)


@pytest.fixture
def desk(tmp_path: Path, face_schema: Schema, store: LabelStore) -> Desk:
    return Desk(tmp_path, face_schema, store)


def test_a_plan_writes_nothing_and_apply_all_in_one(desk: Desk) -> None:
    plan = desk.plan(HEADER + "ana/0001.jpg,1,0,2,-1,,0\nben/face.jpg,,,,,,1\nana/face.jpg,,,,,,\n")
    assert (plan.format, plan.rows, len(plan.accepted), plan.unchanged, plan.overwrites) == (
        "csv",
        3,
        2,
        1,
        0,
    )
    assert desk.store.events_since() == []
    assert apply_import(plan, desk.store) == 5
    assert desk.answers("ana/0001.jpg") == {
        "wrinkles": "yes",
        "freckles": "none",
        "glasses": "sunglasses",
        "hair_colour": Special.CANNOT_TELL,
    }
    assert desk.store.labels(fingerprint("ben/face.jpg")).excluded
    events = desk.store.events_since()
    assert {event.source for event in events} == {Source.IMPORTED}
    assert len({event.at for event in events}) == 1, "one transaction"


def test_what_is_known_is_not_written_again(desk: Desk) -> None:
    text = HEADER + "ana/0001.jpg,1,0,2,-1,,0\nben/face.jpg,,,,,,1\n"
    apply_import(desk.plan(text), desk.store)
    again = desk.plan(text)
    assert (again.accepted, again.unchanged) == ((), 2)
    assert apply_import(again, desk.store) == 0


def test_answers_of_a_person_are_not_replaced_unasked(desk: Desk) -> None:
    mark = fingerprint("ana/0001.jpg")
    desk.store.record(mark, "glasses", "none", name="ana/0001.jpg")
    desk.store.record(mark, "not_human", "yes", name="ana/0001.jpg")
    desk.store.record_many([NewEvent(mark, "hair_top", "bald", "", Source.IMPORTED)])
    plan = desk.plan(HEADER + "ana/0001.jpg,,,normal,red,few,0\n")
    assert plan.overwrites == 2, "glasses and the flag; hair_top came from a file"
    assert plan.as_text().splitlines()[-3:-1] == [
        "  row 2  ana/0001.jpg: glasses: none → normal",
        "  row 2  ana/0001.jpg: not_human: yes → none any more",
    ]
    assert plan.to_dict()["replaced"][0] == {
        "row": 2,
        "name": "ana/0001.jpg",
        "head": "glasses",
        "before": "none",
        "after": "normal",
    }
    before = desk.store.events_since()
    with pytest.raises(ImportRefused, match="2 answers that a person gave would be replaced; allow it"):
        apply_import(plan, desk.store)
    assert desk.store.events_since() == before
    assert apply_import(plan, desk.store, overwrite=True) == 4
    assert desk.answers("ana/0001.jpg") == {"glasses": "normal", "hair_colour": "red", "hair_top": "few"}
    assert not desk.store.labels(mark).excluded


def test_labels_that_changed_since_the_plan_are_not_run_over(desk: Desk, open_store: OpenStore) -> None:
    plan = desk.plan(HEADER + "ana/0001.jpg,1,,,,,\n")
    open_store("ben").record(fingerprint("ana/0001.jpg"), "wrinkles", "none", name="")
    with pytest.raises(ImportRefused, match="the labels changed since the file was checked; check it again"):
        apply_import(plan, desk.store)
    assert desk.answers("ana/0001.jpg") == {"wrinkles": "none"}


def test_an_import_that_fails_writes_no_row(desk: Desk, open_store: OpenStore, labels_db: Path) -> None:
    desk.store = open_store(busy_timeout=0.01)
    plan = desk.plan(HEADER + "ana/0001.jpg,1,1,1,1,1,0\n")
    other = sqlite3.connect(labels_db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program"):
        apply_import(plan, desk.store)
    other.close()
    assert desk.answers("ana/0001.jpg") == {}
    assert apply_import(plan, desk.store) == 5


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ana/0001.jpg", "ana/0001.jpg"),
        ("./ana/0001.jpg", "ana/0001.jpg"),
        ("ana\\0001.jpg", "ana/0001.jpg"),
        ("0001.jpg", "ana/0001.jpg"),
        ("C:\\pictures\\0001.jpg", "ana/0001.jpg"),
        ("ben/face.jpg", "ben/face.jpg"),
        ("e\u0301te\u0301.jpg", "x/\u00e9t\u00e9.jpg"),
    ],
)
def test_files_are_found_by_relative_name_or_unique_base_name(desk: Desk, name: str, found: str) -> None:
    desk.pictures.append(picture("x/\u00e9t\u00e9.jpg"))
    plan = desk.plan(f"file_name,glasses\n{name},1\n")
    assert [row.name for row in plan.accepted] == [found]


@pytest.mark.parametrize(
    ("name", "reason", "cure"),
    [
        ("face.jpg", "2 pictures are named so", "write the folder too: ana/face.jpg, ben/face.jpg"),
        ("0002.jpg", "no such picture", "did you mean '0001.jpg'?"),
        ("other.png", "no such picture", "did you mean 'Other.PNG'?"),
        ("0001.jpeg", "no such picture", "did you mean '0001.jpg'?"),
        ("entirely different", "no such picture", "correct the name, or add the picture to the bench"),
    ],
)
def test_a_file_that_is_not_found_says_what_it_may_be(desk: Desk, name: str, reason: str, cure: str) -> None:
    plan = desk.plan(f"file_name,glasses\n{name},1\n")
    assert plan.refused == (RefusedRow(2, reason, cure, name),)


def test_two_rows_for_one_file(desk: Desk) -> None:
    plan = desk.plan("file_name,glasses\n0001.jpg,1\nana/0001.jpg,0\nben/face.jpg,1\nben/face.jpg,1\n")
    assert [(one.row, one.reason) for one in plan.refused] == [
        (2, "rows 2, 3 are of one file and differ"),
        (3, "rows 2, 3 are of one file and differ"),
        (5, "repeats row 4"),
    ]
    assert [row.name for row in plan.accepted] == ["ben/face.jpg"]


def test_copies_of_a_picture_must_agree(desk: Desk) -> None:
    desk.pictures = [picture(name, name[0]) for name in ("a1.jpg", "a2.jpg", "b1.jpg", "b2.jpg")]
    plan = desk.plan("file_name,glasses,freckles\na1.jpg,1,\na2.jpg,1,1\nb1.jpg,0,\nb2.jpg,1,\n")
    assert [(one.row, one.changes) for one in plan.accepted] == [
        (2, {"glasses": "normal"}),
        (3, {"freckles": "yes"}),
    ]
    assert [one.row for one in plan.refused] == [4, 5]
    assert plan.refused[0].reason == "rows 4, 5 are of one picture under several names and differ in glasses"


def test_makesense_with_a_mapping(desk: Desk) -> None:
    text = '0001.jpg,"[blond,wrinkled]"\nface.jpg,"[red]"\n'
    plan = desk.plan(text, mapping={"wrinkled": "wrinkles.yes"})
    assert (plan.format, plan.rows, len(plan.refused)) == ("makesense", 2, 1)
    assert apply_import(plan, desk.store) == 2
    assert desk.answers("ana/0001.jpg") == {"hair_colour": "blond", "wrinkles": "yes"}


def test_the_report_is_for_people_machines_and_spreadsheets(desk: Desk, tmp_path: Path) -> None:
    desk.store.record(fingerprint("ana/0001.jpg"), "glasses", "none", name="")
    text = 'file_name,glasses\n0001.jpg,2\n"=cmd\x1b[31m\n.jpg",1\nben/face.jpg,9\n'
    plan = desk.plan(text)
    lines = plan.as_text().splitlines()
    assert lines[0].endswith("in.csv: csv, 3 rows")
    assert "accepted: 1 pictures with 1 new answers" in lines
    assert "overwrites: 1 answers that a person gave; needs --overwrite" in lines
    assert "refused: 2 rows" in lines
    assert lines[-2].startswith("  row 3  =cmd\\e[31m\\n.jpg: no such picture; ")
    assert plan.as_text(limit=1).endswith("  and 1 more")
    table = json.loads(json.dumps(plan.to_dict()))
    assert (table["rows"], table["accepted"], table["overwrites"]) == (3, 1, 1)
    assert table["refused"][1] == {
        "row": 4,
        "reason": "glasses has no code 9",
        "cure": "codes: 0 none, 1 normal, 2 sunglasses, -1 cannot tell",
        "name": "ben/face.jpg",
    }
    plan.write_refused(tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["row", "file_name", "reason", "cure"]
    assert rows[1][1] == "'=cmd\x1b[31m\n.jpg"


def test_halves_of_characters_in_json_do_not_stop_the_report(desk: Desk) -> None:
    plan = desk.plan('[{"image": "\\ud800.jpg", "annotations": ["blond"]}]')
    assert "\\ud800.jpg: no such picture" in plan.as_text()
    plan.refused_csv().encode()
    json.dumps(plan.to_dict()).encode()


@pytest.mark.parametrize("class_names", [False, True])
def test_export_and_import_give_the_same_labels(
    desk: Desk, tmp_path: Path, face_schema: Schema, class_names: bool
) -> None:
    names = ["=a.jpg", "caf\udce9.jpg", "new\nline.jpg", "d/plain.jpg"]
    desk.pictures = [picture(name) for name in names]
    for index, head in enumerate(face_schema.heads[:4]):
        desk.store.record(fingerprint(names[index]), head.name, head.classes[index % 2].name, name="")
        desk.store.record(fingerprint(names[3]), head.name, Special.CANNOT_TELL, name="")
    desk.store.record(fingerprint(names[0]), "not_human", "yes", name="")
    out = tmp_path / "out.csv"
    assert export(out, face_schema, desk.pictures, desk.store, class_names=class_names).rows == 4
    with LabelStore(tmp_path / "other.db", face_schema) as other:
        plan = plan_import(out, face_schema, desk.pictures, other)
        assert (plan.refused, plan.overwrites) == ((), 0)
        apply_import(plan, other)
        for name in names:
            assert other.labels(fingerprint(name)).answers == desk.store.labels(fingerprint(name)).answers
            assert other.labels(fingerprint(name)).excluded == desk.store.labels(fingerprint(name)).excluded
        again = tmp_path / "again.csv"
        export(again, face_schema, desk.pictures, other, class_names=class_names)
    assert again.read_bytes() == out.read_bytes()


def test_export_replaces_an_export_and_nothing_else(desk: Desk, tmp_path: Path, labels_db: Path) -> None:
    out, letter = tmp_path / "out.csv", tmp_path / "letter.txt"
    letter.write_text("Dear Ana")

    def write(path: Path, **options: object) -> int:
        return export(path, desk.schema, desk.pictures, desk.store, **options).rows  # type: ignore[arg-type]

    assert write(out) == write(out) == 4
    with pytest.raises(InputError, match=r"letter.txt: exists and is no export of ours; name another file"):
        write(letter)
    assert letter.read_text() == "Dear Ana"
    assert write(letter, overwrite=True) == 4
    with pytest.raises(InputError, match="that is a database"):
        write(labels_db, overwrite=True)
    with pytest.raises(InputError, match="it is a folder"):
        write(tmp_path)
    with pytest.raises(WorkbenchError, match="no such folder"):
        write(tmp_path / "no" / "out.csv")
    with pytest.raises(InputError, match=r"makesense.ai is only read; to be written: csv"):
        write(out, format="makesense")
    with pytest.raises(ImportRefused, match="no format is named 'cvs'; did you mean 'csv'"):
        write(out, format="cvs")


def test_files_that_cannot_be_read(desk: Desk, tmp_path: Path) -> None:
    places = {
        tmp_path / "none.csv": "no such file; check the path",
        tmp_path: "a folder without files of labels",
    }
    for path, line in places.items():
        with pytest.raises(ImportRefused, match=line):
            plan_import(path, desk.schema, desk.pictures, desk.store)
    with pytest.raises(ImportRefused, match="the file is empty"):
        desk.plan("")
    with pytest.raises(ImportRefused, match=r"expected the first row file_name,wrinkles"):
        desk.plan("a,b\n1,2\n")


def task(name: str, *said: tuple[int, str, str]) -> dict[str, object]:
    """A task of Label Studio: who, when, which glasses."""
    return {
        "data": {"image": name},
        "annotations": [
            {
                "completed_by": who,
                "created_at": when,
                "result": [{"from_name": "glasses", "type": "choices", "value": {"choices": [glasses]}}],
            }
            for who, when, glasses in said
        ],
    }


def test_answers_of_several_people_are_all_recorded_and_the_last_holds(desk: Desk) -> None:
    said = [task("0001.jpg", (1, "2026-02", "none"), (2, "2026-01", "normal")), task("ben/face.jpg")]
    plan = desk.plan(json.dumps(said))
    assert (plan.pictures, plan.answers, plan.unchanged, plan.overwrites) == (1, 2, 1, 0)
    apply_import(plan, desk.store)
    assert desk.answers("ana/0001.jpg") == {"glasses": "none"}
    assert [(event.annotator, event.answer) for event in desk.store.events_since()] == [
        ("2 (Label Studio)", "normal"),
        ("1 (Label Studio)", "none"),
    ]
    again = desk.plan(json.dumps(said))
    assert (again.accepted, again.unchanged) == ((), 2), "what is known is not written again"
    said[0] = task("0001.jpg", (1, "2026-02", "none"), (2, "2026-01", "sunglasses"))
    changed = desk.plan(json.dumps(said))
    assert (changed.answers, changed.overwrites) == (2, 0)
    apply_import(changed, desk.store)
    assert desk.answers("ana/0001.jpg") == {"glasses": "none"}, "the last word holds again"


def test_a_person_is_overwritten_only_where_the_last_word_differs(desk: Desk) -> None:
    mark = fingerprint("ana/0001.jpg")
    desk.store.record(mark, "glasses", "none", name="ana/0001.jpg")
    same = [task("0001.jpg", (2, "2026-01", "normal"), (1, "2026-02", "none"))]
    assert desk.plan(json.dumps(same)).overwrites == 0
    other = [task("0001.jpg", (2, "2026-03", "normal"), (1, "2026-02", "none"))]
    plan = desk.plan(json.dumps(other))
    assert plan.overwrites == 1
    with pytest.raises(ImportRefused, match="1 answers that a person gave would be replaced"):
        apply_import(plan, desk.store)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("/home/x/faces/ben/face.jpg", "ben/face.jpg"),
        ("faces/ana/face.jpg", "ana/face.jpg"),
        ("zoe/face.jpg", None),
        ("face.jpg", None),
    ],
)
def test_the_end_of_a_longer_path_finds_one_of_several(desk: Desk, name: str, found: str | None) -> None:
    plan = desk.plan(f"file_name,glasses\n{name},1\n")
    assert [row.name for row in plan.accepted] == ([found] if found else [])


def test_a_path_that_two_pictures_end_is_not_guessed(desk: Desk) -> None:
    desk.pictures += [picture("faces/z.jpg"), picture("z.jpg")]
    plan = desk.plan("file_name,glasses\n/home/faces/z.jpg,1\n/home/z.jpg,1\nz.jpg,1\n")
    assert [one.reason for one in plan.refused] == ["2 pictures are named so"] * 2
    assert [row.name for row in plan.accepted] == ["z.jpg"]


def test_names_without_endings_are_found_where_the_format_has_none(desk: Desk) -> None:
    document = {"head": "glasses", "classes": ["none"], "labels": {"0001": 0, "ben/Other": 0, "face": 0}}
    plan = desk.plan(json.dumps(document))
    assert [row.name for row in plan.accepted] == ["ana/0001.jpg", "ben/Other.PNG"]
    assert [(one.name, one.reason) for one in plan.refused] == [("face", "2 pictures are named so")]


def test_our_own_csv_takes_a_mapping_too(desk: Desk) -> None:
    text = "file_name,glasses\n0001.jpg,specs\n"
    assert len(desk.plan(text).refused) == 1
    assert desk.plan(text, mapping={"specs": "glasses.normal"}).accepted[0].changes == {"glasses": "normal"}
    assert desk.plan(text, mapping={"specs": ""}).unchanged == 1
    assert len(desk.plan(text, mapping={"specs": "hair_top.few"}).refused) == 1


def test_the_format_follows_the_name_of_the_file(desk: Desk, tmp_path: Path) -> None:
    for name, form in {
        "a.csv": "csv",
        "a": "csv",
        "a.jsonl": "jsonl",
        "a.json": "label-studio",
        "metadata.jsonl": "imagefolder",
    }.items():
        done = export(tmp_path / name, desk.schema, desk.pictures, desk.store, images=tmp_path)
        assert (done.format, done.rows, done.path) == (form, 4, tmp_path / name)
        assert export(tmp_path / name, desk.schema, desk.pictures, desk.store).rows == 4, "ours is replaced"


def test_a_folder_is_written_new_or_over_one_of_ours(desk: Desk, tmp_path: Path) -> None:
    def write(path: Path, **options: object) -> Path:
        return export(path, desk.schema, desk.pictures, desk.store, format="fiftyone", **options).path  # type: ignore[arg-type]

    assert write(tmp_path / "new") == write(tmp_path / "new")
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("Dear Ana")
    with pytest.raises(InputError, match="the folder has other files in it; name a new one, or allow it"):
        write(other)
    write(other, overwrite=True)
    assert (other / "letter.txt").read_text() == "Dear Ana"
    assert (other / "glasses.json").is_file()
    with pytest.raises(WorkbenchError, match="no such folder"):
        write(tmp_path / "no" / "such")
    with pytest.raises(WorkbenchError, match="File name too long"):
        write(tmp_path / ("x" * 300))
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "glasses.json").write_bytes(b"SQLite format 3\0 and more")
    with pytest.raises(InputError, match="that is a database"):
        write(tmp_path / "db", overwrite=True)
