"""Pages in Chromium: the report of a small run, and what else lies there finished.

Collected where the packages of requirements.txt are installed, as by `make test-browser`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workspace import REPO, Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

if find_spec("playwright") is None:
    collect_ignore_glob = ["test_*.py"]

SMALL = "a small run"
MOST_PAGES = 24
"""Pages of a site that are opened; the others are made from the same templates."""

BUILT = [
    *sorted((REPO / "results").glob("*/report")),
    *[folder for folder in (REPO / "build/docs",) if (folder / "index.html").exists()],
]
"""Finished sites of this folder. `SITE`, a variable of the environment, names another one."""

OTHER = [Path(os.environ["SITE"])] if os.environ.get("SITE") else []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "there is no chromium: run tests/browser/install"
    with sync_playwright() as playwright:
        # The sandbox of Chromium refuses to work for root, as in a container.
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def small_report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The report of a run of the synthetic study."""
    from trainscape.pipeline.site.writing import write_report

    with pytest.MonkeyPatch.context() as monkeypatch:
        workspace = Workspace(tmp_path_factory.mktemp("small") / "workspace", monkeypatch)
        workspace.configure()
        workspace.set_study()
        workspace.complete()
        with workspace.inside():
            page = write_report(workspace.requests(), Path("report"), command="trainscape report")
            folder = page.absolute().parent
        yield folder


@pytest.fixture(params=[SMALL, *BUILT, *OTHER], ids=str)
def site(request: pytest.FixtureRequest) -> Path:
    """The folder of a site."""
    if request.param == SMALL:
        return request.getfixturevalue("small_report")
    return request.param


@pytest.fixture
def pages(site: Path) -> list[Path]:
    """Pages of the site: those at its top, and some of the others."""
    top = sorted(site.glob("*.html"))
    below = sorted(set(site.rglob("*.html")) - set(top))
    # Tables of the report, to be taken along: parts of pages, in the words of a spreadsheet.
    below = [page for page in below if "data" not in page.relative_to(site).parts]
    step = max(1, len(below) // max(1, MOST_PAGES - len(top)))
    return [*top[:MOST_PAGES], *below[::step]][:MOST_PAGES]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens windows: ``open_page(width, scheme)``."""
    opened = []

    def window(width: int, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        opened.append(context)
        return context.new_page()

    yield window
    for context in opened:
        context.close()
