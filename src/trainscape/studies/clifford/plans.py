"""What the plans of the groups share: numbers of gates, cells and stages."""

from collections.abc import Iterable, Mapping
from typing import Any

from trainscape.studies.clifford.systems import num_layers, num_parameters
from trainscape.studies.contract import Cell, StagePlan

__all__ = ["num_fixed_gates", "num_gates", "one_by_one", "walked_cell"]


def num_fixed_gates(ansatz: str, depth: str, qubits: int) -> int:
    """Return the number of Clifford gates between the rotations (rpqc: its mean)."""
    per_layer = {"mhea": qubits, "fhea": qubits * (qubits - 1) // 2, "rpqc": 2 * qubits}
    return num_layers(ansatz, depth, qubits) * per_layer[ansatz]


def num_gates(parameters: Mapping[str, Any]) -> int:
    """Return the number of all gates of a system, see `trainscape.studies.clifford.systems`."""
    names = [parameters[name] for name in ("ansatz", "depth", "qubits")]
    return num_parameters(*names) + num_fixed_gates(*names)


def walked_cell(
    parameters: Mapping[str, Any], instances: int, *, moments: int, walks: int, disk: int
) -> Cell:
    """Return the cell of a system on whose instances so many moments are walked."""
    gates = num_gates(parameters)
    return Cell(
        parameters=parameters,
        samples=instances,
        # The tables of an instance, for walks and for paths, the paths that are drawn once for all
        # widths, and then all walks for each moment.
        seconds=1.2e-4 * gates + 0.1 + 2e-5 * walks + moments * walks * (4e-10 * gates + 1.5e-7),
        memory=2**27 + 2500 * gates,
        disk=disk,
    )


def one_by_one(sample: str, summary: str, cells: Iterable[Cell], **options: Any) -> StagePlan:
    """Return the plan of a stage whose samples are computed by themselves, not in blocks."""
    return StagePlan(sample=sample, summary=summary, cells=tuple(cells), block=1, options=options)
