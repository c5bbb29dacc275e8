r"""Successes of published training runs of the Hamiltonian variational ansatz of the Ising model.

Coupling and field are 1, the start state is plus on all qubits, gates are
:math:`e^{-i \theta G / 2}` with one parameter for all ZZ and one for all X of a layer.

``adam``
    Raw data of M. Larocca et al., Nature Computational Science 3, 542 (2023), arXiv:2109.11676
    (github.com/DiegoGM91/Theory-of-overparametrization): 3000 steps of Adam at a rate of 0.01, 50
    runs; success is a final error below 1e-3. The code that is published with them draws angles
    uniformly on [0, pi), from which two open chains succeed far less often than the data have it.
    Uniform on [0, pi/2), as the runs here start, all circuits agree. That range was found by trial,
    on the two circuits of `CHOSEN`; the others test it.
``lbfgs``
    Raw data and code of the study of lottery tickets in quantum circuits
    (github.com/simonwa7/Quantum-Lottery-Ticket): SciPy's L-BFGS-B, 10 runs; success is a final
    error below 1e-4. Gates are :math:`e^{i \gamma ZZ}` and :math:`e^{-i \theta X / 2}`, angles
    uniform on [-2 pi, 2 pi). Runs end at a relative change of 1e-10 or at 15000 energies, SciPy's
    limit, and a gradient, by finite differences, takes one for each parameter: what counts is how
    far a few hundred gradients come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trainscape.studies.pruning.names import ModelName

__all__ = ["CHOSEN", "RECORDS", "OptimiserName", "Record", "record"]

OptimiserName = Literal["adam", "lbfgs"]


@dataclass(frozen=True)
class Record:
    """Published runs of one circuit.

    Parameters
    ----------
    optimiser, model, qubits, layers
        What was run.
    runs, successes
        How often, and how often with success.
    """

    optimiser: OptimiserName
    model: ModelName
    qubits: int
    layers: int
    runs: int
    successes: int


Shares = dict[int, dict[int, float]]
"""Numbers of qubits and of layers to shares of successes."""

_ADAM: dict[ModelName, Shares] = {
    "ising_ring": {
        4: {2: 1.00},
        6: {2: 0.00, 4: 1.00},
        8: {4: 0.90, 6: 1.00},
        10: {4: 0.00, 6: 0.96, 8: 1.00},
    },
    "ising_chain": {
        4: {4: 0.78, 6: 0.98},
        6: {6: 0.38, 12: 0.66, 16: 0.98},
        8: {16: 0.14, 28: 0.76, 34: 0.88},
        10: {20: 0.02, 42: 0.64, 48: 0.86},
    },
}
_LBFGS: dict[ModelName, Shares] = {
    "ising_chain": {
        4: {3: 0.0, 5: 1.0},
        6: {9: 0.0, 11: 0.6, 13: 0.8, 15: 1.0},
        8: {19: 0.0},
        10: {15: 0.0},
    }
}


_INTERRUPTED = {("lbfgs", 8, 19): 9, ("lbfgs", 10, 15): 2}
"""Circuits of which the data have fewer runs than of the others."""

CHOSEN = (("adam", "ising_chain", 4, 4), ("adam", "ising_chain", 6, 6))
"""Circuits on which the range of the angles at the start was found: they test nothing."""


def _records(optimiser: OptimiserName, most: int, known: dict[ModelName, Shares]) -> list[Record]:
    return [
        Record(optimiser, model, qubits, layers, runs, round(runs * share))
        for model, sizes in known.items()
        for qubits, shares in sizes.items()
        for layers, share in shares.items()
        for runs in (_INTERRUPTED.get((optimiser, qubits, layers), most),)
    ]


RECORDS = (*_records("adam", 50, _ADAM), *_records("lbfgs", 10, _LBFGS))
"""All records that are known here."""


def record(optimiser: OptimiserName, model: ModelName, qubits: int, layers: int) -> Record:
    """Return the record of a circuit.

    Raises
    ------
    ValueError
        If no runs of it are known here.
    """
    key = (optimiser, model, qubits, layers)
    for one in RECORDS:
        if (one.optimiser, one.model, one.qubits, one.layers) == key:
            return one
    known = ", ".join(
        f"n = {one.qubits} L = {one.layers}"
        for one in RECORDS
        if (one.optimiser, one.model) == key[:2]
    )
    raise ValueError(
        f"no published runs of {optimiser} on {model} with n = {qubits} and L = {layers} are known "
        f"here; known are {known or 'none of this model'}"
    )
