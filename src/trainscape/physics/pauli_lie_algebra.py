"""List the Pauli strings of a Lie algebra: the closure of strings, on bits.

Half the bracket of two anticommuting strings is a string, up to a sign: that with the sum of their
bits. Nested brackets with generators reach all (Jacobi identity). A compiled loop closes a set of
strings under them, with a hash table, at some ten million brackets a second.

For the dimension alone `anticommutation_graph` is faster without bounds, and names the algebra. The
two share nothing but the bits, and check each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.lie_algebra import LieAlgebraError
from trainscape.physics.modular_kernels import close_strings
from trainscape.physics.pauli import PauliString

__all__ = ["pauli_lie_closure"]

FIRST_ROOM = 4096
"""Strings for which there is room at first."""


def pauli_lie_closure(
    strings: Sequence[PauliString], limit: int = 20_000_000
) -> NDArray[np.uint64]:
    """Return the masks of all strings in the Lie algebra of single Pauli strings.

    Parameters
    ----------
    strings
        Generators, all on one number of qubits, 64 at most. Repeated ones count once; the identity
        counts as a generator if given.
    limit
        Largest dimension to count to: 32 bytes and more each.

    Returns
    -------
    ndarray
        Shape ``(dimension, 2)``: the X mask and the Z mask of each string, in the conventions of
        `PauliString`. The generators come first.

    Raises
    ------
    LieAlgebraError
        If the dimension is larger than `limit`.
    ValueError
        If the strings act on different numbers of qubits, on too many, or there are none.
    """
    numbers = {string.num_qubits for string in strings}
    if len(numbers) != 1:
        raise ValueError(
            "the Pauli strings must act on one number of qubits, and there must be at least one"
        )
    if max(numbers) > 64:
        raise ValueError(
            f"strings are closed on up to 64 qubits, not {max(numbers)}; for the dimension use "
            "trainscape.physics.anticommutation_graph.classify_strings"
        )
    generators = np.array([(s.x_mask, s.z_mask) for s in strings], dtype=np.uint64)
    room = min(limit, FIRST_ROOM)
    while True:
        found = np.empty((room, 2), dtype=np.uint64)
        table = np.full(1 << (2 * room).bit_length(), -1, dtype=np.int64)
        count = int(close_strings(generators, found, table))
        if count >= 0:
            return found[:count]
        if room == limit:
            raise LieAlgebraError(f"the Lie algebra has more than {limit} Pauli strings")
        room = min(limit, 8 * room)
