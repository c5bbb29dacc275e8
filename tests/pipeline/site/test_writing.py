"""The report as a folder: all links resolve, nothing comes from outside, nothing is left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import pytest

from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.site.writing import write_report
from workspace import Workspace, edit_json

VOID = {"meta", "link", "img", "wbr", "br"}
CELLS = {"td", "th", "li", "dt", "dd"}


class Page(HTMLParser):
    """What a page refers to and how it is built."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.alternatives: list[str | None] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)
        assert self.open == [], f"{path}: {self.open} stay open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.targets += [values[name] or "" for name in ("src", "href") if name in values]
        self.ids += [values["id"] or ""] if "id" in values else []
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.alternatives.append(values.get("alt"))
        assert tag != "script"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{self.path}: line {self.getpos()[0]} closes {tag}"
        if tag in CELLS:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def shown(self) -> str:
        """The text of the page, with single spaces."""
        return " ".join("".join(self.words).split())


@pytest.fixture
def done(workspace: Workspace) -> Workspace:
    """A workspace with a finished run."""
    workspace.complete()
    return workspace


def report(workspace: Workspace, output: str = "report", **options: Any) -> dict[str, Page]:
    """Write the report and return its pages by their path in the folder."""
    with workspace.inside():
        first = write_report(
            workspace.requests(), Path(output), command="trainscape report", **options
        )
        folder = first.absolute().parent
    pages = {path.relative_to(folder).as_posix(): Page(path) for path in folder.rglob("*.html")}
    return {name: page for name, page in pages.items() if not name.startswith("data/")}


def broken_links(pages: dict[str, Page]) -> Iterator[str]:
    """Yield all targets that are not in the folder."""
    ids = {page.path.resolve(): page.ids for page in pages.values()}
    for page in pages.values():
        for target in page.targets:
            address, fragment = urldefrag(target)
            path = (page.path.parent / address).resolve() if address else page.path.resolve()
            if ":" in target or not path.is_file() or (fragment and fragment not in ids[path]):
                yield f"{page.path}: {target}"


def check(pages: dict[str, Page]) -> None:
    """Check what holds for every page."""
    assert list(broken_links(pages)) == []
    for page in pages.values():
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(after - before <= 1 for before, after in steps), page.path
        assert all(page.alternatives), page.path
        assert len(page.ids) == len(set(page.ids))


def test_a_finished_run_is_shown_whole(done: Workspace):
    pages = report(done)
    check(pages)
    claim = pages["claims/synthetic/mean-square.html"]
    assert set(pages) == {
        "index.html",
        "figures.html",
        "cost.html",
        "environment.html",
        "claims/synthetic/mean-square.html",
    }
    assert "reproduced The mean square is positive." in pages["index.html"].shown
    assert "incomplete" not in pages["index.html"].shown
    manifest = done.manifest("figures", "core")
    for caption in manifest["captions"].values():
        assert caption["caption"] in pages["figures.html"].shown
    assert claim.alternatives == ["Mean square against size."]
    assert "make figures PRESET=smoke STUDY=synthetic GROUP=core" in claim.shown
    assert "results/smoke/synthetic/gradients/full.zarr" in claim.shown
    assert "What else was found cells 2 " in claim.shown
    stages = {request.stage for request in done.requests()}
    assert all(f" {stage} " in pages["cost.html"].shown for stage in stages)
    assert f"{len(done.requests())} of {len(done.requests())} stages" in pages["cost.html"].shown
    assert "numpy" in pages["environment.html"].shown


def test_the_folder_can_be_moved(done: Workspace):
    report(done)
    moved = done.root / "elsewhere" / "copy"
    shutil.copytree(done.root / "report", moved)
    shutil.rmtree(done.root / "report")
    shutil.rmtree(done.root / "results")
    pages = {
        path.relative_to(moved).as_posix(): Page(path)
        for path in moved.rglob("*.html")
        if "data" not in path.relative_to(moved).parts
    }
    check(pages)


