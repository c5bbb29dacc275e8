r"""Train on the reduced data set, or on less, and evaluate on the full space.

What must hold (with ``l`` the loss of a state and all Krylov states trained):

* ``l`` is the same for all copies of a Krylov state and for every superposition of them;
* :math:`l \le \sum_q l_{\lambda q}` for every superposition inside one Krylov space, because :math:`\langle\psi|\Lambda|\psi\rangle \le \mathrm{Tr}\,\Lambda` for the positive operator
  whose diagonal the :math:`l_{\lambda q}` are.

What must break: an operator of strength :math:`\epsilon` outside the algebra, added to the Hamiltonian of a trained network, acts on the copies; at a perfect minimum the loss is
non-negative and therefore rises like :math:`\epsilon^2`. A label that is left out of training is not learned. Its network is free on the complement of the trained
states' images; for a Haar-random unitary there, with ``k`` of :math:`N_\lambda` states left out, its loss averages to

.. math:: 1 - \frac{k}{N_\lambda N_a - N_\lambda + k} \ (\text{label } \lambda), \qquad 1 - \frac{N_\lambda}{N_\lambda N_a - N_\lambda + k} \ (\text{label } (\lambda, q)),

because the trained states fill :math:`N_\lambda - k` dimensions, all of them inside the right outcome in the first case and outside it in the second. A whole sector left out
gives :math:`1 - 1/N_a` in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from trainscape.physics.coverage import count_gap, coverage
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.generalisation.full_space import FullSpace, join
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import draw_parameters, draw_times
from trainscape.training.optimisers import LBFGS, minimise, single

__all__ = ["restricted", "sample", "summarise", "unseen_loss"]

Real = NDArray[np.float64]
Labels = Sequence[tuple[int, int]]

STRENGTHS = np.geomspace(1e-8, 1e-3, 6)
"""Strengths of the perturbations, in units of their largest eigenvalue."""
SUPERPOSITIONS = 4
"""Random superpositions for each label or sector."""
MINIMUM = 1e-10
"""Training loss up to which a network is perturbed: the loss rises like the square of the strength only at a perfect minimum."""
FIT = (1e2, 0.01)
"""An exponent is fitted where the loss is at least this many times that of the trained network, and at most the second number."""


def restricted(problem: SectorProblem, missing: Labels) -> SectorProblem:
    """Return the problem without the inputs of the labels `missing`, and without blocks that have none left."""
    blocks = []
    for position, block in enumerate(problem.blocks):
        kept = [q for q in range(block.inputs.shape[1]) if (position, q) not in missing]
        if kept:
            blocks.append(
                replace(block, inputs=block.inputs[:, kept], accepted=block.accepted[:, kept])
            )
    return SectorProblem(tuple(blocks), problem.times)


def unseen_loss(dimension: int, ancilla: int, missing: int, label: str) -> float:
    """Return the average loss of `missing` of the `dimension` Krylov states of a sector that were not trained; see the module."""
    return 1 - (missing if label == "lambda" else dimension) / (
        dimension * ancilla - dimension + missing
    )


def _left_out(space: FullSpace, missing: str, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Draw the labels that are left out of training: none, one of a sector that keeps others, or those of one sector of several."""
    match missing:
        case "nothing":
            return []
        case "state":
            candidates = [label for label in space.labels if space.sectors[label[0]].shape[1] > 1]
            return [candidates[int(rng.integers(len(candidates)))]]
        case _:
            sector = int(rng.integers(len(space.sectors)))
            return [label for label in space.labels if label[0] == sector]


def _flagged(space: FullSpace, missing: Labels) -> bool:
    """Return whether the coverage test names exactly what is missing: by the vectors of the training states, and a whole sector by its dimensions too."""
    trained = space.basis_states(
        [label for label in space.labels if label not in missing], copies=1
    )
    if list(coverage(space.decomposition, trained.vectors).missing) != list(missing):
        return False
    sizes = [(sector.dimension, sector.multiplicity) for sector in space.decomposition.sectors]
    seen = {label[0] for label in space.labels if label not in missing}
    gap = count_gap(
        [sizes[k] for k in sorted(seen)],
        len(trained.vectors),
        space.decomposition.commutant_dimension,
    )
    unseen = [size for k, size in enumerate(sizes) if k not in seen]
    return gap.candidate == unseen[0] if unseen else gap.complete


