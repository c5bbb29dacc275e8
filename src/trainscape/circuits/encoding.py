"""The linear Clifford encoder of a circuit of any package, in one call."""

from __future__ import annotations

from typing import Any

from trainscape.circuits.encoders import (
    LinearCliffordEncoder,
    best_encoder,
    linear_clifford_encoder,
)
from trainscape.circuits.io.python_inputs import import_problem

__all__ = ["encode"]


def encode(
    circuit: Any, observable: Any = None, *, parameter: int | None = None
) -> LinearCliffordEncoder:
    """Put Clifford gates around a circuit so that one derivative at angle zero is largest.

    Parameters
    ----------
    circuit
        Clifford gates and Pauli rotations; of this package, PennyLane, Qiskit or quimb.
    observable
        A Pauli sum or its text; None where the circuit has one.
    parameter
        The parameter whose derivative becomes large. None: the one with the least loss at zero, of
        equals the one whose derivative decays slowest with the width of a patch.

    Returns
    -------
    LinearCliffordEncoder
        Its `circuit` is the encoded one.

    Raises
    ------
    ValueError
        If the circuit has other gates, or nothing can be encoded.

    References
    ----------
    S. Meyer, F. Scala, F. Tacchino, A. Lucchi, arXiv:2507.06344.

    Examples
    --------
    >>> from trainscape.circuits.ansatze.efficient_su2 import mhea
    >>> encode(mhea(6, 3), "Z0 Z5", parameter=10).gradient_at_zero
    -1.0
    """
    problem, _ = import_problem(circuit, observable=observable)
    if parameter is None:
        return best_encoder(problem)
    return linear_clifford_encoder(problem, parameter)
