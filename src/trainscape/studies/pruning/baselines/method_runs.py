"""Runs of Adam for every way to prune a dense ansatz, from the same angles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.physics.ground_energy import ground_energy
from trainscape.pruning.fisher_pruning import fisher_pruned
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.baselines.gate_sets import GateSets, gate_sets, system_hamiltonian
from trainscape.studies.pruning.baselines.names import METHODS
from trainscape.studies.pruning.baselines.selections import (
    angles_of,
    drawn,
    largest,
    selection,
    shared_sums,
    spread_sums,
)
from trainscape.trainability.curvature import stacked_qfim_rank
from trainscape.training.batches import BatchRun, minimise_batch
from trainscape.training.optimisers import Adam

__all__ = ["sample"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]
Selection = NDArray[np.int64]


@dataclass(frozen=True)
class _Runs:
    """What is known of the restarts of one method; arrays of S restarts."""

    chosen: Selection
    error: Real
    first: NDArray[np.int64]
    theta: Real
    kernel: Real
    rank: list[int]


@dataclass(frozen=True)
class _Trainer:
    """The gates among which some methods choose, alone: the others would cost time for nothing.

    Selections and angles are those of the whole dense ansatz all the same, shape ``(S, P)``.
    """

    places: NDArray[np.int64]
    engine: Statevector
    lowest: float
    options: Mapping[str, Any]

    def train(
        self, start: Real, chosen: Selection, iterations: int, limits: tuple[float, ...]
    ) -> BatchRun:
        """Train the ansätze of some selections; the angles that it returns are those here."""
        own = self._here(chosen)

        def error_and_gradient(theta: Real) -> tuple[Real, Real]:
            energy, gradient = self.engine.value_and_gradient(theta)
            return energy - self.lowest, gradient

        def directions(gradient: Real, runs: NDArray[np.int64]) -> Real:
            return spread_sums(gradient, own[runs])

        adam = Adam(iterations=iterations, learning_rate=self.options["rate"])
        angles = angles_of(start[:, self.places], own)
        return minimise_batch(error_and_gradient, angles, adam, limits, directions=directions)

    def kernels(self, start: Real, chosen: Selection) -> Real:
        """Return the tangent kernels by the angles that are left, shape ``(S,)``."""
        own = self._here(chosen)
        gradient = self.engine.gradient(angles_of(start[:, self.places], own))
        return np.asarray((shared_sums(gradient, own) ** 2).sum(axis=1))

    def rank(self, start: Real, chosen: Selection) -> int:
        """Return the rank of the Fisher information by the angles that are left, of one run."""
        own = self._here(chosen[None])
        theta = angles_of(start[None, self.places], own)
        rows = self.engine.jacobian(theta)[0]
        sums = np.stack([rows[own[0] == first].sum(axis=0) for first in np.unique(own[own >= 0])])
        return stacked_qfim_rank(sums[:, None], self.engine.state(theta)).rank

    def _here(self, chosen: Selection) -> Selection:
        """Return selections with the numbers that the gates have here."""
        inner = chosen[:, self.places]
        return np.where(inner >= 0, np.searchsorted(self.places, inner), -1)


def _by_fisher_information(engine: Statevector, rng: np.random.Generator) -> Selection:
    """Return what null vectors of the Fisher information leave of a circuit."""
    size = engine.problem.circuit.num_parameters

    def derivatives(kept: tuple[int, ...], angles: Real) -> tuple[Complex, Complex]:
        theta = np.zeros((1, size))
        theta[0, list(kept)] = angles
        return engine.jacobian(theta)[0][list(kept)], engine.state(theta)[0]

    kept = np.array(fisher_pruned(derivatives, size, rng).kept)
    return selection(size, kept, kept)


def _trained(
    trainer: _Trainer,
    start: Real,
    first_angles: Real,
    chosen: Mapping[str, Selection],
    iterations: int,
) -> dict[str, _Runs]:
    """Train methods that choose among the same gates, all in one batch.

    Kernels and ranks are those at `start`, whatever the angles are from which training goes on.
    """
    # Without symmetry, several methods are one.
    different = {own.tobytes(): own for own in chosen.values()}
    count = len(start)
    stacked = np.concatenate(list(different.values()))
    limits = tuple(trainer.options["errors"])
    run = trainer.train(np.tile(first_angles, (len(different), 1)), stacked, iterations, limits)
    kernels = trainer.kernels(np.tile(start, (len(different), 1)), stacked)
    known = {
        key: _Runs(own, run.losses[part], run.first[part], run.theta[part], kernels[part], ranks)
        for number, (key, own) in enumerate(different.items())
        for part in (slice(number * count, (number + 1) * count),)
        for ranks in ([trainer.rank(*pair) for pair in zip(start, own, strict=True)],)
    }
    return {method: known[own.tobytes()] for method, own in chosen.items()}


def _all_runs(
    sets: GateSets, trainers: Mapping[int, _Trainer], start: Real, chosen: dict[str, Selection]
) -> dict[str, _Runs]:
    """Train all methods; the smallest angles are dropped after a first part of the training."""
    runs: dict[str, _Runs] = {}
    for count, trainer in trainers.items():
        own = {name: some for name, some in chosen.items() if len(sets.pool(name)) == count}
        if own:
            runs |= _trained(trainer, start, start, own, trainer.options["iterations"])
    whole = trainers[sets.circuit.num_parameters]
    iterations = whole.options["iterations"]
    spent = max(1, round(whole.options["pretraining"] * iterations))
    # No error is negative: nothing ends the first part early, so that all runs are equally long.
    theta = whole.train(start, chosen["dense"], spent, (-1.0,)).theta
    left = np.stack([largest(angles, len(sets.terms)) for angles in theta])
    late = _trained(whole, start, theta, {"magnitude": left}, iterations - spent)["magnitude"]
    runs["magnitude"] = replace(late, first=np.where(late.first >= 0, late.first + spent, -1))
    return runs


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train all methods; return final errors, first iterations, and what each method keeps."""
    target = system_hamiltonian(cell["system"])
    lowest = ground_energy(target, np.random.default_rng(0))
    sets = gate_sets(target, cell["layers"])
    size = sets.circuit.num_parameters
    trainers: dict[int, _Trainer] = {}
    for places in map(sets.pool, METHODS):
        if len(places) not in trainers:
            engine = Statevector(Problem(sets.part(places), target))
            trainers[len(places)] = _Trainer(places, engine, lowest, cell.options)
    start = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, size)
            for index in samples
        ]
    )
    draws = [drawn(sets, cell.generator(Purpose.STRUCTURE, index)) for index in samples]
    chosen = {name: np.stack([draw[name] for draw in draws]) for name in draws[0]}
    search = [cell.generator(Purpose.SEARCH, index) for index in samples]
    whole = trainers[size].engine
    chosen["fisher"] = np.stack([_by_fisher_information(whole, rng) for rng in search])
    runs = _all_runs(sets, trainers, start, chosen)
    rows = [_numbers(runs[method], len(sets.pool(method))) for method in METHODS]
    return xr.Dataset(
        {
            name: variable(
                ("sample", "method", "limit") if name == "first" else ("sample", "method"),
                np.stack([row[name] for row in rows], axis=1),
                *text,
            )
            for name, text in DESCRIBED.items()
        },
        coords={"method": list(METHODS), "limit": list(cell.options["errors"])},
    )


DESCRIBED = {
    "error": ("final energy above the ground state", "J"),
    "first": ("first iteration at or below the limit, -1: never", ""),
    "kernel": ("tangent kernel at the random start", "J^2"),
    "rank": ("rank of the quantum Fisher information there", ""),
    "gates": ("gates that are left", ""),
    "parameters": ("parameters that are left", ""),
    "pool": ("gates among which the method chooses", ""),
}


def _numbers(runs: _Runs, pool: int) -> dict[str, Any]:
    """Return what is stored of the restarts of one method."""
    return {
        "error": runs.error,
        "first": runs.first,
        "kernel": runs.kernel,
        "rank": runs.rank,
        "gates": (runs.chosen >= 0).sum(axis=1),
        "parameters": (runs.chosen == np.arange(runs.chosen.shape[1])).sum(axis=1),
        "pool": np.full(len(runs.error), pool),
    }
