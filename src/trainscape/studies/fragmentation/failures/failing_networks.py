"""Train networks with one thing wrong, and ask the diagnosis, which is not told, what it is.

A sample is one restart. The losses of all Krylov states are kept, trained or not. The findings of
`trainscape.trainability.sector_diagnosis` belong to the cell.
"""

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.instances import load_network
from trainscape.studies.fragmentation.network import Gate, Label, build_problem
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.trainability.label_learning import orbit_rank
from trainscape.trainability.sector_diagnosis import diagnose

__all__ = ["sample"]


def _network(cell: CellContext) -> tuple[SectorProblem, int]:
    """Return the network of the cell in all sectors, and the dimension of its ancilla."""
    qnn, sectors = load_network(cell.inputs[Stage.DATASET])
    match cell["failure"]:
        case "frozen_sector":
            qnn = replace(qnn, gate=Gate.PRODUCT)
        case "no_coupling":
            qnn = replace(qnn, couplings=np.zeros_like(qnn.couplings))
    problem = build_problem(qnn, sectors, label=Label(cell["label"]), allow_frozen=True)
    return problem, len(qnn.ancilla_vector)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train from each start; return the losses of all Krylov states with the findings."""
    problem, ancilla = _network(cell)
    sizes = [block.inputs.shape[1] for block in problem.blocks]
    labels = [(sector, q) for sector, size in enumerate(sizes) for q in range(size)]
    # The largest sector is the one that is missed most.
    left_out = sizes.index(max(sizes)) if cell["failure"] == "missing_sector" else None
    trained = [label for label in labels if label[0] != left_out]
    kept = tuple(block for sector, block in enumerate(problem.blocks) if sector != left_out)
    layers = cell["parameters"]
    label, rank = cell["label"], orbit_rank(sizes, ancilla, cell["label"])
    findings = diagnose(problem, ancilla, layers, cell["horizon"], rank, label, trained)
    training, losses, steps = [], [], []
    for index in samples:
        engine, theta0 = start(cell, problem, layers, index)
        learner = Sectors(SectorProblem(kept, engine.problem.times))
        run = descend(learner, theta0, cell.options)
        training.append(run.loss)
        steps.append(run.iterations)
        losses.append(engine.losses_per_state(run.theta[None])[0])
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
