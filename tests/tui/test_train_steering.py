"""Steering a run from the Train screen: each key asks, what was asked shows how far it came."""

import re
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.conftest import MakeBench
from tests.tui.simulated_run import SimulatedRun
from tests.tui.test_train_monitor import SIZE, app_of, events, footer, monitor, status
from tests.tui.waiting import wait_until
from workbench.bench import Bench
from workbench.training.changes import read_changes
from workbench.training.control import requests
from workbench.tui import run_start
from workbench.tui.screens.confirm import ConfirmScreen
from workbench.tui.screens.line_dialog import LineDialog


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A bench without pictures."""
    return make_bench(0)


async def typed(pilot: Pilot[Any], key: str, value: str) -> None:
    """Press a key that asks for a line, and give the line."""
    await pilot.press(key)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, LineDialog))
    pilot.app.screen.query_one("#line", Input).value = value
    await pilot.press("enter")
    await wait_until(pilot, lambda: not isinstance(pilot.app.screen, LineDialog))


async def test_space_pauses_and_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[str] = []
    monkeypatch.setattr(run_start, "go_on", lambda run: launched.append(run.name))
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 3)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            assert "space pause/resume" in footer(screen)
            await pilot.press("space")
            await wait_until(pilot, lambda: "‖ pausing" in status(screen))
            assert [one.action for one in run.control.poll()] == ["pause"]
            await wait_until(pilot, lambda: "pause: asked → taken after" in status(screen))
            run.control.done()
            run.log.emit("paused", text="after batch 3 of epoch 1", epoch=0)
            run.end()
            await wait_until(pilot, lambda: "‖ paused" in status(screen))
            assert "its memory is free; space goes on" in status(screen)
            assert "paused: after batch 3" in events(screen)
            assert "stop and save" not in footer(screen)
            await pilot.press("space")
            await wait_until(pilot, lambda: bool(launched))
    assert launched == ["0001-fast"]


async def test_a_rate_and_epochs_are_asked_for_and_shown(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            await typed(pilot, "r", "0.0005")
            await wait_until(pilot, lambda: "rate 0.0005: asked at" in status(screen))
            [rate] = run.control.poll()
            changed: dict[str, Any] = {"epoch": 2, "batch": 1, "from": 0.002, "to": 0.0005}
            run.log.emit("rate", **changed)
            run.control.answer(rate)
            await wait_until(pilot, lambda: "→ done after" in status(screen))
            assert "learning rate 0.002 → 0.0005 after batch 1 of epoch 2" in events(screen)
            assert "rate 0.0005" in status(screen)
            await typed(pilot, "e", "3 at 0.001")
            await wait_until(pilot, lambda: "epochs 3: asked at" in status(screen))
            [epochs] = run.control.poll()
            assert (epochs.value, epochs.rate) == (3.0, 0.001)
            changed = {"epoch": 2, "batch": 1, "from": 4, "to": 7}
            run.log.emit("epochs", **changed)
            await wait_until(pilot, lambda: "epoch 1/7" in status(screen))
            run.control.answer(epochs, "the disk is full")
            await wait_until(pilot, lambda: "refused after" in status(screen))
            assert "the disk is full" in status(screen)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("r", "-1", "-1 is no learning rate; valid: above 0, at most 10"),
        ("r", "fast", "'fast' is no number"),
        ("e", "0", "0 is no number of epochs; valid: 1 to 10000"),
        ("e", "3 at 99", "99 is no learning rate"),
    ],
)
async def test_what_makes_no_sense_is_said_and_not_asked(
    bench: Bench, key: str, value: str, said: str
) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            await typed(pilot, key, value)
            await wait_until(pilot, lambda: said in status(screen))
    assert requests(run.run) == ()


async def test_epochs_for_a_run_that_is_paused_wait_until_it_goes_on(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.epoch(1)
        run.log.emit("paused", text="after batch 1 of epoch 2", epoch=1)
    async with app_of(bench).run_test(size=SIZE) as pilot:
        await monitor(pilot)
        await typed(pilot, "e", "5")
        await wait_until(pilot, lambda: bool(read_changes(run.run).more))
    [more] = read_changes(run.run).more
    assert (more.start, more.until) == (4, 9)


async def test_a_checkpoint_is_asked_at_once_and_an_abort_after_a_question(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with app_of(bench).run_test(size=(80, 24)) as pilot:
            screen = await monitor(pilot)
            shown = footer(screen)
            for words in ("space pause/resume", "s stop and save", "e +epochs", "r rate", "k save"):
                assert words in " ".join(shown.split())
            await pilot.press("k")
            await wait_until(pilot, lambda: "checkpoint: asked" in status(screen))
            await pilot.press("A")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            await pilot.press("n")
            await pilot.press("A")
            await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            await pilot.press("y")
            await wait_until(pilot, lambda: "abort: asked" in status(screen))
            assert [one.action for one in requests(run.run)] == ["checkpoint", "abort"]


async def test_nobody_who_takes_it_is_said(bench: Bench) -> None:
    with SimulatedRun(bench) as run:
        run.start()
        run.batch(1, 1)
        async with app_of(bench).run_test(size=SIZE) as pilot:
            screen = await monitor(pilot)
            await pilot.press("k")
            await wait_until(
                pilot, lambda: bool(re.search(r"nobody took it for \d+ s", status(screen))), seconds=15
            )
