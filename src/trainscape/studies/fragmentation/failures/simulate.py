"""Train networks with one thing wrong, and ask the diagnosis, which is not told, what it is.

A sample is one restart. The loss of all Krylov states is kept, trained or not. The findings of `trainscape.studies.fragmentation.diagnosis` belong to the cell.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.diagnosis import diagnose
from trainscape.studies.fragmentation.instances import load_network
from trainscape.studies.fragmentation.network import (
    Gate,
    Label,
    build_problem,
    draw_parameters,
    draw_times,
)
from trainscape.training.optimisers import LBFGS, minimise, single

__all__ = ["sample", "summarise"]


def _network(cell: CellContext) -> tuple[SectorProblem, int]:
    """Return the network of the cell in all sectors, and the order of its ancilla."""
    qnn, sectors = load_network(cell.inputs[Stage.DATASET])
    match cell["failure"]:
        case "frozen_sector":
            qnn = replace(qnn, gate=Gate.PRODUCT)
        case "no_coupling":
            qnn = replace(qnn, couplings=np.zeros_like(qnn.couplings))
    return build_problem(qnn, sectors, label=Label(cell["label"]), allow_frozen=True), len(
        qnn.ancilla_vector
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train from each start, and return the losses of all Krylov states with the findings."""
    problem, ancilla = _network(cell)
    labels = [
        (position, q)
        for position, block in enumerate(problem.blocks)
        for q in range(block.inputs.shape[1])
    ]
    # The largest sector is the one that is missed most.
    largest = max(
        range(len(problem.blocks)), key=lambda position: problem.blocks[position].inputs.shape[1]
    )
    trained = [
        label for label in labels if cell["failure"] != "missing_sector" or label[0] != largest
    ]
    kept = tuple(block for position, block in enumerate(problem.blocks) if (position, 0) in trained)
    findings = diagnose(
        problem, ancilla, cell["parameters"], cell["horizon"], cell["label"], trained
    )
    options = LBFGS(iterations=cell.options["iterations"], target=cell.options["target"])
    training, losses, steps = [], [], []
    for index in samples:
        times = draw_times(
            cell.generator(Purpose.STRUCTURE, index), cell["parameters"], cell["horizon"]
        )
        theta0 = draw_parameters(cell.generator(Purpose.TRAINING, index), 1, cell["parameters"])[0]
        run = minimise(
            single(Sectors(SectorProblem(kept, times)).value_and_gradient), theta0, options
        )
        training.append(run.loss)
        steps.append(run.iterations)
        losses.append(
            Sectors(SectorProblem(problem.blocks, times)).losses_per_state(run.theta[None])[0]
        )
    return xr.Dataset(
        {
            "training_loss": ("sample", np.array(training)),
            "iterations": ("sample", np.array(steps, dtype=np.int64)),
            "state_loss": (("sample", "krylov_state"), np.array(losses)),
            "codes": ((), ",".join(finding.code for finding in findings)),
            "messages": ((), "; ".join(finding.message for finding in findings)),
        },
        coords={"sector": ("krylov_state", np.array([label[0] for label in labels]))},
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the losses of each failure, and whether the diagnosis found just that."""
    cells = context.cells(Stage.SIMULATE)
    rows = []
    for failure in dict.fromkeys(cell["failure"] for cell in cells):
        mine = [cell for cell in cells if cell["failure"] == failure]
        losses = np.concatenate([cell.data["state_loss"].values for cell in mine])
        means = losses.mean(axis=1)
        sector = mine[0].data["sector"].values
        worst = np.max([losses[:, sector == k].mean(axis=1) for k in np.unique(sector)], axis=0)
        expected = (
            ""
            if failure == "none"
            else "missing_states"
            if failure == "missing_sector"
            else failure
        )
        rows.append(
            {
                "failure": failure,
                "site_dim": mine[0]["site_dim"],
                "sites": mine[0]["sites"],
                "parameters": mine[0]["parameters"],
                "horizon": mine[0]["horizon"],
                "instances": len(mine),
                "restarts": len(losses),
                "training_loss": float(
                    np.median(np.concatenate([cell.data["training_loss"].values for cell in mine]))
                ),
                "loss": float(np.median(means)),
                "loss_least": float(means.min()),
                "loss_largest": float(means.max()),
                "worst_sector_loss": float(np.median(worst)),
                "named": sum(str(cell.data["codes"].values) == expected for cell in mine),
                "codes": str(mine[0].data["codes"].values),
                "message": str(mine[0].data["messages"].values),
            }
        )
    return xr.Dataset({name: ("row", np.array([row[name] for row in rows])) for name in rows[0]})
