"""What the plans of the groups share: numbers of gates, cells and stages."""

from collections.abc import Iterable, Mapping
from typing import Any

from trainscape.studies.clifford.systems import num_layers, num_parameters
from trainscape.studies.contract import Cell, StagePlan

__all__ = ["NAMES", "num_fixed_gates", "num_gates", "one_by_one", "walked_cell"]

NAMES = ("ansatz", "depth", "qubits")
"""Parameters on which the size of a circuit depends."""


def num_fixed_gates(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of Clifford gates between the rotations (rpqc: its mean)."""
    per_layer = {"mhea": qubits, "fhea": qubits * (qubits - 1) // 2, "rpqc": 2 * qubits}
    return num_layers(ansatz, depth, qubits) * per_layer[ansatz]


def num_gates(parameters: Mapping[str, Any]) -> int:
    """Return the number of all gates of a system, see `trainscape.studies.clifford.systems`."""
    names = [parameters[name] for name in NAMES]
    return num_parameters(*names) + num_fixed_gates(*names)


def walked_cell(
    parameters: Mapping[str, Any],
    instances: int,
    *,
    moments: int,
    walks: int,
    disk: int,
    layered: bool = True,
    listed: bool = False,
) -> Cell:
    """Return the cell of a system on whose instances so many moments are walked.

    Parameters
    ----------
    parameters
        The system.
    instances
        Number of instances.
    moments, walks
        Moments of an instance, and walkers of a moment.
    disk
        Bytes of an instance.
    layered
        Whether layers are held once, with tables of paths for each rotation.
    listed
        Whether all gates are listed too.
    """
    gates, d = num_gates(parameters), num_parameters(*(parameters[name] for name in NAMES))
    # The tables, and the paths that are drawn once for all widths; then the walks, which are needed
    # in a third of the widths.
    seconds = 0.05 + 2e-5 * walks + moments / 3 * walks * (4e-10 * gates + 1.5e-7)
    seconds += 2.5e-6 * gates if layered else 0.0
    memory = 2**27 + 200 * d
    if listed or not layered:
        seconds += 6e-5 * gates
        memory += 2500 * gates
    return Cell(parameters=parameters, samples=instances, seconds=seconds, memory=memory, disk=disk)


def one_by_one(sample: str, summary: str, cells: Iterable[Cell], **options: Any) -> StagePlan:
    """Return the plan of a stage whose samples are computed by themselves, not in blocks."""
    return StagePlan(sample=sample, summary=summary, cells=tuple(cells), block=1, options=options)