def _evaluate(
    space: FullSpace, missing: Labels, theta: Real, times: Real, rng: np.random.Generator
) -> dict[str, float]:
    """Return losses on the full space."""
    labels = space.labels
    states = space.basis_states(labels)
    copies = space.copy_superpositions(labels, SUPERPOSITIONS, rng)
    mixed = space.krylov_superpositions(SUPERPOSITIONS, rng) if space.label == "lambda" else None
    losses = space.losses(
        join([states, copies] if mixed is None else [states, copies, mixed]), theta, times
    )
    basis, copied, superposed = np.split(
        losses, np.cumsum([len(states.sector), len(copies.sector)])
    )
    of_label = [basis[(states.sector == sector) & (states.krylov == q)] for sector, q in labels]
    mean = np.array([values.mean() for values in of_label])
    seen = np.array([label not in missing for label in labels])
    outputs = {
        "copy_spread": max(float(np.ptp(values)) for values in of_label),
        "copy_superposition_deviation": float(
            np.abs(copied - np.repeat(mean, SUPERPOSITIONS)).max()
        ),
        # Copies are equally likely here, so that sectors count by N N'.
        "full_loss": float(basis.mean()),
        "largest_label_loss": float(mean[seen].max()),
        "seen_loss": float(mean[seen].mean()),
        "unseen_loss": float(mean[~seen].mean()) if missing else np.nan,
        "krylov_excess": np.nan,
    }
    if mixed is not None:
        bounds = np.array(
            [
                sum(mean[i] for i, label in enumerate(labels) if label[0] == sector)
                for sector in mixed.sector
            ]
        )
        outputs["krylov_excess"] = float((superposed - bounds).max())
    return outputs


def _perturbed(space: FullSpace, theta: Real, times: Real) -> dict[str, list[float]]:
    """Return mean loss and spread over two copies with operators outside and inside the algebra added to the Hamiltonian, for each strength."""
    states = space.basis_states(space.labels, copies=2)
    groups = [(states.sector == sector) & (states.krylov == q) for sector, q in space.labels]
    outputs: dict[str, list[float]] = {}
    for name, operator in (("outside", space.outside), ("inside", space.inside)):
        for strength in STRENGTHS:
            losses = space.losses(states, theta, times, strength * operator)
            outputs.setdefault(f"{name}_loss", []).append(float(losses.mean()))
            outputs.setdefault(f"{name}_spread", []).append(
                max(float(np.ptp(losses[group])) for group in groups)
            )
    return outputs


