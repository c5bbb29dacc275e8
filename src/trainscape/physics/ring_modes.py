r"""Simulate the tied Ising ring on hundreds of qubits: one spin for each momentum, in parallel.

With one parameter for all X and one for all ZZ, free fermions of momenta k and -k make a spin of
length one, a real vector s, for each :math:`k = (2m + 1) \pi / n`. The layer

.. math:: e^{-i \theta_x \sum X / 2}\, e^{-i \theta_z \sum ZZ / 2}

turns it about two axes, by :math:`-2 \theta_z` about :math:`v_k = (\sin k, -\cos k, 0)` and by
:math:`-2 \theta_x` about :math:`y`, and :math:`\sum X = 2 \sum_k s_y`,
:math:`\sum ZZ = 2 \sum_k s \cdot v_k` over the positive k. The state plus is s = y everywhere. So a
gate costs O(n), and depths of thousands of layers are within reach, which it takes until spins of
neighbouring momenta move independently.

The algebra is one su(2) for each k. For independent uniform directions of state and Hamiltonian the
squared gradient has the mean :math:`\frac{16}{9} n (J^2 + h^2)`, for gates as above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["RingModes"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class RingModes:
    """Layers of tied ZZ and X rotations, and the Hamiltonian ``-J sum ZZ - h sum X`` on a ring.

    Parameters
    ----------
    num_qubits
        Number of qubits n, even.
    coupling, field
        J and h.

    Raises
    ------
    ValueError
        If n is odd or below four.
    """

    num_qubits: int
    coupling: float = 1.0
    field: float = 1.0

    def __post_init__(self) -> None:
        if self.num_qubits < 4 or self.num_qubits % 2:
            raise ValueError(
                f"the momenta of a ring of {self.num_qubits} spins do not come in pairs; give an "
                "even number of at least four"
            )

    @property
    def momenta(self) -> Real:
        """The positive momenta, shape ``(n/2,)``."""
        return np.asarray((2 * np.arange(self.num_qubits // 2) + 1) * np.pi / self.num_qubits)

    def energy_and_gradient(self, theta: ArrayLike) -> tuple[Real, Real]:
        """Return energies, shape ``(S,)``, and gradients, shape ``(S, L, 2)``.

        Parameters
        ----------
        theta
            Angles in radians of ZZ and of X in each layer, shape ``(S, L, 2)``.
        """
        angles = np.asarray(theta, dtype=np.float64)
        sine, cosine = np.sin(self.momenta), np.cos(self.momenta)
        shape = (len(angles), len(sine))
        spin = np.zeros((3, *shape))
        spin[1] = 1.0
        for layer in range(angles.shape[1]):
            _turn_about_bond(spin, angles[:, layer, 0, None], sine, cosine)
            _turn_about_field(spin, angles[:, layer, 1, None])
        image = np.zeros((3, *shape))
        image[0] = -2 * self.coupling * sine
        image[1] = 2 * self.coupling * cosine - 2 * self.field
        energies = (image * spin).sum(axis=(0, 2))
        gradient = np.empty_like(angles)
        for layer in range(angles.shape[1] - 1, -1, -1):
            slopes = image[2] * spin[0] - image[0] * spin[2]
            gradient[:, layer, 1] = 2 * slopes.sum(axis=1)
            for vector in (spin, image):
                _turn_about_field(vector, -angles[:, layer, 1, None])
            # -2 image . (v x spin), with v = (sin k, -cos k, 0).
            slopes = cosine * (image[0] * spin[2] - image[2] * spin[0])
            slopes += sine * (image[1] * spin[2] - image[2] * spin[1])
            gradient[:, layer, 0] = 2 * slopes.sum(axis=1)
            for vector in (spin, image):
                _turn_about_bond(vector, -angles[:, layer, 0, None], sine, cosine)
        return energies, gradient


def _turn_about_field(vector: Real, angles: Real) -> None:
    """Turn vectors, shape ``(3, S, K)``, by ``-2 angle`` about y, in place."""
    cos, sin = np.cos(2 * angles), np.sin(2 * angles)
    x = cos * vector[0] - sin * vector[2]
    vector[2] = cos * vector[2] + sin * vector[0]
    vector[0] = x


def _turn_about_bond(vector: Real, angles: Real, sine: Real, cosine: Real) -> None:
    """Turn vectors by ``-2 angle`` about ``(sin k, -cos k, 0)``, in place."""
    cos, sin = np.cos(2 * angles), np.sin(2 * angles)
    along = sine * vector[0] - cosine * vector[1]
    # The component along (cos k, sin k, 0) turns into z.
    across = cosine * vector[0] + sine * vector[1]
    turned = cos * across + sin * vector[2]
    vector[2] = cos * vector[2] - sin * across
    vector[0] = sine * along + cosine * turned
    vector[1] = sine * turned - cosine * along
