"""The figure with PennyLane, as its demonstration makes it: one circuit for each draw."""

import sys

import matplotlib.pyplot as plt
import pennylane as qml
from pennylane import numpy as np

SIZES = [2, 3, 4, 5, 6]
SAMPLES = 200
rng = np.random.default_rng(1)


def derivative(n):
    axes = [(qml.RX, qml.RY, qml.RZ)[axis] for axis in rng.integers(3, size=n)]
    projector = np.zeros((2**n, 2**n))
    projector[0, 0] = 1

    @qml.qnode(qml.device("lightning.qubit", wires=n))
    def loss(angles):
        for qubit in range(n):
            qml.RY(np.pi / 4, wires=qubit)
        for qubit, axis in enumerate(axes):
            axis(angles[qubit], wires=qubit)
        for qubit in range(n - 1):
            qml.CZ(wires=[qubit, qubit + 1])
        return qml.expval(qml.Hermitian(projector, wires=range(n)))

    angles = np.array(rng.uniform(0, 2 * np.pi, n), requires_grad=True)
    return qml.grad(loss)(angles)[-1]


variances = [np.var([derivative(n) for _ in range(SAMPLES)]) for n in SIZES]
slope, offset = np.polyfit(SIZES, np.log(variances), 1)
plt.semilogy(SIZES, variances, "o")
plt.semilogy(SIZES, np.exp(slope * np.array(SIZES) + offset), "-.", label=f"slope {slope:.2f}")
plt.xlabel("qubits")
plt.xticks(SIZES)
plt.ylabel("variance of the last derivative")
plt.legend()
plt.savefig(sys.argv[1], bbox_inches="tight")
print(*variances)
