"""`workbench suggest`: from a file to suggestions on the screen, the report, and each refusal in one line."""

import json
from pathlib import Path

from tests.cli.conftest import Workbench
from tests.cli.test_labels_commands import one_line
from tests.conftest import MakeBench
from workbench.annotation.session import LabelSession
from workbench.annotation.store import LabelStore
from workbench.annotation.suggestions import Advice, Suggestions
from workbench.bench import Bench
from workbench.images.catalog import Catalog


def said(tmp_path: Path, count: int) -> Path:
    """A file that suggests glasses for some pictures and for one that is not there."""
    path = tmp_path / "said.csv"
    rows = "".join(f"{index:04d}.jpg,normal,0.9\n" for index in range(count))
    path.write_text(f"file_name,glasses,glasses_probability\n{rows}nobody.jpg,none,1\n")
    return path


def label(bench: Bench, pressed: str) -> None:
    """One key a picture; a blank for none."""
    advice = Advice(Suggestions.read(bench.suggestions_file, bench.schema), bench.settings().suggestions)
    catalog = Catalog(bench.images_root, bench.catalog_db)
    with LabelStore(bench.labels_db, bench.schema, annotator="ana") as store:
        session = LabelSession(bench.schema, store, catalog.pictures(), advice=advice)
        for place, key in enumerate(pressed):
            if key == " ":
                continue
            session.go_to(place)
            if key == "a":
                session.accept()
            else:
                session.answer_head("glasses", bench.schema.head("glasses").classes[int(key) - 1].name)


def test_a_file_is_taken_with_a_report_of_its_refused_rows(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(4)
    done = workbench("suggest", bench.root, "--file", said(tmp_path, 3), "--refused", tmp_path / "no.csv")
    assert done.code == 0
    assert "accepted: 3 pictures" in done.out
    assert "row 5  nobody.jpg: no such picture" in done.out
    assert "nobody.jpg" in (tmp_path / "no.csv").read_text()
    assert len(Suggestions.read(bench.suggestions_file, bench.schema)) == 3
    again = json.loads(workbench("suggest", bench.root, "--file", said(tmp_path, 3), "--json").out)
    assert (again["pictures"], again["answers"], len(again["refused"])) == (3, 3, 1)


def test_a_file_of_other_heads_leaves_the_suggestions_as_they_were(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(3)
    workbench("suggest", bench.root, "--file", said(tmp_path, 3))
    before = bench.suggestions_file.read_bytes()
    (tmp_path / "other.csv").write_text("file_name,nose,nose_probability\n0000.jpg,long,1\n")
    done = workbench("suggest", bench.root, "--file", tmp_path / "other.csv")
    assert done.code == 2
    assert "of other heads than the bench's" in one_line(done.err)
    assert bench.suggestions_file.read_bytes() == before


def test_the_report_compares_seen_and_held_back(
    workbench: Workbench, make_bench: MakeBench, tmp_path: Path
) -> None:
    bench = make_bench(6)
    empty = workbench("suggest", bench.root, "--report")
    assert (empty.code, "nothing was answered under a suggestion yet" in empty.out) == (0, True)
    workbench("suggest", bench.root, "--file", said(tmp_path, 6))
    for share, pressed in (("0", "aa3"), ("1", "   221")):
        text = (bench.root / "bench.toml").read_text().split("suggestions.")[0]
        (bench.root / "bench.toml").write_text(f"{text}suggestions.hidden_share = {share}\n")
        label(Bench.open(bench.root), pressed)
    found = json.loads(workbench("suggest", bench.root, "--report", "--json").out)
    glasses = found["heads"]["glasses"]
    counts = [glasses[name] for name in ("accepted", "changed", "agreed", "differed")]
    assert counts == [2, 1, 2, 1]
    assert glasses["difference"] == 0
    assert found["hidden_share"] == 1.0
    text = workbench("suggest", bench.root, "--report").out
    assert text.count("66.7%") == 4, "seen and held back, of the head and of all"
    assert "95 % interval" in text


def test_shown_suggestions_are_reported(workbench: Workbench, make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(4)
    workbench("suggest", bench.root, "--file", said(tmp_path, 4))
    with (bench.root / "bench.toml").open("a") as file:
        file.write("suggestions.hidden_share = 0\n")
    label(Bench.open(bench.root), "aa3a")
    found = json.loads(workbench("suggest", bench.root, "--report", "--json").out)["all"]
    assert (found["accepted"], found["changed"], found["agreement_shown"]) == (3, 1, 0.75)
    assert found["difference"] is None
    assert "75.0%" in workbench("suggest", bench.root, "--report").out


def test_what_cannot_be_meant_is_refused(workbench: Workbench, make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(2)
    both = workbench("suggest", bench.root, "0001", "--report")
    assert (both.code, "exclude each other" in one_line(both.err)) == (2, True)
    no_run = workbench("suggest", bench.root)
    assert no_run.code == 2
    assert "run" in one_line(no_run.err)
    missing = workbench("suggest", bench.root, "--file", tmp_path / "nowhere.csv")
    assert (missing.code, "no such file" in one_line(missing.err)) == (2, True)
