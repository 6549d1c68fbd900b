"""A report in a real browser: it fetches nothing, runs nothing, draws its curves and fits the page.

Skipped where there is no Chromium; `.ci/run` puts one in where it may.
"""

import html
import http.server
import io
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.report.conftest import HOSTILE, make_hostile
from tests.unit.training.conftest import epoch, write
from workbench.report.gallery import Gallery, HeadAnswer, Shown
from workbench.report.material import Material, read_material
from workbench.report.page import page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
_WIDTHS = (420, 1200)


class Browser:
    """A Chromium, each page in a profile of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder, self._count = program, folder, 0

    def _run(self, path: Path, *options: str) -> str:
        self._count += 1
        profile = self._folder / f"profile{self._count}"
        command = [self._program, *_QUIET, f"--user-data-dir={profile}", *options, path.as_uri()]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def document(self, text: str) -> str:
        """What a page has become once it is loaded."""
        path = self._folder / "page.html"
        path.write_text(text)
        return self._run(path, "--dump-dom")

    def picture(self, text: str, *, dark: bool) -> np.ndarray:
        """How a page looks, as RGB pixels."""
        path, shot = self._folder / "page.html", self._folder / "shot.png"
        path.write_text(text)
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        self._run(path, f"--screenshot={shot}", "--window-size=1200,1600", scheme)
        with Image.open(shot) as image:
            return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A browser, if there is one."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no browser is installed: none of {', '.join(_NAMES)}")
    return Browser(program, tmp_path_factory.mktemp("browser"))


class Listener:
    """A server on this machine that notes who asks for what."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """A server that no report may ask."""
    found = Listener()
    yield found
    found.close()


@pytest.fixture(scope="module")
def report(listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a run with hostile names, long words, pictures and all tables."""
    words = HOSTILE.replace("http://127.0.0.1", listener.address)
    run = make_hostile(tmp_path_factory.mktemp("hostile"), words)
    write(
        run,
        *(epoch(number, 3.0 / number, number) for number in range(1, 11)),
        {"type": "failed", "cause": words},
    )
    file = io.BytesIO()
    Image.new("RGB", (120, 168), (200, 80, 40)).save(file, "JPEG")
    answers = (HeadAnswer("glasses", words, "x" * 80, 0.9),)
    shown = tuple(Shown("y" * 200, answers, file.getvalue()) for _ in range(3))
    gallery = Gallery("test", False, 3, 3, shown, ((words, words),))
    return page(Material(**{**vars(read_material(run)), "gallery": gallery}))


def attack(listener: Listener) -> str:
    """Markup that fetches and runs, as if it had come through."""
    place = listener.address
    return (
        f'<img src="{place}/img"><script src="{place}/script"></script>'
        f'<link rel="stylesheet" href="{place}/style"><iframe src="{place}/frame"></iframe>'
        '<p id="ran">no</p><script>document.getElementById("ran").textContent = "yes"</script>'
    )


def test_a_report_asks_nobody_and_its_names_stay_words(
    browser: Browser, listener: Listener, report: str
) -> None:
    listener.asked.clear()
    loaded = browser.document(report)
    assert listener.asked == []
    assert loaded.count("<svg") == report.count("<svg") > 5
    assert loaded.count("<table") == report.count("<table") > 5
    assert loaded.count("<img") == report.count("<img") == 3
    assert "<script" not in loaded
    assert "\u202e" not in loaded


def test_even_markup_that_came_through_could_fetch_and_run_nothing(
    browser: Browser, listener: Listener, report: str
) -> None:
    listener.asked.clear()
    loaded = browser.document(report.replace("</main>", f"{attack(listener)}</main>"))
    assert listener.asked == []
    assert '<p id="ran">no</p>' in loaded
    bare = browser.document(f"<!DOCTYPE html><body>{attack(listener)}")  # what the policy is worth
    assert {"/img", "/script", "/style", "/frame"} <= set(listener.asked)
    assert '<p id="ran">yes</p>' in bare


def test_nothing_is_wider_than_the_page_on_a_phone_and_on_a_desk(browser: Browser, report: str) -> None:
    frames = "".join(
        f'<iframe width="{width}" height="900" srcdoc="{html.escape(report)}"></iframe>' for width in _WIDTHS
    )
    measure = """<script>onload = () => {
        const roots = Array.from(frames, (one) => one.document.documentElement);
        document.title = roots.map((root) => root.scrollWidth + "/" + root.clientWidth).join(" ");
    }</script>"""
    loaded = browser.document(f"<!DOCTYPE html><head>{measure}</head><body>{frames}")
    title = re.search(r"<title>([^<]*)</title>", loaded)
    assert title is not None
    found = [tuple(map(int, pair.split("/"))) for pair in title[1].split()]
    assert [client for _, client in found] == list(_WIDTHS)
    assert [scrolled for scrolled, _ in found] == list(_WIDTHS)


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_to_be_seen_in_light_and_in_the_dark(browser: Browser, report: str, dark: bool) -> None:
    pixels = browser.picture(report, dark=dark).astype(int)
    assert pixels.shape == (1600, 1200, 3)
    background = pixels[3, 3].mean()
    assert background < 60 if dark else background > 200
    ink = np.abs(pixels - pixels[3, 3]).max(axis=2) > 90
    assert 0.005 < ink.mean() < 0.5  # text and lines, not a blank page, not a black one
    for name in ("train", "validation"):
        colour = re.findall(rf"--{name}: (#[0-9a-f]{{6}})", report)[dark]  # as the page says, light first
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert (np.abs(pixels - wanted).max(axis=2) < 8).sum() > 100, name
