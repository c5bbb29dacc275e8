"""Compiles the numba kernels of all engines, so that the first run does not have to.

Run it as ``python -m trainscape.simulators.precompile``. The compiled code is cached below the
package, or below ``NUMBA_CACHE_DIR``, for the CPU it was compiled on and for the present sources.
Without it, processes that start together would each compile everything.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.free_fermions import coupling_matrix, rotations_of
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.contract import Engine
from trainscape.simulators.density.engine import Density
from trainscape.simulators.density.shifted_values import shifted_values
from trainscape.simulators.fermions.circuit import FermionCircuit
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.orbit_kernels import represent
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.shard_kernels import choose_functions, divide, even_functions
from trainscape.simulators.pauli.taylor import TaylorSurrogate
from trainscape.simulators.pauli.term_kernels import rotate_shard
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.simulators.sectors.chebyshev import ChebyshevBlock
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.tensornet.engine import TensorNetwork, find_path

__all__ = ["warm"]

PROBLEM = Problem(Circuit(1, 1, (PauliRotation("Y", (0,), 0),)), PauliSum.parse("Z"))
THETA = np.zeros((1, 1))

WIDE = Problem(Circuit(13, 1, (PauliRotation("Y", (0,), 0),)), PauliSum.parse("Z" + 12 * "I"))
"""A register whose tangents are columns of a wide state, and not rows."""


def _value_and_gradient(engine: Engine) -> None:
    engine.value(THETA)
    engine.value_and_gradient(THETA)


def _statevector() -> None:
    _value_and_gradient(Statevector(PROBLEM))
    Statevector(PROBLEM).state(THETA)


def _statevector_products() -> None:
    Statevector(PROBLEM).hessian_vector_product(THETA, np.ones(1))


def _statevector_matrices() -> None:
    Statevector(PROBLEM).jacobian(THETA)
    Statevector(WIDE).jacobian(THETA)
    Statevector(PROBLEM).hessian(THETA)


def _tensornet() -> None:
    # One annealing run also compiles the path search.
    _value_and_gradient(TensorNetwork(PROBLEM, find_path(PROBLEM, repeats=1)))


def _pauli() -> None:
    _value_and_gradient(PauliPropagation(PROBLEM))
    _value_and_gradient(TaylorSurrogate(PROBLEM))
    PauliWalk(PROBLEM).value_moment(Patch("gaussian", 1.0), 1, 0)


def _pauli_shards() -> None:
    # Large sums are rotated in shards, and symmetric ones merged, which one qubit does not need.
    program = compile_program(PROBLEM)
    later, angles = np.zeros((1, 1), dtype=np.uint64), np.zeros(1)
    rows = np.ones((1, 3), dtype=np.uint64)
    functions, _ = choose_functions(rows, even_functions(program.strings, 0, 1), 1)
    divide(rows, functions)
    rotate_shard(program.strings, later, angles, angles, 0, 1, 0.1, False, 0, 64, rows)
    represent(rows, np.zeros((1, 128), dtype=np.int64))


def _sectors() -> None:
    one = np.eye(1)
    block = SectorBlock("0", one, one, one, np.ones((1, 1), dtype=np.bool_))
    Sectors(SectorProblem((block,), np.zeros(3))).value_and_gradient(THETA)
    ChebyshevBlock(block, np.ones(1), np.zeros(3)).run(THETA, None, None, differentiate=True)


def _density() -> None:
    engine = Density(PROBLEM)
    _value_and_gradient(engine)
    shifted_values(engine, THETA, np.ones((1, 4)))


def _fermions() -> None:
    field = PauliSum.parse("X")
    FermionCircuit(rotations_of([field]), 1, coupling_matrix(field)).energy_and_gradient(THETA)


def _quimb() -> None:
    # The decompositions that quimb compiles, for real and for complex matrices.
    import quimb.tensor as qtn

    for dtype in ("float64", "complex128"):
        state = qtn.MPS_computational_state("010", dtype=dtype)
        state.gate_split_(np.eye(4, dtype=dtype), (0, 1)).compress()
        state.canonize(1)


# The last three tasks share kernels with the first ones, which are usually done by then.
TASKS = (
    _statevector,
    _tensornet,
    _pauli,
    _sectors,
    _density,
    _fermions,
    _quimb,
    _statevector_products,
    _statevector_matrices,
    _pauli_shards,
)


def warm(processes: int = 1) -> None:
    """Evaluate a one-qubit problem with every compiled engine, and what quimb compiles.

    With several `processes` the tasks run in parallel, else in this process.
    """
    if processes == 1:
        for task in TASKS:
            task()
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(task) for task in TASKS]:
            done.result()


if __name__ == "__main__":
    warm(min(len(TASKS), os.cpu_count() or 1))
