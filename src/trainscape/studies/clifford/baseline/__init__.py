"""What gradients are without an encoder: random strings, exactly, and strings of I and Z.

The family ``baseline`` has the mean square of the norm over all Pauli strings, known exactly at
each draw of the angles (`trainscape.trainability.string_average`), beside one string that is drawn,
and one of I and Z, whose loss is curved at zero.

Numbers of draws: the exact mean varies with the angles alone, by a few per cent from four qubits
on, so that 8 draws know it to about one. Norms of strings of I and Z spread by about their mean:
over 24 draws at nine sizes from 4 to 12 qubits the rate per qubit has an error of 0.03, a tenth of
the limit of 0.35.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

from trainscape.studies.clifford.plans import num_gates, one_by_one
from trainscape.studies.clifford.systems import Ansatz, Depth
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage

__all__ = ["CIRCUIT", "GROUP"]

CIRCUIT = ("ansatz", "depth", "qubits")
"""Parameters of a cell."""

LAWS = 7
"""Widths, for the costs only."""


class BaselineSettings(Settings):
    """Family baseline."""

    qubits: dict[int, int]
    """For each number of qubits, the draws for the ansatz mhea of linear depth."""
    cross_qubits: dict[int, int]
    """The same for the other ansätze and the shallow depth."""


def _cells(own: BaselineSettings) -> Iterator[Cell]:
    for ansatz, depth in product(get_args(Ansatz), get_args(Depth)):
        first = (ansatz, depth) == ("mhea", "linear")
        for n, draws in (own.qubits if first else own.cross_qubits).items():
            names = dict(zip(CIRCUIT, (ansatz, depth, n), strict=True))
            gates, amplitudes = num_gates(names), 2**n
            seconds = 6e-3 + LAWS * gates * (7e-9 * amplitudes + 1e-6) + 3e-5 * gates
            cost: dict[str, Any] = {"seconds": seconds, "memory": 2**26 + 64 * amplitudes}
            yield Cell(parameters=names, samples=draws, disk=400, **cost)


def families(own: BaselineSettings, shared: Any) -> tuple[Family, ...]:
    """Return the family."""
    plan = one_by_one("string_gradients", "string_means", _cells(own))
    seeds = dict.fromkeys((Purpose.INSTANCE, Purpose.PARAMETERS), CIRCUIT)
    title = "gradients of random strings without an encoder"
    return (Family(name="baseline", title=title, stages={Stage.GRADIENTS: plan}, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Gradients without an encoder: random strings, exactly, and strings of I and Z.",
    settings=BaselineSettings,
    families=families,
)
