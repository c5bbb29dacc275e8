r"""The brickwork circuit of general two-qubit blocks.

Even layers act on the pairs (0, 1), (2, 3), ..., odd ones on (1, 2), (3, 4), ... Each block is a
general element of SU(4) by its Cartan decomposition [1]_,

.. math:: (V_a \otimes V_b)\, e^{-i (x X X + y Y Y + z Z Z) / 2}\, (W_a \otimes W_b), \qquad
          V, W = R_Z R_Y R_Z ,

with 15 parameters in the order of action: Z, Y, Z of W on the first qubit of the pair, Z, Y, Z of W
on the second, XX, YY, ZZ, and V as W. For B blocks in all there are ``P = 15 B`` parameters, and
``theta.reshape(B, 15)`` has axes (block, angle), the blocks ordered by layer, then from left to
right.

References
----------
.. [1] F. Vatan and C. Williams, Optimal quantum circuits for general two-qubit gates, Phys. Rev. A
   69, 032315 (2004).
"""

from __future__ import annotations

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Gate, PauliRotation

__all__ = ["brickwork", "brickwork_pairs"]

_LOCAL = [(letter, place) for place in (0, 1) for letter in "ZYZ"]


def brickwork_pairs(
    num_qubits: int, layers: int, *, ring: bool = False
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of qubits that the blocks act on, by layer, then from left to right.

    Parameters
    ----------
    num_qubits
        Number of qubits, at least 2.
    layers
        Number of layers; each covers every other bond.
    ring
        Whether odd layers also have a block on the last and the first qubit; this needs an even
        number of qubits, at least 4.
    """
    if num_qubits < 2 or layers < 0:
        raise ValueError(
            "a brickwork needs at least 2 qubits and no negative number of layers, not "
            f"{num_qubits} and {layers}"
        )
    if ring and (num_qubits % 2 or num_qubits < 4):
        raise ValueError(
            f"a brickwork on a ring needs an even number of qubits, at least 4, not {num_qubits}"
        )
    last = num_qubits if ring else num_qubits - 1
    return tuple(
        (qubit, (qubit + 1) % num_qubits)
        for layer in range(layers)
        for qubit in range(layer % 2, last, 2)
    )


def brickwork(num_qubits: int, layers: int, *, ring: bool = False) -> Circuit:
    """Return the brickwork of general two-qubit blocks; parameters as for `brickwork_pairs`.

    Returns
    -------
    Circuit
        The circuit, with parameters ordered (block, angle).
    """
    gates: list[Gate] = []
    for pair in brickwork_pairs(num_qubits, layers, ring=ring):
        local = [(letter, (pair[place],)) for letter, place in _LOCAL]
        words = [*local, *((word, pair) for word in ("XX", "YY", "ZZ")), *local]
        gates += [
            PauliRotation(word, qubits, len(gates) + k) for k, (word, qubits) in enumerate(words)
        ]
    return Circuit(num_qubits, len(gates), tuple(gates))