def test_an_unfinished_run_says_what_is_missing(workspace: Workspace):
    workspace.write_requests()
    pages = report(workspace)
    check(pages)
    assert "incomplete: core" in pages["index.html"].shown
    assert "make figures PRESET=smoke STUDY=synthetic" in pages["index.html"].shown
    assert "Not finished: decay, ratios." in pages["figures.html"].shown


def test_results_of_other_settings_are_named_out_of_date(done: Workspace):
    done.set_study(samples=200)
    pages = report(done)
    check(pages)
    assert "dataset full complete" in pages["cost.html"].shown
    assert "gradients full out of date" in pages["cost.html"].shown
    # The figures were drawn for their own request, but from data that a run would grow.
    assert "out of date: core" in pages["index.html"].shown


def test_a_report_replaces_the_one_before_and_nothing_else(done: Workspace):
    report(done)
    folder = done.root / "report"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (folder / "notes.txt").write_text("mine")
    with (folder / "report-files.txt").open("a") as file:
        file.write("../calls.txt\n")
    done.absolute("figures", "core").manifest.unlink()
    report(done)
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert (folder / "notes.txt").read_text() == "mine"
    assert (done.root / "calls.txt").exists()
    assert not any(name.startswith(("claims/", "data/")) for name in left)
    assert not (folder / "claims" / "synthetic").exists()
    done.run("figures", "core")
    report(done)
    # The list has the digests of the others.
    volatile = ("environment.html", "cost.html", "mean-square.html", "report-files.txt")
    for path, content in before.items():
        assert path.name in volatile or path.read_bytes() == content


def test_a_folder_with_other_files_is_refused(workspace: Workspace):
    (workspace.root / "report").mkdir()
    (workspace.root / "report" / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="no report of trainscape"):
        report(workspace)
    with pytest.raises(ConfigError, match="is a file"):
        report(workspace, "report/notes.txt")


def test_equal_runs_have_no_difference(done: Workspace):
    shutil.copytree(done.root / "results", done.root / "other")
    for other in ("other", "other/smoke"):
        pages = report(done, other=Path(other))
        check(pages)
        shown = pages["difference.html"].shown
        assert "0 differ, 1 are equal." in shown
        assert "0 differ, 2 have equal tables." in shown
        assert "All equal." in shown
    with pytest.raises(ConfigError, match="no finished figures"):
        report(done, "new", other=Path("config"))
    assert not (done.root / "new").exists()


def test_differences_are_named(done: Workspace):
    shutil.copytree(done.root / "results", done.root / "other")
    figures = done.root / "other" / "smoke" / "synthetic" / "figures"

    def change_claims(records: list[dict[str, Any]]) -> None:
        records.append({**records[0], "id": "earlier"})
        records[0]["verdict"] = "not reproduced"

    def change_manifest(manifest: dict[str, Any]) -> None:
        manifest["files"]["decay.csv"] = "0" * 64
        manifest["files"]["old.csv"] = "0" * 64
        del manifest["files"]["ratios.csv"]
        del manifest["seal"]  # of the manifest as it was

    def change_facts(facts: dict[str, Any]) -> None:
        facts["versions"]["numpy"] = "1.0"

    edit_json(figures / "core.claims.json", change_claims)
    edit_json(figures / "core.manifest.json", change_manifest)
    edit_json(figures / "core.provenance.json", change_facts)
    pages = report(done, other=Path("other"))
    check(pages)
    shown = pages["difference.html"].shown
    assert "2 differ, 0 are equal." in shown
    assert "synthetic / mean-square verdict ✕ not reproduced" in shown
    assert "synthetic / earlier gone" in shown
    for line in ("decay: other numbers", "ratios: new", "old: gone"):
        assert f"synthetic / {line}" in shown
    assert "numpy 1.0, " in shown


def test_the_command_names_the_first_page(done: Workspace):
    ended = done.trainscape("report", "synthetic")
    assert ended.code == 0
    assert ended.output.split() == ["report:", "results/smoke/report/index.html"]
    assert (done.root / "results/smoke/report/index.html").is_file()
    refused = done.trainscape("report", "--compare", "config")
    assert refused.code == 2
    assert refused.output.startswith("error: --compare config")
