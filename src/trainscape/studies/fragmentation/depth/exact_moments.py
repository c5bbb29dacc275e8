"""Exact second moments of the gradient at a ladder of depths, beside sampled ones.

A sample is one instance: coefficients and ancilla. The label is the sector.
"""

import numpy as np
import xarray as xr

from trainscape.physics.temperley_lieb_sectors import path_sectors
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.fragmentation.network import (
    Couplings,
    Label,
    build_problem,
    draw_parameters,
    draw_qnn,
    draw_times,
)
from trainscape.studies.kit.variables import by_sample
from trainscape.trainability.haar import haar_moments
from trainscape.trainability.label_learning import ancilla_dimension
from trainscape.trainability.pair_chains import middle_gate_moments

__all__ = ["sample"]

MEANINGS = {
    "exact": (
        ("side",),
        "exact second moment of the derivative by the gate in the middle",
        "rad^-2",
    ),
    "exact_largest": (("side",), "the same of the largest sector's part of the loss", "rad^-2"),
    "sampled": (("sampled_side",), "mean square of the sampled derivative", "rad^-2"),
    "haar": ((), "exact Haar average of the squared derivative", "rad^-2"),
    "haar_largest": ((), "the same of the largest sector's part of the loss", "rad^-2"),
    "krylov_dimension_sum": ((), "sum of the Krylov dimensions of the sectors", "1"),
}


def _draw(cell: CellContext, instance: int) -> SectorProblem:
    """Return the network of an instance on the sectors of the path basis."""
    sectors = [
        list(sector)
        for sector in path_sectors(cell["sites"], cell["site_dim"], cell["top_sectors"] or None)
    ]
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, instance),
        cell["sites"] - 1,
        ancilla_dimension(Label.LAMBDA, [sector[0].shape[0] for sector in sectors]),
        couplings=Couplings(cell["couplings"]),
        gate_scale=1 / cell["site_dim"],
    )
    return build_problem(qnn, sectors, label=Label.LAMBDA)


def _mean_square(cell: CellContext, problem: SectorProblem, instance: int, side: int) -> float:
    """Return the mean square of the derivative by the gate in the middle, over the draws."""
    gates = 2 * side + 1
    theta = draw_parameters(cell.generator(Purpose.PARAMETERS, instance), cell["draws"], gates)
    clock = cell.generator(Purpose.STRUCTURE, instance)
    times = np.stack([draw_times(clock, gates, cell["horizon"]) for _ in range(cell["draws"])])
    _, gradient = Sectors(problem).value_and_gradient(theta, times)
    return float(np.mean(gradient[:, side] ** 2))


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the second moments of each instance, and what they tend to."""
    rows = []
    for instance in samples:
        problem = _draw(cell, instance)
        exact = middle_gate_moments(problem, cell["sides"])
        haar = haar_moments(problem.blocks)
        largest = int(np.argmax([len(block.gate) for block in problem.blocks]))
        rows.append(
            {
                "exact": exact.sum(axis=(1, 2)),
                "exact_largest": exact[:, largest, largest],
                "sampled": [
                    _mean_square(cell, problem, instance, side) for side in cell["sampled_sides"]
                ],
                "haar": haar.gradient_variance,
                "haar_largest": haar.block_gradient_variances[largest],
                "krylov_dimension_sum": problem.size,
            }
        )
    coordinates = {"side": list(cell["sides"]), "sampled_side": list(cell["sampled_sides"])}
    return xr.Dataset(by_sample(rows, MEANINGS), coords=coordinates)
