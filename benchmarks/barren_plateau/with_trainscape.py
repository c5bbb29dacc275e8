"""The same figure with trainscape: all draws of a size at once, with intervals and a law."""

import sys

import matplotlib.pyplot as plt
import numpy as np

from trainscape.api import Circuit, fit_scaling
from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.observables import Projector
from trainscape.circuits.states import BasisState, ProductState
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.intervals import positive_mean

SIZES = [2, 3, 4, 5, 6]
SAMPLES = 200
rng = np.random.default_rng(1)


def moment(n):
    # Rotations about all three axes on each qubit; those that a draw does not have get the angle 0.
    gates = [PauliRotation(axis, (q,), 3 * q + k) for q in range(n) for k, axis in enumerate("XYZ")]
    gates += [FixedGate("CZ", (q, q + 1)) for q in range(n - 1)]
    zeros = Projector(n, BasisState("0" * n))
    start = ProductState.of_angles([np.pi / 4] * n)
    engine = Statevector(Problem(Circuit(n, 3 * n, tuple(gates)), zeros, (start,)))
    drawn = np.eye(3)[rng.integers(3, size=(SAMPLES, n))]
    angles = drawn * rng.uniform(0, 2 * np.pi, (SAMPLES, n, 1))
    slopes = engine.gradient(angles.reshape(SAMPLES, -1)).reshape(SAMPLES, n, 3)
    return positive_mean((slopes * drawn)[:, -1].sum(axis=1) ** 2)


moments = [moment(n) for n in SIZES]
fit = fit_scaling(SIZES, [one.value for one in moments], [one.standard_error for one in moments])
slope = fit.exponential.slope
bars = np.abs([[one.value - one.low, one.high - one.value] for one in moments]).T
plt.errorbar(SIZES, [one.value for one in moments], bars, fmt="o")
plt.semilogy(
    SIZES, fit.exponential(np.array(SIZES)), "-.", label=f"rate {slope:.2f}, {fit.verdict}"
)
plt.xlabel("qubits")
plt.xticks(SIZES)
plt.ylabel("second moment of the last derivative")
plt.legend()
plt.savefig(sys.argv[1], bbox_inches="tight")
print(*(one.value for one in moments))
