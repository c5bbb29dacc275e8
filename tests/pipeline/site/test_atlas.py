"""The atlas of a report: groups that take part, links to claims, and what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.site.test_writing import Page, check, report
from trainscape.pipeline.errors import StepFailedError
from workspace import Workspace

MODULE = '''"""What the group says for the atlas."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.atlas import Atlas, AtlasPoint, Way
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Results
from trainscape.trainability.intervals import Estimate


def atlas(results: Results) -> Atlas:
    summary = results.summary("full", Stage.GRADIENTS)
    sizes, moments = summary["size"].values.tolist(), summary["moment"].values.tolist()
    points = [
        AtlasPoint(
            family="forms <of> $n_1$",
            kind="circuit",
            size=size,
            claim="mean-square" if size == sizes[0] else "not-there",
            moment=Estimate(moment, 0.0, moment / 2, moment * 2, 0.95, 100, "all"),
            way=Way(name="the matrix", numbers=size**2, growth="power"),
        )
        for size, moment in zip(sizes, moments, strict=True)
    ]
    return Atlas(points=points, left_out=[("tails", "they have no scale")])
'''


@pytest.fixture
def taking_part(workspace: Workspace) -> Workspace:
    """A workspace whose only group takes part; nothing is computed yet."""
    (workspace.own_plugin() / "core" / "atlas.py").write_text(MODULE)
    workspace.forget_code()
    return workspace


def links(page: Page) -> set[str]:
    """Return the targets of the links in the pictures of a page."""
    return set(re.findall(r'xlink:href="([^#"][^"]*)"', page.text))


def test_every_point_leads_to_its_claim(taking_part: Workspace):
    taking_part.complete()
    pages = report(taking_part)
    check(pages)
    page = pages["atlas.html"]
    assert links(page) == {"claims/synthetic/mean-square.html"} <= set(pages)
    assert page.text.count("<svg") == 3
    titles = re.findall(r"<title>(synthetic: [^<]*)</title>", page.text)
    assert titles[0].startswith("synthetic: forms &lt;of&gt; n_1, 2 qubits, second moment ")
    assert "tails: they have no scale" in page.shown
    assert "the matrix power mean-square" in page.shown
    assert all('href="./atlas.html"' in pages[name].text for name in ("index.html", "cost.html"))
    content = (taking_part.root / "report" / "atlas.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"claims/synthetic/mean-square.html" in content


def test_an_equal_run_gives_equal_bytes(taking_part: Workspace):
    taking_part.complete()
    for folder in ("first", "second"):
        report(taking_part, folder)
    for name in ("atlas.html", "atlas.pdf"):
        first, second = (taking_part.root / one / name for one in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


def test_an_unfinished_group_is_named(taking_part: Workspace):
    taking_part.write_requests()
    pages = report(taking_part)
    check(pages)
    shown = pages["atlas.html"].shown
    assert "synthetic, core: not finished, stages dataset/full, simulate/full, " in shown
    assert "make figures PRESET=smoke STUDY=synthetic" in shown
    assert "No family is known to be trainable at these sizes." in shown


def test_a_run_that_takes_no_part_has_no_atlas(workspace: Workspace):
    workspace.complete()
    pages = report(workspace)
    assert "atlas.html" not in pages
    assert "atlas.html" not in pages["index.html"].text
    assert not (workspace.root / "report" / "atlas.pdf").exists()


def test_a_failing_module_is_named_with_its_line(taking_part: Workspace):
    taking_part.complete()
    taking_part.edit("atlas.py", 'summary["size"]', 'summary["length"]')
    with pytest.raises(StepFailedError, match=r"the atlas failed: KeyError.*atlas\.py, line 12"):
        report(taking_part)
    assert not Path(taking_part.root / "report").exists()
