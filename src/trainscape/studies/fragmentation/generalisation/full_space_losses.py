r"""Train on the reduced data set, or on less, and evaluate on the full space.

With ``l`` the loss of a state and all Krylov states trained, two things must hold:

* ``l`` is the same for all copies of a Krylov state and for every superposition of them;
* :math:`l \le \sum_q l_{\lambda q}` for every superposition inside one Krylov space, because
  :math:`\langle\psi|\Lambda|\psi\rangle \le \mathrm{Tr}\,\Lambda` for the positive operator whose
  diagonal the :math:`l_{\lambda q}` are.

Two things must fail. An operator of strength :math:`\epsilon` outside the algebra, added to the
Hamiltonian of a trained network, acts on the copies; at a perfect minimum the loss is not negative
and therefore rises like :math:`\epsilon^2`. And a label that is left out of training is not
learned, see `trainscape.trainability.haar.untrained_loss`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.physics.coverage import count_gap, coverage
from trainscape.physics.sector_states import (
    basis_states,
    copy_superpositions,
    join,
    krylov_superpositions,
)
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.fragmentation.generalisation.full_space import FullSpace
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.trainability.haar import untrained_loss

__all__ = ["restricted", "sample"]

Real = NDArray[np.float64]
Labels = Sequence[tuple[int, int]]

STRENGTHS = np.geomspace(1e-8, 1e-3, 6)
"""Strengths of the perturbations, in units of their largest eigenvalue."""
SUPERPOSITIONS = 4
"""Random superpositions for each label or sector."""
MINIMUM = 1e-10
"""Training loss up to which a network is perturbed: only at a perfect minimum does the loss rise
like the square of the strength."""


def restricted(problem: SectorProblem, missing: Labels) -> SectorProblem:
    """Return the problem without the inputs of the labels `missing`, and without empty blocks."""
    blocks = []
    for sector, block in enumerate(problem.blocks):
        kept = [q for q in range(block.inputs.shape[1]) if (sector, q) not in missing]
        if kept:
            inputs, accepted = block.inputs[:, kept], block.accepted[:, kept]
            blocks.append(replace(block, inputs=inputs, accepted=accepted))
    return SectorProblem(tuple(blocks), problem.times)


def _left_out(space: FullSpace, missing: str, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Draw the labels that are left out: none, one of a sector that keeps others, or a sector's."""
    match missing:
        case "nothing":
            return []
        case "state":
            candidates = [label for label in space.labels if space.bases[label[0]].shape[1] > 1]
            return [candidates[int(rng.integers(len(candidates)))]]
        case _:
            sector = int(rng.integers(len(space.bases)))
            return [label for label in space.labels if label[0] == sector]


def _flagged(space: FullSpace, missing: Labels) -> bool:
    """Return whether the coverage test names exactly what is missing.

    It looks at the vectors of the training states; at the dimensions of sectors for a whole sector.
    """
    seen = [label for label in space.labels if label not in missing]
    trained = basis_states(space.bases, seen, copies=1)
    if list(coverage(space.decomposition, trained.vectors).missing) != list(missing):
        return False
    sizes = [(sector.dimension, sector.multiplicity) for sector in space.decomposition.sectors]
    known = sorted({sector for sector, _ in seen})
    commutant = space.decomposition.commutant_dimension
    gap = count_gap([sizes[k] for k in known], len(trained.vectors), commutant)
    unknown = [size for k, size in enumerate(sizes) if k not in known]
    return gap.candidate == unknown[0] if unknown else gap.complete


def _evaluate(
    space: FullSpace, missing: Labels, theta: Real, times: Real, rng: np.random.Generator
) -> dict[str, float]:
    """Return losses on the full space."""
    labels = space.labels
    states = basis_states(space.bases, labels)
    parts = [states, copy_superpositions(space.bases, labels, SUPERPOSITIONS, rng)]
    if space.label == "lambda":
        parts.append(krylov_superpositions(space.bases, SUPERPOSITIONS, rng))
    losses = space.losses(join(parts), theta, times)
    ends = np.cumsum([part.vectors.shape[1] for part in parts])
    basis, copied, *mixed = np.split(losses, ends[:-1])
    of_labels = space.of_labels(states, basis)
    mean = np.array([values.mean() for values in of_labels])
    seen = np.array([label not in missing for label in labels])
    excess = np.nan
    if mixed:
        of_sectors = [
            sum(loss for loss, (k, _) in zip(mean, labels, strict=True) if k == sector)
            for sector in range(len(space.bases))
        ]
        excess = float((mixed[0] - np.array(of_sectors)[parts[-1].sector]).max())
    deviations = np.abs(copied - np.repeat(mean, SUPERPOSITIONS))
    return {
        "copy_spread": max(float(np.ptp(values)) for values in of_labels),
        "copy_superposition_deviation": float(deviations.max()),
        # Copies are equally likely here, so that sectors count by N N'.
        "full_loss": float(basis.mean()),
        "largest_label_loss": float(mean[seen].max()),
        "seen_loss": float(mean[seen].mean()),
        "unseen_loss": float(mean[~seen].mean()) if missing else np.nan,
        "krylov_excess": excess,
    }


def _perturbed(space: FullSpace, theta: Real, times: Real, *, trained: bool) -> dict[str, Real]:
    """Return mean loss and spread over two copies with operators added, for each strength.

    NaN for a network that is not `trained`.
    """
    states = basis_states(space.bases, space.labels, copies=2)
    curves: dict[str, Real] = {}
    for name, operator in (("outside", space.outside), ("inside", space.inside)):
        loss, spread = np.full((2, len(STRENGTHS)), np.nan)
        for k, strength in enumerate(STRENGTHS if trained else ()):
            losses = space.losses(states, theta, times, strength * operator)
            loss[k] = losses.mean()
            spread[k] = max(np.ptp(values) for values in space.of_labels(states, losses))
        curves |= {f"{name}_loss": loss, f"{name}_spread": spread}
    return curves


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train networks on the labels that are not left out; evaluate each on the full space."""
    instance = cell.inputs[Stage.DATASET]
    problem = load_problem(instance, cell["label"])
    space = FullSpace(instance, cell["label"], cell["site_dim"], cell["sites"])
    runs, curves = [], []
    for index in samples:
        whole, theta0 = start(cell, problem, cell["parameters"], index)
        times = np.asarray(whole.problem.times)
        rng = cell.generator(Purpose.INPUTS, index)
        missing = _left_out(space, cell["missing"], rng)
        engine = Sectors(restricted(whole.problem, missing))
        run = descend(engine, theta0, cell.options)
        expected = np.nan
        if missing:
            dimension = space.bases[missing[0][0]].shape[1]
            expected = untrained_loss(dimension, space.ancilla, len(missing), cell["label"])
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
            curves.append(_perturbed(space, run.theta, times, trained=run.loss <= MINIMUM))
    variables: dict[str, Any] = {
        name: ("sample", np.array([run[name] for run in runs])) for name in runs[0]
    }
    for name in curves[0] if curves else ():
        variables[name] = (("sample", "strength"), np.array([curve[name] for curve in curves]))
    return xr.Dataset(variables, coords={"strength": STRENGTHS} if curves else {})
