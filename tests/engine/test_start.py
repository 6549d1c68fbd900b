"""What is refused before a run is made, and what a run's folder then holds."""

import random
import re
from contextlib import closing

import pytest

from tests.conftest import MakeBench
from workbench.annotation.labels import Answer, NewEvent, Special
from workbench.annotation.store import LabelStore
from workbench.bench import Bench
from workbench.dataset.table import Table
from workbench.errors import BenchError, ConfigError, InputError
from workbench.images.catalog import Catalog
from workbench.schema import Head
from workbench.training.start import in_words, prepare_run
from workbench.training.state import RunState


def answer(
    bench: Bench,
    *,
    only: dict[str, str] | None = None,
    unclear: int = 0,
    rare: tuple[str, str] = ("", ""),
) -> None:
    """Answer every head of every picture.

    Args:
        bench: The bench.
        only: Heads that are always answered alike.
        unclear: So many pictures are "cannot tell".
        rare: A head, and the class that it has in the last picture only.
    """
    with closing(Catalog(bench.images_root, bench.catalog_db)) as catalog:
        catalog.scan()
        pictures = catalog.pictures()
    chance = random.Random(3)

    def chosen(number: int, head: Head) -> Answer:
        if number < unclear:
            return Special.CANNOT_TELL
        if (head.name, number) == (rare[0], len(pictures) - 1):
            return rare[1]
        return (only or {}).get(head.name) or chance.choice(head.classes[:2]).name

    with LabelStore(bench.labels_db, bench.schema) as store:
        store.record_many(
            NewEvent(picture.fingerprint, head.name, chosen(number, head), picture.name)
            for number, picture in enumerate(pictures)
            for head in bench.schema.heads
        )


def test_a_run_holds_everything_that_its_worker_needs(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench)
    told: list[tuple[int, int]] = []
    run = prepare_run(bench, bench.settings("fast"), preset="fast", progress=lambda *at: told.append(at))
    assert (run.name, run.state()) == ("0001-fast", RunState.STARTING)
    described = run.read()
    assert described["data"]["pictures"] == 40
    assert sum(described["data"]["splits"].values()) == 40
    assert set(described["data"]["majority"]) == set(bench.schema.head_names)
    assert all(0 < share <= 1 for share in described["data"]["majority"].values())
    assert run.settings() == bench.settings("fast")
    table = Table.load(run.data, bench.schema)
    assert len(table) == 40
    assert table.fingerprint == described["data"]["fingerprint"]
    assert prepare_run(bench, bench.settings("fast")).name == "0002-adamw"


def test_how_the_pictures_were_divided_is_said_in_words(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench, only={"hair_top": "thick"}, rare=("hair_top", "bald"))
    run = prepare_run(bench, bench.settings("fast"))
    first, *lacking = in_words(run)
    assert first.startswith("40 pictures: ")
    assert sum(int(number) for number in re.findall(r"(\d+) (?:train|validation|test)", first)) == 40
    assert "hair_top: no picture of 'bald' is in test" in lacking


def test_pictures_that_nobody_could_tell_are_left_out(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench, unclear=4)
    run = prepare_run(bench, bench.settings("fast"))
    assert run.read()["data"]["pictures"] == 36


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.early_stopping.metric=val_los", "did you mean 'val_loss'"),
        ("training.checkpoint_metric=val_glases_accuracy", "val_glasses_accuracy"),
        ("training.plateau.metric=val_macro_f", "training.plateau.metric: .* did you mean 'val_macro_f1'"),
        (
            "training.early_stopping.metric=f1",
            "valid: val_loss, val_accuracy, val_macro_f1, val_wrinkles_loss",
        ),
        ("training.warmup_epochs=99", "longer than all 40"),
        ("model.architecture=trunck", "did you mean 'trunk'"),
    ],
)
def test_what_only_the_bench_can_tell_is_checked_before_anything_is_made(
    make_bench: MakeBench, override: str, message: str
) -> None:
    bench = make_bench(4)
    with pytest.raises(ConfigError, match=message):
        prepare_run(bench, bench.settings("fast", [override]))
    assert not bench.runs_dir.exists()


def test_without_labels_it_says_what_would_help(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    with pytest.raises(InputError, match="no labelled pictures; label some first, or import"):
        prepare_run(bench, bench.settings("fast"))
    assert not bench.runs_dir.exists()


def test_a_head_with_one_class_only_is_named(make_bench: MakeBench) -> None:
    bench = make_bench(40)
    answer(bench, only={"freckles": "none"})
    with pytest.raises(InputError, match=r"head freckles: only one class: all 40 .* label some"):
        prepare_run(bench, bench.settings("fast"))


def test_a_bench_that_cannot_be_written_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(4)
    looking = Bench(bench.root, bench.images_root, bench.schema, {}, writable=False)
    with pytest.raises(BenchError, match="read-only"):
        prepare_run(looking, bench.settings("fast"))
