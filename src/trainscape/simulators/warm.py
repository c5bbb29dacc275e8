"""Compile the numba kernels of all engines once, so that the first run does not: ``python -m trainscape.simulators.warm``.

The compiled code is cached below the package, or below ``NUMBA_CACHE_DIR``, for the CPU it was compiled on and for the present sources. Processes that start together on a cold
cache would each compile everything.
"""

from __future__ import annotations

__all__ = ["warm"]


def warm() -> None:
    """Evaluate a one-qubit problem with every compiled engine."""
    import numpy as np

    from trainscape.circuits.circuit import Circuit, Problem
    from trainscape.circuits.fragmentation_qnn import QNNBlock, QNNProblem
    from trainscape.circuits.gates import PauliRotation
    from trainscape.physics.pauli import PauliSum
    from trainscape.simulators._sectors_chebyshev import ChebyshevBlock
    from trainscape.simulators.pauli import PauliPropagation
    from trainscape.simulators.pauli_moments import Patch
    from trainscape.simulators.pauli_walk import PauliWalk
    from trainscape.simulators.sectors import Sectors
    from trainscape.simulators.statevector import Statevector
    from trainscape.simulators.taylor import TaylorSurrogate
    from trainscape.simulators.tensornet import TensorNetwork, find_path

    problem = Problem(Circuit(1, 1, (PauliRotation("Y", (0,), 0),)), PauliSum.parse("Z"))
    # One annealing run compiles the path search too.
    path = find_path(problem, repeats=1)
    for engine in (Statevector(problem), TensorNetwork(problem, path), PauliPropagation(problem), TaylorSurrogate(problem)):
        theta = np.zeros((1, 1))
        engine.value(theta)
        engine.value_and_gradient(theta)
    statevector = Statevector(problem)
    for method in (statevector.state, statevector.jacobian, statevector.hessian):
        method(np.zeros((1, 1)))
    statevector.hessian_vector_product(np.zeros((1, 1)), np.ones(1))
    one = np.eye(1)
    block = QNNBlock("0", one, one, one, np.ones((1, 1), dtype=np.bool_))
    Sectors(QNNProblem((block,), np.zeros(3))).value_and_gradient(np.zeros((1, 1)))
    ChebyshevBlock(block, np.ones(1), np.zeros(3)).run(np.zeros((1, 1)), None, None, differentiate=True)
    PauliWalk(problem).value_moment(Patch("gaussian", 1.0), 1, 0)


if __name__ == "__main__":
    warm()
