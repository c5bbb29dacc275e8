r"""Where one Pauli path does not explain the encoded gradient.

In circuits with a ring of CX and random strings, the paths with two more sines than the leading one
are so few that their part of E[g_k^2], N2 p^2 to leading order, vanishes with the number of qubits.
The group counts these paths where it is not so, or might not be:

``CZ ring``
    A ring of CZ has order two, and rotations about Z have the same generator in all layers. Two
    flips at one qubit undo each other, in any two of L layers, and CZ does not move the x part of a
    string, so that half of the qubits have such flips all along: n L^2 / 4 paths, to which those
    about Y add as many at most. With L = n and p = 1 / D at D^-1/2 that leaves N2 p^2 = 1 / (16 n),
    but at D^-1/3 it is n^(1/3) / 10 at least: it grows.
``local string``
    One letter on a random qubit, in the ring of CX.
``Heisenberg``
    Many terms: the encoder is made for one, and others have paths of their own. Measured, over
    draws of the angles: the path of the encoded term alone, and with one path for each term.

Numbers of instances: of the ring of CZ, this gives R^2 = 0.83 at 8 and 0.74 at 45 qubits; the
number of qubits with flips spreads by 1 / sqrt(n), which moves R^2 by 0.05. With 16 instances the
difference of 0.09 is five standard errors.
"""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import Field

from trainscape.studies.clifford.counterexamples.cases import MEASURED, CaseName
from trainscape.studies.clifford.plans import num_gates, one_by_one
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage

__all__ = ["GROUP"]


class CounterexampleSettings(Settings):
    """Family counterexamples."""

    qubits: dict[int, int]
    """For each number of qubits, the instances of each case whose paths are counted."""
    measured_qubits: dict[int, int]
    """The same for the Heisenberg chain, which is measured."""
    angles: int = Field(ge=8)
    """Draws of the angles for each measured instance."""


def _cells(own: CounterexampleSettings) -> Iterator[Cell]:
    for case in get_args(CaseName):
        measured = case in MEASURED
        for n, instances in (own.measured_qubits if measured else own.qubits).items():
            gates = num_gates({"ansatz": "mhea", "depth": "linear", "qubits": n})
            # Where layers repeat soon, paths are as many as pairs of gates.
            seconds, memory = 5e-3 + 2e-8 * gates**2, 2**28 + 5 * gates**2
            if measured:
                seconds = 3e-4 * gates + 3 * own.angles * gates * (3e-9 * 2**n + 2e-7)
                memory = 2**26 + 64 * 2**n
            parameters: dict[str, Any] = {"case": case, "qubits": n}
            yield Cell(
                parameters=parameters, samples=instances, seconds=seconds, memory=memory, disk=200
            )


def families(own: CounterexampleSettings, shared: Any) -> tuple[Family, ...]:
    """Return the family."""
    plan = one_by_one("path_shares", "share_means", _cells(own), angles=own.angles)
    # Cases share their draws, so that one path and one for each term are of the same instances.
    seeds = dict.fromkeys((Purpose.INSTANCE, Purpose.PARAMETERS), ("qubits",))
    title = "circuits and observables with more than one path"
    family = Family(
        name="counterexamples", title=title, stages={Stage.GRADIENTS: plan}, seeds=seeds
    )
    return (family,)


GROUP = Group(
    package=__name__,
    title="Where one Pauli path does not explain the encoded gradient.",
    settings=CounterexampleSettings,
    families=families,
)
