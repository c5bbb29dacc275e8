"""Figures and claims of the training runs, from small runs without stores."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from studies.clifford.training_cells import Summary, context
from trainscape.studies.clifford.landscape import claims as landscape_claims
from trainscape.studies.clifford.landscape import figures as landscape_figures
from trainscape.studies.clifford.landscape import simulate
from trainscape.studies.clifford.vqe import (
    VQEPublished,
    VQESettings,
    VQEShots,
    VQETraining,
    claims,
    figures,
    vqe_families,
)
from trainscape.studies.clifford.vqe.dataset import sample as energy
from trainscape.studies.clifford.vqe.thresholds import sample, summarise
from trainscape.studies.contract import CellContext, CellData, Stage

SETTINGS = VQESettings(
    training=VQETraining(
        systems={"global_z": ((3, 1),), "tfim": ((3, 1), (3, 2))},
        restarts=6,
        iterations=12,
        rate=0.1,
        baselines=("global_z",),
        rates=(0.4,),
    ),
    shots=VQEShots(
        systems={"global_z": ((3, 1),)}, restarts=6, iterations=3, rate=0.1, shots=(0, 4)
    ),
    published=VQEPublished(
        runs=2, experiments=(("biased_heisenberg", 3, 1, 2, 0.01),), walks=((3, 1, 2, 0.1),)
    ),
)


@dataclass
class Made:
    """A `Results` over summaries that were made here."""

    summaries: dict
    planes: list = field(default_factory=list)
    preset: str = "test"

    def summary(self, family, stage):
        return self.summaries[family]

    def cells(self, family, stage):
        return self.planes

    def store(self, family, stage):
        return f"results/{family}/{stage}"


@pytest.fixture(scope="module")
def results() -> Made:
    summaries = {}
    for family in vqe_families(SETTINGS):
        stages = {}
        for stage, step in ((Stage.DATASET, energy), (Stage.THRESHOLDS, sample)):
            cells = family.stages[stage].cells
            stages[stage] = [
                (dict(cell.parameters), step(context(**cell.parameters), range(cell.samples or 1)))
                for cell in cells
            ]
        summaries[family.name] = summarise(Summary(stages))
    planes = []
    for start in ("plain", "lce"):
        parameters = {"qubits": 3, "layers": 1, "start": start, "published": False}
        cell = CellContext(
            parameters, {"draws": 3}, {}, lambda purpose, index: np.random.default_rng(index)
        )
        planes.append(CellData(parameters, simulate.sample(cell, range(1)), ""))
    return Made(summaries, planes)


@pytest.mark.parametrize("name", [*figures.__all__, "landscape"])
def test_figures_show_what_their_tables_hold(results, name):
    draw = getattr(landscape_figures if name == "landscape" else figures, name)
    figure, table = draw(results)
    assert len(table) > 3
    figure.canvas.draw()
    drawn = [axes for axes in figure.axes if axes.has_data()]
    assert len(drawn) == {"vqe": 12, "vqe_observables": 8, "vqe_baselines": 1, "landscape": 4}.get(
        name, 4
    )
    for axes in drawn:
        assert all(
            np.isfinite(np.asarray(line.get_ydata(), dtype=np.float64)).all() for line in axes.lines
        )


def test_curves_of_the_table_are_those_of_the_runs(results):
    _, table = figures.vqe(results)
    runs = sample(context(qubits=3, layers=1, start="lce", iterations=12, rate=0.1), range(6))
    mine = table[(table["start"] == "lce") & np.isclose(table["exponent"], 1 / 3)]
    np.testing.assert_allclose(
        mine["mean_loss"], runs["loss"].values[:, 2].mean(axis=0), rtol=1e-12
    )
    assert mine["iteration"].tolist() == list(range(13))


def test_claims(results):
    found = {claim.id: claim for claim in claims.claims(results)}
    assert set(found) == {
        "vqe-gain-global_z-n3-L1",
        "vqe-gain-tfim-n3-L1",
        "vqe-gain-tfim-n3-L2",
        "vqe-gain-large-rate",
        "vqe-baselines-global_z",
        "descent-no-walk",
        "vqe-gain-shots-global_z",
    }
    first = found["vqe-gain-global_z-n3-L1"]
    assert first.samples == 6
    assert first.interval[0] <= first.measured <= first.interval[1]
    assert all(
        patch in first.note for patch in ("D^-1 ", "D^-1/2", "D^-1/3", "D^-1/5", "at a maximum")
    )
    assert "clifford/gd" in found["vqe-baselines-global_z"].note
    assert "4 shots" in found["vqe-gain-shots-global_z"].note
    # Both landscapes, four patches each.
    assert found["descent-no-walk"].note.count("p = ") == 8


def test_published_runs_are_compared_with_the_published_numbers(results):
    """The summary of the biased chain, as if it had the published size: the deviation is the largest of the eight."""
    summary = results.summaries["vqe_published"]
    known = claims.PUBLISHED["biased_heisenberg", 8, 16, 0.01, 999]
    keep = [
        k
        for k in range(summary.sizes["run"])
        if str(summary["optimiser"].values[k]) == "gd"
        and summary["observable"].values[k] != "global_z"
    ]
    changed = summary.isel(run=keep).copy(deep=True)
    for name, value in (("qubits", 8), ("layers", 16), ("iterations", 999), ("restarts", 5)):
        changed[name] = ("run", np.full(8, value))
    ends = [known[str(start), "gd"][k % 4] for k, start in enumerate(changed["start"].values)]
    for shift, verdict in ((0.0, "reproduced"), (0.002, "not reproduced")):
        changed["final_loss"] = ("run", np.array(ends) + shift)
        (claim,) = claims._published(Made({**results.summaries, "vqe_published": changed}))
        assert (claim.verdict, claim.measured) == (verdict, pytest.approx(shift, abs=1e-12))
    # One curve differs, but angles moved by 1e-13 move it as far.
    changed["final_loss"] = ("run", np.array(ends) + 0.002 * (np.arange(8) == 3))
    changed["moved_loss"] = ("run", np.array(ends))
    (claim,) = claims._published(Made({**results.summaries, "vqe_published": changed}))
    assert (claim.verdict, claim.measured) == ("holds only if", pytest.approx(0, abs=1e-12))
    assert "moves by 0.002" in claim.note


def test_landscape_claim(results):
    (claim,) = landscape_claims.claims(Made({}, results.planes))
    assert claim.verdict == "reproduced"
    assert claim.measured < 1e-12
    broken = [CellData(cell.parameters, cell.data * 0.9, "") for cell in results.planes]
    (claim,) = landscape_claims.claims(Made({}, broken))
    assert claim.verdict == "not reproduced"
