r"""Noise: channels on one or two qubits, which turn a state into a mixture of states.

All have one number, the strength p between 0 and 1: the probability with which everything is lost
that the channel takes.

====================== ============================================================================
name                   what it does
====================== ============================================================================
``depolarising``       with probability p, replaces its qubits by the fully mixed state,
                       :math:`\rho \to (1 - p) \rho + p\, \mathrm{Tr}_Q(\rho) \otimes 1 / 2^k`;
                       each of the :math:`4^k - 1` Pauli errors has the probability
                       :math:`p / 4^k`. On one qubit or two
``dephasing``          with probability p, takes all coherence: the off-diagonal elements become
                       :math:`1 - p` times what they were; Z has the probability p / 2
``amplitude_damping``  with probability p, the state 1 decays to 0; the off-diagonal elements become
                       :math:`\sqrt{1 - p}` times what they were
====================== ============================================================================

Other conventions count Pauli errors: where X, Y and Z have the probability q / 3 each, as in
PennyLane's ``DepolarizingChannel(q)``, the strength is p = 4 q / 3; a flip of the phase with the
probability q has p = 2 q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.pauli import PAULI_MATRICES

__all__ = ["Channel", "ChannelName", "kraus_operators"]

ChannelName = Literal["depolarising", "dephasing", "amplitude_damping"]


@dataclass(frozen=True)
class Channel:
    """Noise on some qubits; see the module for what each channel does.

    Parameters
    ----------
    name
        Name of the channel.
    qubits
        One qubit; for ``depolarising`` one or two distinct ones.
    strength
        The strength p, from 0 (nothing happens) to 1.

    Raises
    ------
    ValueError
        If the name is unknown, or qubits or strength do not fit.
    """

    name: ChannelName
    qubits: tuple[int, ...]
    strength: float

    def __post_init__(self) -> None:
        names = get_args(ChannelName)
        if self.name not in names:
            raise ValueError(
                f"unknown channel {self.name!r} on qubits {self.qubits}; known are "
                f"{', '.join(names)}"
            )
        most = 2 if self.name == "depolarising" else 1
        if not 1 <= len(self.qubits) <= most or len(set(self.qubits)) != len(self.qubits):
            allowed = "one qubit" if most == 1 else "one qubit or two distinct ones"
            raise ValueError(
                f"the channel {self.name} acts on {allowed}, but was given {self.qubits}; write "
                "one channel for each qubit"
            )
        if not (math.isfinite(self.strength) and 0 <= self.strength <= 1):
            raise ValueError(
                f"the channel {self.name} on qubits {self.qubits} has the strength "
                f"{self.strength}; it is a probability, from 0 to 1"
            )


def kraus_operators(channel: Channel) -> list[NDArray[np.complex128]]:
    r"""Return operators with :math:`\rho \to \sum_j K_j \rho K_j^\dagger`.

    Each has the shape ``(2**k, 2**k)`` on the k qubits of the channel, of which the first is the
    most significant bit.
    """
    p = channel.strength
    if channel.name == "amplitude_damping":
        stays = np.diag([1, math.sqrt(1 - p)]).astype(np.complex128)
        return [stays, np.array([[0, math.sqrt(p)], [0, 0]], dtype=np.complex128)]
    if channel.name == "dephasing":
        flips = math.sqrt(p / 2) * PAULI_MATRICES["Z"]
        return [math.sqrt(1 - p / 2) * PAULI_MATRICES["I"], flips]
    errors = []
    count = 4 ** len(channel.qubits)
    for letters in product("IXYZ", repeat=len(channel.qubits)):
        matrix: NDArray[np.complex128] = np.ones((1, 1), dtype=np.complex128)
        for letter in letters:
            matrix = np.asarray(np.kron(matrix, PAULI_MATRICES[letter]))
        probability = p / count + (1 - p if set(letters) == {"I"} else 0.0)
        errors.append(math.sqrt(probability) * matrix)
    return errors
