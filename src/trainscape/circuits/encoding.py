"""The linear Clifford encoder of a circuit of any package, in one call."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trainscape.circuits.encoders import (
    LinearCliffordEncoder,
    best_encoder,
    linear_clifford_encoder,
)
from trainscape.circuits.io.python_inputs import import_problem
from trainscape.shown import Shown, one_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["EncodedCircuit", "encode"]


@dataclass(frozen=True, eq=False)
class EncodedCircuit(LinearCliffordEncoder, Shown):
    """A linear Clifford encoder that shows itself; its parameters are those of the encoder."""

    def __str__(self) -> str:
        return (
            f"parameter {self.parameter}, term {self.term}: derivative "
            f"{self.gradient_at_zero:+.6g} and value {self.value_at_zero:.6g} at angle zero\n"
            f"{len(self.encoder)} gates in front, {len(self.phase_inducer)} before the "
            f"measurement, {np.count_nonzero(self.offset)} angles moved; {len(self.cosines)} "
            "other rotations dampen the derivative"
        )

    def plot(self) -> Figure:
        r"""Draw how much of the derivative a patch around zero keeps.

        For normal angles of width sigma the mean derivative of the encoded term is that at zero,
        times :math:`e^{-(A + 1) \sigma^2 / 2}`, with A the number of `cosines`.
        """
        figure, axes = one_panel()
        rotations = len(self.cosines) + 1
        widths = np.linspace(0.0, 3.0 / np.sqrt(rotations), 200)
        axes.plot(widths, np.exp(-rotations * widths**2 / 2))
        axes.axvline(1 / np.sqrt(rotations), color="0.6", linestyle=":", linewidth=1)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel(r"width of the patch $\sigma$ (rad); dotted: $(A+1)^{-1/2}$")
        axes.set_ylabel(rf"$E[g_k]\,/\,g_k(0)$, parameter {self.parameter}")
        return figure


def encode(circuit: Any, observable: Any = None, *, parameter: int | None = None) -> EncodedCircuit:
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
    EncodedCircuit
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
        found = best_encoder(problem)
    else:
        found = linear_clifford_encoder(problem, parameter)
    fields = {one.name: getattr(found, one.name) for one in dataclasses.fields(found)}
    return EncodedCircuit(**fields)
