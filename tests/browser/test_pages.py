"""What a person sees of the pages: at a desk, on a phone, by keyboard, and with poor sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

DESK, PHONE = 1280, 390
"""Widths of windows in pixels."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Sets of axe-core's rules: WCAG 2.2, levels A and AA, and what is good practice."""

LOAD_IMAGES = """async () => {
  const images = [...document.images];
  for (const image of images) image.loading = "eager";
  await Promise.all(images.map(image => image.decode().catch(() => {})));
  return images.filter(image => !image.naturalWidth).map(image => image.src);
}"""

FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    place: [...document.querySelectorAll("*")].indexOf(element),
    tag: element.tagName,
    name: element.textContent.trim(),
    visible: style.outlineStyle != "none" && box.width > 1 && box.height > 1
      && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
    target: element.getAttribute("href"),
  };
}"""


def watched(page: Page) -> list[str]:
    """Return a list that will have all that goes wrong in a page, or that comes from outside."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            wrong.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else wrong.append(f"from outside: {request.url}")
        ),
    )
    return wrong


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_pages_load_whole_and_fit(
    width: int, pages: list[Path], open_page: Callable[..., Page]
) -> None:
    page = open_page(width)
    wrong = watched(page)
    assert pages
    for path in pages:
        page.goto(path.as_uri())
        assert page.evaluate(LOAD_IMAGES) == [], path
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], f"{path} scrolls sideways at {width} pixels"
        assert wrong == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_reading(
    scheme: str, pages: list[Path], open_page: Callable[..., Page]
) -> None:
    """Contrast, alternative texts, names, headings and landmarks, as axe-core judges them."""
    page = open_page(DESK, scheme)
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    for path in pages:
        page.goto(path.as_uri())
        found = Axe().run(page, options=options)
        violations = [
            f"{one['id']}: {one['help']}: {node['html']}"
            for one in found.response["violations"]
            for node in one["nodes"][:3]
        ]
        assert violations == [], path


def test_the_keyboard_reaches_everything(site: Path, open_page: Callable[..., Page]) -> None:
    """Tab goes through a page in the order of its text, and shows where it is."""
    page = open_page(DESK)
    page.goto((site / "index.html").as_uri())
    places = []
    count = page.locator("a[href], summary, [tabindex='0'], button, input").count()
    for _ in range(min(count, 60)):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUSED)
        if focus["tag"] == "BODY":
            break
        assert focus["visible"], focus
        places.append(focus["place"])
    assert len(places) > 3
    assert places == sorted(set(places))


def test_the_skip_link_leads_to_the_content(site: Path, open_page: Callable[..., Page]) -> None:
    page = open_page(DESK)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert "skip" in first["name"].lower()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.querySelector('main').contains(document.activeElement)"
    assert page.evaluate(inside)


def test_a_page_that_is_wrong_is_noticed(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    """The checks above can fail: each finds what is wrong with this page."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<html><body><p style='color: #ccc; background: #fff; width: 2000px'>pale and wide</p>"
        "<img src='none.png'><script>throw new Error('no')</script></body></html>"
    )
    page = open_page(PHONE)
    wrong = watched(page)
    page.goto(bad.as_uri())
    assert page.evaluate(LOAD_IMAGES) == [(tmp_path / "none.png").as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") > PHONE
    assert "error: no" in wrong
    assert any("failed" in text for text in wrong)
    found = Axe().run(page, options={"runOnly": RULES})
    rules = {one["id"] for one in found.response["violations"]}
    assert {"color-contrast", "image-alt", "document-title", "html-has-lang"} <= rules
