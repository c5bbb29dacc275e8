"""Pruning for people who write Python: a result that shows itself beside what it was made of."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainscape.physics.pauli import PauliSum
from trainscape.pruning.compiler import prune as compiled
from trainscape.pruning.filters import Structure
from trainscape.pruning.layers import Layers
from trainscape.pruning.result import PrunedAnsatz
from trainscape.pruning.tying import Mode
from trainscape.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PrunedCircuit", "prune"]


@dataclass(frozen=True)
class PrunedCircuit(PrunedAnsatz, Shown):
    """A pruned ansatz that knows the ansatz which it was made of.

    Parameters
    ----------
    ansatz
        The unpruned ansatz. The other parameters are those of `PrunedAnsatz`.
    """

    ansatz: Layers

    def __str__(self) -> str:
        before = [gate for gate in self.ansatz.layers[0] if gate.generator is not None]
        free = len({gate.parameter for gate in before})
        kept = ", ".join(str(one) for one in self.kept_symmetries)
        return (
            f"{self.hamiltonian.num_qubits} qubits, layers of {self.num_gates} gates with "
            f"{self.num_parameters} parameters (before: {len(before)} gates with {free})\n"
            f"start state {self.start}, {self.automorphisms.order} permutations of qubits\n"
            f"conserved: {kept or 'nothing that was looked for'}"
        )

    def plot(self) -> Figure:
        """Draw the first layer before and after pruning: one colour for each parameter."""
        from trainscape.pruning.drawing import draw_layer

        return draw_layer(self.ansatz.layers[0], self)


def prune(
    hamiltonian: PauliSum | str,
    ansatz: Layers,
    *,
    start: str | None = None,
    mode: Mode = "orbits",
    structure: Structure = "terms",
    tolerance: float = 0.0,
) -> PrunedCircuit:
    """Prune an ansatz by the symmetries of a Hamiltonian.

    Parameters
    ----------
    hamiltonian
        The Hamiltonian H, or its text.
    ansatz
        The ansatz, on as many qubits: `dense_layer` or `layers_of` a circuit.
    start, mode, structure, tolerance
        As of `trainscape.pruning.compiler.prune`.

    Raises
    ------
    ValueError
        If the numbers of qubits differ, H is a multiple of the identity, or no gate is left.

    Examples
    --------
    >>> from trainscape.pruning.layers import dense_layer
    >>> print(prune("ZZI + IZZ + ZIZ", dense_layer(3)))
    3 qubits, layers of 6 gates with 2 parameters (before: 12 gates with 12)
    start state +++, 6 permutations of qubits
    conserved: 1.0*XXX
    """
    total = (
        PauliSum.parse(hamiltonian, ansatz.num_qubits)
        if isinstance(hamiltonian, str)
        else hamiltonian
    )
    found = compiled(
        total, ansatz, start=start, mode=mode, structure=structure, tolerance=tolerance
    )
    fields = {one.name: getattr(found, one.name) for one in dataclasses.fields(found)}
    return PrunedCircuit(**fields, ansatz=ansatz)
