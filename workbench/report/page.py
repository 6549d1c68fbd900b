"""The page: every part under its heading, in one file that fetches nothing and runs nothing."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from workbench import __version__
from workbench.errors import WorkbenchError
from workbench.report import about
from workbench.report.charts import curves
from workbench.report.course import figure
from workbench.report.events import events
from workbench.report.gallery import Gallery, HeadAnswer, Shown
from workbench.report.machine_charts import machine_charts
from workbench.report.markup import Html, element, join
from workbench.report.material import Material
from workbench.report.results import results
from workbench.report.story import state, story
from workbench.tui.times import duration, moment

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a browser may do with the page: show it, with its own styles and the pictures in it."""


@cache
def _style() -> Html:
    """The style sheet."""
    return Html(Path(__file__).with_name("style.css").read_text(encoding="utf-8"))


def page(material: Material) -> str:
    """The whole document."""
    name = material.run.name
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{name}: {material.snapshot.state}"),
        element("style", _style()),
    )
    parts = list(_parts(material))
    body = element(
        "body",
        _top(material, parts),
        element("main", *[_section(title, content) for title, content in parts]),
        element(
            "footer",
            f"Made by workbench {__version__} at {moment(material.made)} from {material.run.root.absolute()}",
        ),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _parts(material: Material) -> Iterator[tuple[str, Html]]:
    """Each part's heading and content; what a run does not have is left out, or said."""
    snapshot, run = material.snapshot, material.run
    drawn = curves(snapshot, material.titles)
    yield "Curves", drawn or _empty("No epoch and no batch has been written down yet.")
    yield "Events", events(snapshot)
    if material.evaluation is not None:
        yield "Evaluation", results(material.evaluation, material.titles)
    else:
        yield "Evaluation", _empty(f"None: {material.unevaluated}.")
    if material.gallery is not None:
        yield "Pictures", _gallery(material.gallery, material.titles)
    yield "Settings", _settings(material)
    yield "Data", about.data(run, material.described)
    used = machine_charts(snapshot)
    machine = about.machine(run, material.described)
    yield "Machine", join(machine, element("div", *used, class_="charts") if used else None)


def _empty(words: str) -> Html:
    return element("p", words, class_="empty")


def _section(title: str, content: Html) -> Html:
    return element("section", element("h2", title), content, id=title.lower())


def _settings(material: Material) -> Html:
    """The settings, or why they cannot be read."""
    try:
        return about.settings(material.run, material.summary.preset)
    except WorkbenchError as error:
        return _empty(str(error))


def _top(material: Material, parts: list[tuple[str, Html]]) -> Html:
    """Title, state, the way to each part, the story and the principal figures."""
    links = [element("a", title, href=f"#{title.lower()}") for title, _ in parts]
    return element(
        "header",
        element("p", "Training run", class_="kind"),
        element("div", element("h1", material.run.name), state(material), class_="top"),
        element("nav", *links, aria_label="Parts"),
        story(material),
        element("dl", *[_number(*one) for one in _numbers(material)], class_="numbers"),
    )


def _number(name: str, value: str, beside: str) -> Html:
    small = element("small", beside, class_="soft") if beside else None
    return element("div", element("dt", name), element("dd", value, small))


def _numbers(material: Material) -> Iterator[tuple[str, str, str]]:
    """The principal figures: name, value, what stands below."""
    summary, snapshot = material.summary, material.snapshot
    yield (
        "epochs",
        f"{summary.epochs_done}/{snapshot.epochs}",
        f"step {snapshot.step:,}" if snapshot.step else "",
    )
    best = "" if summary.best is None else f"{summary.metric} {summary.best:.4g}"
    yield "best epoch", f"★ {summary.best_epoch}" if summary.best_epoch else "–", best
    figures = (("loss", summary.loss), ("accuracy", summary.accuracy), ("macro-F1", summary.macro_f1))
    for name, value in figures:
        if value is not None:
            yield name, figure(value), "validation, best epoch"
    if summary.images_per_second:
        yield "pictures a second", figure(summary.images_per_second), "while training"
    if snapshot.sign_wall:
        took = duration(max(0.0, snapshot.sign_wall - snapshot.started))
        yield "lasted", took, f"from {moment(snapshot.started)}"


def _gallery(gallery: Gallery, titles: dict[str, str]) -> Html:
    """Pictures with truth and answer below; what could not be read is a line."""
    which = (
        "pictures at random" if gallery.at_random else "pictures about which the network is most surely wrong"
    )
    said = (
        f"{len(gallery.shown)} {which}, of the {gallery.split} split; of {gallery.asked:,} pictures asked, "
        f"{gallery.mistakes:,} have a mistake in some head."
    )
    lost = [element("li", f"{name}: {why}") for name, why in gallery.lost[:_NAMED]]
    more = len(gallery.lost) - len(lost)
    lost += [element("li", f"{more:,} more pictures")] if more > 0 else []
    return join(
        element("p", said),
        element("div", *[_picture(one, titles) for one in gallery.shown], class_="gallery"),
        join(element("p", "Not to be read any more:"), element("ul", *lost, class_="remarks"))
        if lost
        else None,
    )


_NAMED = 20


def _picture(one: Shown, titles: dict[str, str]) -> Html:
    """A thumbnail over its mistakes; over all answers where there is none."""
    image = (
        element("img", src=one.uri, alt=f"The picture {one.name}")
        if one.jpeg
        else element("div", one.reason, class_="lost")
    )
    wrong = [answer for answer in one.answers if answer.wrong]
    lines = [_answer(answer, titles) for answer in wrong or one.answers]
    return element("figure", image, *lines, element("p", one.name, class_="soft"))


def _answer(one: HeadAnswer, titles: dict[str, str]) -> Html:
    """Truth and answer of a head."""
    title = titles.get(one.head, one.head)
    said = f"{one.answer} ({one.probability:.0%})"
    if not one.wrong:
        return element("p", f"{title}: {'✓' if one.truth else 'no label;'} {said}")
    return element(
        "p", f"{title}: is ", element("b", one.truth), ", ✗ taken for ", element("b", said), class_="wrong"
    )
