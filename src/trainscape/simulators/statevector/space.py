"""Work space of the state-vector engine: a compiled program with its states and initial states."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.states import state_vector
from trainscape.simulators.statevector.compiler import compile_program
from trainscape.simulators.statevector.program import SHARED_BITS, SHARES, SUMS, Program, Scratch
from trainscape.simulators.statevector.vectors import WIDTH

__all__ = ["Prepared", "prepare"]

Real = NDArray[np.float64]

_GAP = 256
"""Entries between two states.

States at equal places of a page would evict one another from the cache.
"""


class Prepared(NamedTuple):
    """A compiled program with its work space."""

    program: Program
    starts: Real
    """Initial states, shape ``(M, 2 * 2**n)``, as in the kernels; no rows for ``|0...0>``."""
    states: list[Real]
    scratch: Scratch
    columns: int
    """2 to the number of idle bits."""

    @property
    def inputs(self) -> int:
        """Number of initial states."""
        return max(1, len(self.starts))


def prepare(
    problem: Problem, *, extra_bits: int = 0, states: int = 1, observed: bool = True
) -> Prepared:
    """Compile a lowered problem and allocate its work space.

    Parameters
    ----------
    problem
        The problem.
    extra_bits, observed
        As for `compile_program`.
    states
        Number of state vectors to allocate. Each starts on a cache line.
    """
    program = compile_program(problem, extra_bits=extra_bits, observed=observed)
    length = 2 ** (program.num_qubits + 1)
    space = np.empty((length + _GAP) * states + WIDTH)
    first = -(space.ctypes.data // 8) % WIDTH
    vectors = [space[first + k * (length + _GAP) :][:length] for k in range(states)]
    low, high = 2**program.low_bits, 2 ** (program.num_qubits - program.low_bits)
    widest = max((int(row[1] - row[0]) for row in program.layers), default=0)
    shares = SHARES if program.num_qubits >= SHARED_BITS else 1
    scratch = Scratch(
        phases_low=np.empty((len(program.diagonals), 2, low)),
        phases_high=np.empty((len(program.diagonals), 2, high)),
        coefficients=np.empty((widest, 4 * WIDTH)),
        variants=np.empty(widest, dtype=np.int64),
        sums=np.empty((shares, widest, SUMS)),
        over_high=np.empty((shares, low)),
        over_low=np.empty(high),
        lanes=np.empty((shares, 16 * WIDTH)),
        vectors=np.empty(
            (2, length if len(program.evolutions) else len(program.permutations[:1]) * length // 2)
        ),
        row=np.empty((3, low)),
    )
    return Prepared(
        program,
        _starts(problem),
        vectors,
        scratch,
        2 ** (program.num_qubits - problem.circuit.num_qubits),
    )


def _starts(problem: Problem) -> Real:
    size = 2**problem.circuit.num_qubits
    starts = np.empty((len(problem.inputs), 2 * size))
    for row, state in zip(starts, problem.inputs, strict=True):
        amplitudes = state_vector(state)
        row[:size], row[size:] = amplitudes.real, amplitudes.imag
    return starts
