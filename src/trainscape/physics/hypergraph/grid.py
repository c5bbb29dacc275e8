r"""Wave functions of a few qumodes on a grid: the slow way, to check all others.

Positions are on a regular grid from -L to L, and shifts and momenta are Fourier transforms. For
states that have died off before the ends, in position and in momentum, the error falls faster than
any power of the number of points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.physics.hypergraph.group import GroupElement
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import derivative, evaluate
from trainscape.physics.hypergraph.squeezing import position_variance

__all__ = ["GridState"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class GridState:
    """A wave function of n modes.

    Parameters
    ----------
    values
        Normalised values, shape ``(points,) * n``; the sum of their squares is ``1 / step**n``.
    width
        Half width L of the grid.
    """

    values: Complex
    width: float

    @classmethod
    def vacuum(cls, modes: int, squeezing: float, points: int, width: float) -> GridState:
        """Return squeezed vacuum, with position variance ``exp(2 r) / 2``."""
        q = cls._axis(points, width)
        single = np.exp(-(q**2) / (4 * position_variance(squeezing)))
        values = np.ones(())
        for _ in range(modes):
            values = values[..., None] * single
        return cls(values.astype(np.complex128), width).normalised()

    @staticmethod
    def _axis(points: int, width: float) -> Real:
        return np.asarray(-width + 2 * width / points * np.arange(points))

    @property
    def modes(self) -> int:
        """Number n of modes."""
        return self.values.ndim

    @property
    def points(self) -> int:
        """Points of each mode."""
        return int(self.values.shape[0])

    @property
    def step(self) -> float:
        """Distance of the points."""
        return 2 * self.width / self.points

    @property
    def positions(self) -> Real:
        """Positions of all points, shape ``(points,) * n + (n,)``."""
        axes = np.meshgrid(*[self._axis(self.points, self.width)] * self.modes, indexing="ij")
        return np.stack(axes, axis=-1)

    def _wave_numbers(self, mode: int) -> Real:
        k = 2 * np.pi * np.fft.fftfreq(self.points, self.step)
        return np.asarray(k.reshape(-1, *(1,) * (self.modes - 1 - mode)), dtype=np.float64)

    def normalised(self) -> GridState:
        """Return the state of norm 1."""
        norm = np.sqrt((np.abs(self.values) ** 2).sum() * self.step**self.modes)
        return GridState(self.values / norm, self.width)

    def overlap(self, other: GridState) -> complex:
        """Return the scalar product with another state on the same grid."""
        return complex(np.vdot(self.values, other.values) * self.step**self.modes)

    def with_phase(self, monomials: Monomials, phi: ArrayLike) -> GridState:
        """Apply the gates of a phase, ``exp(i phi(q))``."""
        phase = np.exp(1j * evaluate(monomials, phi, self.positions))
        return GridState(self.values * phase, self.width)

    def translated(self, shift: ArrayLike) -> GridState:
        """Apply ``T(s) = exp(i s . p)``: the values become those at ``q + s``."""
        transformed = np.fft.fftn(self.values)
        for mode, s in enumerate(np.asarray(shift, dtype=np.float64)):
            transformed = transformed * np.exp(1j * s * self._wave_numbers(mode))
        return GridState(np.fft.ifftn(transformed), self.width)

    def after(self, element: GroupElement) -> GridState:
        """Apply one element of the group."""
        moved = self.translated(element.shift).with_phase(element.monomials, element.table)
        return GridState(np.exp(1j * element.constant) * moved.values, self.width)

    def expectation(self, element: GroupElement) -> complex:
        """Return the expectation value of one element of the group."""
        return self.overlap(self.after(element))

    def at_position(self, mode: int, value: float) -> tuple[GridState, float]:
        """Measure the position of a mode.

        Returns
        -------
        state : GridState
            State of the other modes, if the position was `value`.
        density : float
            Probability density of that outcome.
        """
        moved = self.translated(np.where(np.arange(self.modes) == mode, value, 0.0))
        # The grid has a point at zero if the number of points is even.
        values = np.take(moved.values, self.points // 2, axis=mode)
        density = float((np.abs(values) ** 2).sum() * self.step ** (self.modes - 1))
        return GridState(values, self.width).normalised(), density

    def nullifier_moments(
        self, monomials: Monomials, mode: int, kappa: ArrayLike
    ) -> tuple[float, float]:
        """Return mean and second moment of ``p_b - d kappa / d q_b``."""
        transformed = np.fft.fft(self.values, axis=mode)
        momentum = np.fft.ifft(transformed * self._wave_numbers(mode), axis=mode)
        constant, table = derivative(monomials, kappa, mode)
        slope = constant + evaluate(monomials, table, self.positions)
        image = GridState(momentum - slope * self.values, self.width)
        return self.overlap(image).real, image.overlap(image).real
