"""A group is one package; figures and claims are found in it; each step has its own fingerprint."""

import json
from pathlib import Path

import pytest

from trainscape.pipeline.discovery import figures_of
from trainscape.pipeline.errors import ConfigError, StepFailedError
from trainscape.pipeline.report import stage_states
from workspace import PLUGIN, Workspace

TOY = {
    "__init__.py": """
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan


class ToySettings(Settings):
    draws: int = 4


def families(own, shared):
    cells = tuple(
        Cell(parameters={"size": size, "shape": (size, 1)}, samples=own.draws)
        for size in shared.sizes
    )
    plan = StagePlan(sample="draws", summary="means", cells=cells)
    seeds = {Purpose.PARAMETERS: ("size",)}
    return (Family(name="toy", title="a toy", stages={Stage.SIMULATE: plan}, seeds=seeds),)


GROUP = Group(package=__name__, title="A toy.", settings=ToySettings, families=families)
""",
    "draws.py": """
import numpy as np
import xarray as xr

from trainscape.studies.contract import Purpose


def sample(cell, samples):
    assert cell["shape"] == (cell["size"], 1)
    values = [cell.generator(Purpose.PARAMETERS, index).normal() for index in samples]
    return xr.Dataset({"value": ("sample", np.array(values))})
""",
    "means.py": """
from trainscape.studies.contract import Stage
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean


def summarise(context):
    rows = [
        {"size": cell["size"], "mean": mean(cell.data["value"].values)}
        for cell in context.cells(Stage.SIMULATE)
    ]
    return to_dataset(rows, ("size",))
""",
    "figures.py": '''
from trainscape.studies.contract import Stage
from trainscape.studies.reporting import Plot, Results
from trainscape.studies.kit.panels import panels, points
from trainscape.studies.kit.tables import to_frame


def toy_means(results: Results) -> Plot:
    """Means of draws."""
    table = to_frame(results.summary("toy", Stage.SIMULATE))
    figure, ((axes,),) = panels(1)
    points(axes, table["size"], table, "mean")
    axes.set(xlabel="size", ylabel="mean")
    return Plot(figure=figure, table=table, caption="Means.")
''',
    "claims.py": """
from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow
from trainscape.studies.reporting import Evidence, claim


@claim(
    "Means are small.",
    origin="check",
    source="normal draws",
    rule=AllBelow("the largest mean", limit=5.0),
    figure="toy_means",
    store=("toy", Stage.SIMULATE),
)
def toy(results):
    table = results.summary("toy", Stage.SIMULATE)
    return Evidence(data=abs(table["mean"].values), counts={"samples": 8})
""",
}


def add_toy(workspace: Workspace) -> Path:
    folder = workspace.root / PLUGIN / "toy"
    folder.mkdir()
    for name, text in TOY.items():
        (folder / name).write_text(text)
    workspace.forget_code()
    return folder


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    workspace.own_plugin()
    return workspace


def test_a_new_group_is_one_package(workspace: Workspace):
    """Families, figures and claims come with it: nothing else is edited."""
    before = {str(request.paths) for request in workspace.requests()}
    add_toy(workspace)
    added = {str(request.paths) for request in workspace.requests()} - before
    assert added == {"synthetic/simulate/toy (smoke)", "synthetic/figures/toy (smoke)"}
    workspace.complete()
    figures = workspace.root / "results/smoke/synthetic/figures"
    assert (figures / "toy_means.pdf").exists()
    records = json.loads((figures / "claims.json").read_text())
    assert {record["id"]: record["verdict"] for record in records} == {
        "mean-square": "reproduced",
        "toy": "reproduced",
    }
    captions = workspace.manifest("figures", "toy")["captions"]
    assert captions == {"toy_means": {"title": "Means of draws.", "caption": "Means."}}
    assert workspace.problems() == []


def left(workspace: Workspace) -> dict[str, int]:
    """Return the chunks that are to be computed, by stage and family, where there are any."""
    with workspace.inside():
        states = stage_states(workspace.requests(), 8.0)
    return {f"{s.request.stage}/{s.request.family}": s.left for s in states if s.left}


def incomplete(workspace: Workspace) -> set[str]:
    with workspace.inside():
        states = stage_states(workspace.requests(), 8.0)
    return {f"{s.request.stage}/{s.request.family}" for s in states if not s.complete}


def test_an_edited_summary_makes_no_sample_stale(workspace: Workspace):
    add_toy(workspace)
    workspace.complete()
    assert left(workspace) == {}
    assert incomplete(workspace) == set()
    workspace.edit("../toy/means.py", "rows = [", "rows = [  # edited\n")
    assert left(workspace) == {}
    # Its own stage is summarised anew; the figures wait for it and rest on the same request.
    assert incomplete(workspace) == {"simulate/toy"}
    workspace.forget_calls()
    workspace.complete()
    assert not workspace.calls()
    assert incomplete(workspace) == set()


def test_an_edited_step_makes_exactly_its_samples_stale(workspace: Workspace):
    add_toy(workspace)
    workspace.complete()
    workspace.edit("../toy/draws.py", "assert", "assert 1 and")
    assert left(workspace) == {"simulate/toy": 2}
    workspace.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 1.0  # edited")
    assert set(left(workspace)) == {
        "simulate/toy",
        "simulate/full",
        "gradients/full",
        "gradients/single",
    }


def test_edited_figures_and_claims_concern_their_group_alone(workspace: Workspace):
    add_toy(workspace)
    workspace.complete()
    workspace.edit("../toy/claims.py", "limit=5.0", "limit=6.0")
    assert incomplete(workspace) == {"figures/toy"}
    workspace.edit("../toy/figures.py", 'ylabel="mean"', 'ylabel="the mean"')
    assert incomplete(workspace) == {"figures/toy"}


def test_figures_are_public_functions_that_return_one(workspace: Workspace):
    folder = add_toy(workspace)
    (folder / "figures.py").write_text(
        'def _private(results) -> Plot:\n    """No."""\n\n\n'
        'def helper(results) -> float:\n    """No."""\n\n\n'
        'def first(results) -> contract.Plot:\n    """A picture.\n\n    More."""\n\n\n'
        'def second(results) -> Table:\n    """A table."""\n'
    )
    workspace.forget_code()
    found = figures_of(f"{PLUGIN}.toy").figures
    assert [(info.name, info.kind, info.title) for info in found] == [
        ("first", "plot", "A picture."),
        ("second", "table", "A table."),
    ]
    assert found[1].files == ("second.html", "second.csv")


def test_a_figure_needs_a_title(workspace: Workspace):
    folder = add_toy(workspace)
    (folder / "figures.py").write_text("def first(results) -> Plot:\n    return None\n")
    workspace.forget_code()
    with pytest.raises(ConfigError, match="first needs a docstring"):
        figures_of(f"{PLUGIN}.toy")


def test_two_groups_cannot_have_figures_of_one_name(workspace: Workspace):
    folder = add_toy(workspace)
    (folder / "figures.py").write_text(TOY["figures.py"].replace("toy_means", "decay"))
    workspace.forget_code()
    with pytest.raises(ConfigError, match="figure names must be unique"):
        workspace.requests()


def test_figures_read_their_own_group_only(workspace: Workspace):
    folder = add_toy(workspace)
    (folder / "figures.py").write_text(TOY["figures.py"].replace('summary("toy"', 'summary("full"'))
    workspace.forget_code()
    with pytest.raises(StepFailedError, match="its own families only"):
        workspace.complete()