_NOTHING = {
    name: [np.nan] * len(STRENGTHS)
    for name in ("outside_loss", "outside_spread", "inside_loss", "inside_spread")
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train networks on the labels that are not left out, and evaluate each on the full space."""
    instance = cell.inputs[Stage.DATASET]
    problem = load_problem(instance, cell["label"])
    space = FullSpace(instance, cell["label"], cell["site_dim"], cell["sites"])
    options = LBFGS(iterations=cell.options["iterations"], target=cell.options["target"])
    runs, curves = [], []
    for index in samples:
        times = draw_times(
            cell.generator(Purpose.STRUCTURE, index), cell["parameters"], cell["horizon"]
        )
        theta0 = draw_parameters(cell.generator(Purpose.TRAINING, index), 1, cell["parameters"])[0]
        rng = cell.generator(Purpose.INPUTS, index)
        missing = _left_out(space, cell["missing"], rng)
        engine = Sectors(restricted(SectorProblem(problem.blocks, times), missing))
        run = minimise(single(engine.value_and_gradient), theta0, options)
        expected = np.nan
        if missing:
            expected = unseen_loss(
                space.sectors[missing[0][0]].shape[1], space.ancilla, len(missing), cell["label"]
            )
        runs.append(
            {
                "training_loss": run.loss,
                "training_states": engine.problem.size,
                **_evaluate(space, missing, run.theta, times, rng),
                "unseen_expected": expected,
                "flagged": int(_flagged(space, missing)),
            }
        )
        if not missing:
            curves.append(_perturbed(space, run.theta, times) if run.loss <= MINIMUM else _NOTHING)
    variables: dict[str, Any] = {
        name: ("sample", np.array([run[name] for run in runs])) for name in runs[0]
    }
    if not curves:
        return xr.Dataset(variables)
    variables |= {
        name: (("sample", "strength"), np.array([curve[name] for curve in curves]))
        for name in curves[0]
    }
    return xr.Dataset(variables, coords={"strength": STRENGTHS})


def _exponent(losses: Real, trained: float) -> float:
    """Return the slope of log(loss) against log(strength) where the perturbation is neither hidden nor saturated; NaN below three points."""
    good = (losses >= FIT[0] * trained) & (losses <= FIT[1])
    if good.sum() < 3:
        return np.nan
    return float(np.polyfit(np.log(STRENGTHS[good]), np.log(losses[good]), 1)[0])


def _mean(values: Real) -> tuple[float, float, float]:
    """Return the mean of the finite values and its 95 % interval by Student's t, NaN where there is none."""
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return (float(values.mean()) if len(values) else np.nan), np.nan, np.nan
    mean, half = (
        float(values.mean()),
        float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)),
    )
    return mean, mean - half, mean + half


def _row(cells: Sequence[CellData]) -> dict[str, float | str]:
    """Return the line of one system and one kind of training set."""
    data = {
        name: np.concatenate([cell.data[name].values for cell in cells])
        for name in cells[0].data.data_vars
        if cells[0].data[name].dims == ("sample",)
    }
    row: dict[str, float | str] = {
        name: cells[0][name] for name in ("site_dim", "sites", "label", "parameters", "missing")
    }
    row |= {
        "networks": len(data["training_loss"]),
        "instances": len(cells),
        "training_states": int(data["training_states"].min()),
    }
    row |= {
        f"median_{name}": float(np.median(data[name]))
        for name in ("training_loss", "full_loss", "seen_loss")
    }
    for name in ("copy_spread", "copy_superposition_deviation", "krylov_excess"):
        row[name] = float(data[name].max())
    row["full_excess"] = float((data["full_loss"] - data["largest_label_loss"]).max())
    row["training_excess"] = float(
        (data["full_loss"] - data["training_states"] * data["training_loss"]).max()
    )
    row["flagged"] = int(data["flagged"].sum())
    # Whole instances are the unit of the interval: networks of one instance share what was left undetermined by training.
    deviations = [
        float(np.mean(cell.data["unseen_loss"].values - cell.data["unseen_expected"].values))
        for cell in cells
    ]
    row["unseen_loss"] = float(np.mean(data["unseen_loss"]))
    row["unseen_expected"] = float(np.mean(data["unseen_expected"]))
    row["unseen_deviation"], row["unseen_deviation_low"], row["unseen_deviation_high"] = _mean(
        np.array(deviations)
    )
    exponents = [
        _exponent(losses, trained)
        for cell in cells
        if "outside_loss" in cell.data
        for losses, trained in zip(
            cell.data["outside_loss"].values, cell.data["training_loss"].values, strict=True
        )
    ]
    row["exponent"], row["exponent_low"], row["exponent_high"] = _mean(np.array(exponents))
    return row


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return largest deviations, losses of seen and unseen labels, and exponents, for each system and each kind of training set."""
    cells = context.cells(Stage.SIMULATE)
    names = ("site_dim", "sites", "label", "missing")
    groups = list(dict.fromkeys(tuple(cell[name] for name in names) for cell in cells))
    rows = [
        _row([cell for cell in cells if tuple(cell[name] for name in names) == group])
        for group in groups
    ]
    return xr.Dataset(
        {name: ("row", np.array([row[name] for row in rows])) for name in rows[0]},
        attrs={"confidence_level": 0.95},
    )
