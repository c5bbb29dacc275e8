"""Figures are kept one by one: a kill costs the one that was being drawn."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainscape.pipeline import figures as module
from workspace import DAMAGE, Workspace

pytestmark = pytest.mark.fault

STAGES = ("dataset", "simulate", "gradients", "thresholds")


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each figure was drawn, and the claims were judged."""
    count: Counter[str] = Counter()
    draw, judge = module.draw_figure, module._claims_content

    def counted(info: Any, *arguments: Any) -> str:
        count[info.name] += 1
        return draw(info, *arguments)

    def judged(*arguments: Any) -> bytes:
        count["claims"] += 1
        return judge(*arguments)

    monkeypatch.setattr(module, "draw_figure", counted)
    monkeypatch.setattr(module, "_claims_content", judged)
    return count


def remove_outputs(workspace: Workspace) -> None:
    """Remove the outputs of the figures, as Snakemake does before it starts a job again."""
    paths = workspace.absolute("figures", "core")
    paths.manifest.unlink(missing_ok=True)
    for file in paths.folder.glob("*.*"):
        if file.suffix in (".pdf", ".png", ".csv", ".html"):
            file.unlink()


@pytest.mark.fault(
    part="kills",
    fault="a job of figures is killed after each figure that it draws, again and again",
    promise="each figure is drawn once, and the claims are judged once; all files are equal",
)
def test_job_that_is_killed_after_each_figure_comes_to_its_end(
    make_workspace: Callable[..., Workspace],
    drawn: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
    observe: Callable[[str], None],
):
    reference = make_workspace("reference")
    reference.complete()
    drawn.clear()
    workspace = make_workspace()
    workspace.complete(*STAGES)
    keep = module.DrawnFiles.keep

    def killed_after(self: Any, *arguments: Any) -> None:
        keep(self, *arguments)
        raise Killed

    kills = 0
    monkeypatch.setattr(module.DrawnFiles, "keep", killed_after)
    for _ in range(10):
        remove_outputs(workspace)
        try:
            workspace.complete("figures")
            break
        except Killed:
            kills += 1
    assert kills == 3
    assert drawn == {"decay": 1, "ratios": 1, "claims": 1}
    assert workspace.manifests() == reference.manifests()
    mine, theirs = workspace.absolute("figures").folder, reference.absolute("figures").folder
    for file in ("decay.pdf", "decay.png", "decay.csv", "ratios.html", "ratios.csv"):
        assert (mine / file).read_bytes() == (theirs / file).read_bytes()
    observe("3 kills, no figure drawn twice")


def test_figure_is_drawn_again_for_other_data_code_or_packages(
    make_workspace: Callable[..., Workspace], drawn: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    drawn.clear()
    workspace.complete("figures")
    assert not drawn
    workspace.edit("figures.py", '"o"', '"s"')
    workspace.complete("figures")
    assert drawn == {"decay": 1, "ratios": 1}
    drawn.clear()
    monkeypatch.setattr(module, "versions", lambda: {"matplotlib": "0"})
    workspace.complete("figures")
    assert drawn == {"decay": 1, "ratios": 1, "claims": 1}
    drawn.clear()
    workspace.set_study(tolerance=0.25)
    workspace.complete()
    assert drawn == {"decay": 1, "ratios": 1, "claims": 1}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_copy_is_no_figure(workspace: Workspace, drawn: Counter[str], damage: str):
    workspace.complete()
    drawn.clear()
    kept = workspace.absolute("figures", "core").drawn
    DAMAGE[damage](kept / "decay.png")
    DAMAGE[damage](kept / "ratios.record.json")
    remove_outputs(workspace)
    workspace.complete("figures")
    assert drawn == {"decay": 1, "ratios": 1}
    assert workspace.problems() == []


def test_figures_that_the_group_has_no_more_are_not_kept(workspace: Workspace):
    workspace.complete()
    kept: Path = workspace.absolute("figures", "core").drawn
    before = sorted(kept.iterdir())
    (kept / "old.pdf").write_text("")
    (kept / "old.record.json").write_text("{}")
    workspace.complete("figures")
    assert sorted(kept.iterdir()) == before
