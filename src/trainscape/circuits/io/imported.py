"""The result of every import: a circuit, the names of its parameters, and its angles."""

from __future__ import annotations

from dataclasses import dataclass

from trainscape.circuits.circuit import Circuit

__all__ = ["ImportedCircuit"]


@dataclass(frozen=True)
class ImportedCircuit:
    """A circuit from elsewhere.

    Parameters
    ----------
    circuit
        The circuit.
    parameter_names
        Name of each parameter, in the order of the parameter vector.
    angles
        Value of each parameter in the source, in radians, shape (P,); None if the source leaves
        them open.
    """

    circuit: Circuit
    parameter_names: tuple[str, ...]
    angles: tuple[float, ...] | None
