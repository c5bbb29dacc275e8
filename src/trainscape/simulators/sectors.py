r"""Exact simulation of the fragmentation network inside explicit irreducible blocks.

In the eigenbasis of ``H`` the evolution :math:`e^{-iHt}` is a vector of phases, and neighbouring ones merge: between the gates ``i + 1`` and ``i`` (later) stands
:math:`e^{iE(t_i - t_{i+1})}`. The gate is written around its most degenerate eigenvalue :math:`a_0`,

.. math:: e^{iA\theta} = e^{ia_0\theta} \big(1 + W (e^{i\delta\theta} - 1) W^\dagger\big), \qquad A = a_0 + W \delta W^\dagger,

with ``W`` of shape ``(D, r)``, so that a layer costs two thin products with all inputs of the block as columns. The loss does not depend on :math:`a_0`.

Three algorithms (derived here):

* gradient: adjoint method. With :math:`u = W^\dagger x` and :math:`w = W^\dagger \lambda` before gate ``k``,
  :math:`\partial_k \ell = -2\,\mathrm{Im} \sum_a \delta_a w_a^* u_a`. Only ``u`` is kept, for one segment of layers at a time; earlier segments are recomputed from
  checkpoints, which bounds the memory;
* state Jacobian: with the suffix :math:`S_k` of everything after gate ``k``, :math:`\partial_k \psi = i\,S_k A S_k^\dagger \psi`. The products :math:`S_k W` come out of the
  accumulation of ``S``, hence ``p`` and not ``p^2`` layer operations;
* Hessian: with :math:`K_k = S_k A S_k^\dagger \psi`, :math:`L_k = S_k A S_k^\dagger O \psi` and gate ``j`` not before gate ``k``,
  :math:`\partial_j \partial_k \langle\psi|O|\psi\rangle = 2\,\mathrm{Re}(\langle K_j|O|K_k\rangle - \langle L_j|K_k\rangle)`, two matrix products.

The loss of an input is computed as the probability of the *wrong* outcomes, so that it keeps its relative accuracy near zero. Every parameter vector is evaluated by
itself, with operations whose shapes depend on the problem only: results are equal bit for bit however the vectors are batched (with one BLAS thread).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.fragmentation_qnn import QNNBlock, QNNProblem
from trainscape.simulators._sectors_kernels import run_block
from trainscape.simulators.contract import Cost, Engine, Quantity

__all__ = ["Sectors"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

SEGMENT_BYTES = 64 * 2**20
"""Memory for the intermediate vectors of one segment of layers of one block. Changes no result beyond rounding."""
DEGENERACY = 1e-9
"""Eigenvalues of the gate closer than this, relative to its norm, count as one."""
FLOPS = 3e10
"""Floating-point operations per second and core that cost estimates assume."""
RANK = 0.4
"""Rank of the gate in units of the order of a block that cost estimates assume (1/4 + 3/(4 N_a) for a generator of rank N/4)."""
OVERHEAD = 5e-7
"""Seconds for one product of very small matrices, for cost estimates."""
INTERPRETED = 2.5e-5
"""Seconds for one layer of one small block in the Jacobian and the Hessian, for cost estimates."""


@dataclass(frozen=True)
class _Block:
    """A block in the eigenbasis of its Hamiltonian; ``*_planar`` matrices act on planar complex columns (see `_planar`)."""

    energies: Real
    basis: NDArray[Any]
    gate: NDArray[Any]
    offset: float
    delta: Real
    start: NDArray[Any]
    rejected: Real
    start_planar: Real
    basis_planar: Real
    basis_planar_t: Real
    gate_planar: Real
    gate_planar_t: Real


def _planar(matrix: NDArray[Any]) -> Real:
    """Return the real form of a matrix that acts on columns stored as (row, re/im, column).

    A real matrix acts on [re | im] as twice as many columns and stays as it is; a complex one becomes a real matrix of twice the order on interleaved rows.
    """
    if not np.iscomplexobj(matrix):
        return np.ascontiguousarray(matrix, dtype=np.float64)
    rows, columns = matrix.shape
    out = np.empty((rows, 2, columns, 2))
    out[:, 0, :, 0] = out[:, 1, :, 1] = matrix.real
    out[:, 0, :, 1] = -matrix.imag
    out[:, 1, :, 0] = matrix.imag
    return out.reshape(2 * rows, 2 * columns)


def _low_rank(gate: NDArray[Any]) -> tuple[float, Real, NDArray[Any]]:
    """Return ``a_0, delta, W`` with ``A = a_0 + W delta W^dagger`` and the smallest rank."""
    values, vectors = np.linalg.eigh(gate)
    scale = max(1e-300, float(np.abs(values).max()))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(values) > DEGENERACY * scale) + 1])
    sizes = np.diff(np.concatenate([starts, [len(values)]]))
    means = np.add.reduceat(values, starts) / sizes
    largest = int(np.argmax(sizes))
    kept = np.repeat(np.arange(len(sizes)) != largest, sizes)
    return float(means[largest]), np.repeat(means - means[largest], sizes)[kept], vectors[:, kept]


def _prepare(block: QNNBlock) -> _Block:
    # One data type for the whole block, so that all planar matrices have the same form.
    kind = np.complex128 if any(np.iscomplexobj(m) for m in (block.hamiltonian, block.gate)) else np.float64
    energies, basis = np.linalg.eigh(block.hamiltonian.astype(kind))
    adjoint = basis.conj().T
    offset, delta, vectors = _low_rank(block.gate.astype(kind))
    gate = adjoint @ vectors
    start = adjoint @ block.inputs
    basis_planar, gate_planar = _planar(basis), _planar(gate)
    return _Block(
        energies=energies,
        basis=basis,
        gate=gate,
        offset=offset,
        delta=delta,
        start=start,
        rejected=(~block.accepted).astype(np.float64),
        start_planar=np.ascontiguousarray(np.stack([start.real, start.imag], axis=1)),
        basis_planar=basis_planar,
        basis_planar_t=np.ascontiguousarray(basis_planar.T),
        gate_planar=gate_planar,
        gate_planar_t=np.ascontiguousarray(gate_planar.T),
    )


def _intervals(times: Real) -> Real:
    """Return the ``p + 1`` times for which ``exp(+iHt)`` acts, in order of action, from ``t', t'', t_1 .. t_p``."""
    inner = times[:1:-1]
    return np.diff(np.concatenate([times[:1], inner, times[1:2]]))


class Sectors(Engine):
    """Engine over explicit irreducible blocks; see the module for the method.

    Parameters
    ----------
    problem
        Blocks with their inputs, and times. Building diagonalises every block once; evaluating does not.

    Notes
    -----
    All evaluations take `theta` of shape ``(S, P)``, column ``i - 1`` being the parameter of factor ``i`` of the network (factor 1 acts last), and
    optionally `times` of shape ``(S, P + 2)``, which replace those of the problem for each sample. Inputs are ordered by block, then by column.
    An engine keeps scratch space between calls: threads must not share one.
    """

    name: ClassVar[str] = "sectors"

    def __init__(self, problem: QNNProblem) -> None:
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(f"the sectors engine cannot simulate this problem: {reason}")
        self.problem = problem
        self._blocks = tuple(_prepare(block) for block in problem.blocks)
        self._weight = 1.0 / problem.size
        self._scratch = np.empty(0)
        self._phases = None if problem.times is None else self._phase_tables(np.asarray(problem.times, dtype=np.float64))

    @classmethod
    def supports(cls, problem: Any, quantity: Quantity) -> str | None:
        """Return None if `problem` is a valid `QNNProblem`, else why not. All quantities are supported."""
        if not isinstance(problem, QNNProblem):
            return f"it needs a QNNProblem with explicit blocks, not {type(problem).__name__}; build one with circuits.fragmentation_qnn.build_problem"
        if not problem.blocks:
            return "the problem has no blocks"
        for block in problem.blocks:
            order = len(block.hamiltonian)
            if block.hamiltonian.shape != (order, order) or block.gate.shape != (order, order):
                return (
                    f"block {block.name}: hamiltonian {block.hamiltonian.shape} and gate {block.gate.shape} must be square and of one order"
                )
            if len(block.inputs) != order or block.accepted.shape != block.inputs.shape:
                return f"block {block.name}: inputs {block.inputs.shape} and accepted {block.accepted.shape} must both have shape ({order}, inputs)"
            for kind, matrix in (("hamiltonian", block.hamiltonian), ("gate", block.gate)):
                if not np.allclose(matrix, matrix.conj().T, atol=1e-10 * max(1.0, float(np.abs(matrix).max()))):
                    return f"block {block.name}: the {kind} is not Hermitian"
        return None

    @classmethod
    def cost(cls, problem: QNNProblem, quantity: Quantity, batch: int) -> Cost:
        """Estimate one call for as many layers as the problem has times. The rank of the gate is not computed but assumed to be `RANK` times the order."""
        layers = 0 if problem.times is None else len(problem.times) - 2
        seconds, memory = 0.0, 0
        for block in problem.blocks:
            order, columns = block.inputs.shape
            factor = 2 if np.iscomplexobj(block.hamiltonian) or np.iscomplexobj(block.gate) else 1
            rank = RANK * order
            product = max(OVERHEAD, 4.0 * factor * order * rank * columns / FLOPS)
            memory += 8 * (factor * (4 * order**2 + 2 * order * int(rank)) + 2 * order * (layers + 1) + 8 * order * columns)
            match quantity:
                case Quantity.VALUE:
                    seconds += 2 * layers * product
                case Quantity.GRADIENT:
                    full = 16 * layers * int(rank) * columns
                    seconds += (4 if full <= SEGMENT_BYTES else 6) * layers * product
                    memory += min(full, SEGMENT_BYTES) + 16 * order * columns * (full // SEGMENT_BYTES + 1)
                case _:
                    seconds += layers * (INTERPRETED + (8 * order**2 * rank + 32 * order * rank * columns) / FLOPS)
                    memory += 64 * layers * order * columns + 32 * order**2
                    if quantity is Quantity.HESSIAN:
                        seconds += 8 * layers**2 * order * columns / FLOPS
        outputs = {Quantity.VALUE: 1, Quantity.GRADIENT: layers, Quantity.HESSIAN: layers**2}
        doubles = outputs.get(quantity, 2 * layers * sum(block.inputs.size for block in problem.blocks))
        return Cost(seconds * batch, memory + 8 * batch * doubles)

    def _phase_tables(self, times: Real) -> tuple[Real, ...]:
        intervals = _intervals(times)
        tables = []
        for block in self._blocks:
            angle = np.outer(intervals, block.energies)
            tables.append(np.stack([np.cos(angle), np.sin(angle)], axis=-1))
        return tuple(tables)

    def _tables(self, theta: Real, times: Real | None) -> Callable[[int], tuple[Real, ...]]:
        """Check the shapes of a call and return the function that gives the phase tables of a sample."""
        samples, layers = theta.shape
        shared = self._phases
        if times is None:
            if shared is None:
                raise ValueError("this problem has no times of its own; pass times of shape (S, P + 2), see draw_times")
            if len(shared[0]) != layers + 1:
                raise ValueError(
                    f"theta has {layers} parameters per sample, but the problem has times for {len(shared[0]) - 1} layers; draw both for the same number of layers"
                )
            return lambda sample: shared
        if times.shape != (samples, layers + 2):
            raise ValueError(
                f"times has shape {times.shape}, but theta of shape {theta.shape} needs times of shape {(samples, layers + 2)}"
            )
        return lambda sample: self._phase_tables(times[sample])

    def _workspace(self, block: _Block, layers: int) -> tuple[Real, Real]:
        """Return the scratch space of a block for `layers` layers. It is kept, because fresh pages from the system cost more than the arithmetic of small blocks."""
        order, columns = block.start.shape
        rank = len(block.delta)
        segment = max(1, min(layers, SEGMENT_BYTES // (16 * max(1, rank) * columns)))
        pieces = max(1, -(-layers // segment))
        first, second = 2 * segment * rank * columns, 2 * pieces * order * columns
        if len(self._scratch) < first + second:
            self._scratch = np.empty(first + second)
        u = self._scratch[:first].reshape(segment, rank, 2, columns)
        return u, self._scratch[first : first + second].reshape(pieces, order, 2, columns)

    def _evaluate(self, theta: Real, times: Real | None, differentiate: bool) -> tuple[Real, Real]:
        """Return the losses of all inputs, shape (S, M), and the gradient of their mean, shape (S, P)."""
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        tables = self._tables(theta, times)
        samples, layers = theta.shape
        losses = np.empty((samples, self.problem.size))
        gradient = np.zeros((samples, layers))
        part = np.empty(layers)
        for sample in range(samples):
            ordered = np.ascontiguousarray(theta[sample, ::-1])
            first = 0
            for block, phases in zip(self._blocks, tables(sample), strict=True):
                columns = block.start.shape[1]
                u, checkpoints = self._workspace(block, layers if differentiate else 1)
                run_block(
                    block.start_planar,
                    phases,
                    block.gate_planar,
                    block.gate_planar_t,
                    block.delta,
                    block.basis_planar,
                    block.basis_planar_t,
                    block.rejected,
                    ordered,
                    u,
                    checkpoints,
                    losses[sample, first : first + columns],
                    part,
                    differentiate,
                )
                first += columns
                if differentiate:
                    gradient[sample] += part[::-1]
        return losses, gradient * self._weight

    def losses_per_state(self, theta: Real, times: Real | None = None) -> Real:
        """Return the loss of every training state, shape ``(S, M)``."""
        return self._evaluate(theta, times, differentiate=False)[0]

    def value(self, theta: Real, times: Real | None = None) -> Real:
        """Return the loss, shape ``(S,)``: the mean over the training states of the probability of a wrong label."""
        return cast(Real, self.losses_per_state(theta, times).sum(axis=1) * self._weight)

    def value_and_gradient(self, theta: Real, times: Real | None = None) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``."""
        losses, gradient = self._evaluate(theta, times, differentiate=True)
        return cast(Real, losses.sum(axis=1) * self._weight), gradient

    def gradient(self, theta: Real, times: Real | None = None) -> Real:
        """Return the gradient of the loss, shape ``(S, P)``."""
        return self.value_and_gradient(theta, times)[1]

    def states(self, theta: Real, times: Real | None = None) -> Complex:
        """Return the output states in the blocks' own bases, shape ``(S, sum_l c_l D_l)``: blocks, in them inputs, in them components."""
        theta = np.asarray(theta, dtype=np.float64)
        tables = self._tables(theta, times)
        return np.array(
            [
                np.concatenate([self._output(b, f, t).ravel() for b, f in zip(self._blocks, tables(s), strict=True)])
                for s, t in enumerate(theta)
            ]
        )

    def jacobian(self, theta: Real, times: Real | None = None) -> Complex:
        """Return the derivatives of `states`, shape ``(S, P, sum_l c_l D_l)``, global phases included."""
        theta = np.asarray(theta, dtype=np.float64)
        tables = self._tables(theta, times)
        out = np.empty((*theta.shape, sum(block.inputs.size for block in self.problem.blocks)), dtype=np.complex128)
        for sample, parameters in enumerate(theta):
            first = 0
            for block, phases in zip(self._blocks, tables(sample), strict=True):
                psi = self._output(block, phases, parameters)
                tangents = _generated(block, phases, parameters, psi) + block.offset * psi
                out[sample, :, first : first + psi.size] = 1j * tangents.reshape(len(parameters), -1)
                first += psi.size
        return out

    def hessian(self, theta: Real, times: Real | None = None) -> Real:
        """Return the exact Hessian of the loss, shape ``(S, P, P)``."""
        theta = np.asarray(theta, dtype=np.float64)
        tables = self._tables(theta, times)
        samples, layers = theta.shape
        out = np.zeros((samples, layers, layers))
        for sample, parameters in enumerate(theta):
            for block, phases in zip(self._blocks, tables(sample), strict=True):
                psi = self._output(block, phases, parameters)
                rejected = block.rejected.T
                columns = len(psi)
                both = _generated(block, phases, parameters, np.concatenate([psi, rejected * psi]))
                k = np.ascontiguousarray(both[:, :columns]).reshape(layers, -1)
                l_flat = np.ascontiguousarray(both[:, columns:]).reshape(layers, -1).view(np.float64)
                wrong = (k * rejected.ravel()).view(np.float64)
                # Factor 1 acts last: the row is not before the column in time for i <= j, the upper triangle.
                cross = np.triu(l_flat @ k.view(np.float64).T)
                out[sample] += wrong @ wrong.T - cross - np.triu(cross, 1).T
        return 2.0 * self._weight * out

    @staticmethod
    def _output(block: _Block, phases: Real, theta: Real) -> Complex:
        """Return the output states of one block as rows, shape (c, D)."""
        rotation = phases[..., 0] + 1j * phases[..., 1]
        x = rotation[0][:, None] * block.start
        adjoint = block.gate.conj().T
        for s, angle in enumerate(theta[::-1]):
            factor = np.exp(1j * block.delta * angle) - 1
            x = rotation[s + 1][:, None] * (x + block.gate @ (factor[:, None] * (adjoint @ x)))
        return cast(Complex, np.exp(1j * block.offset * theta.sum()) * (block.basis @ x).T)


def _generated(block: _Block, phases: Real, theta: Real, vectors: Complex) -> Complex:
    """Return ``S_k (A - a_0) S_k^dagger`` applied to the rows of `vectors`, shape (P, rows, D); axis 0 is in the order of `theta`.

    ``S`` is accumulated from the output backwards, as its transpose ``z``, so that the products with a real ``W`` are real.
    """
    rotation = phases[..., 0] + 1j * phases[..., 1]
    real = not np.iscomplexobj(block.gate)
    transposed = np.ascontiguousarray(block.gate.T)
    conjugate = np.ascontiguousarray(block.gate.conj())
    out = np.empty((len(theta), *vectors.shape), dtype=np.complex128)
    columns = np.ascontiguousarray(vectors.T)
    z = np.ascontiguousarray(rotation[-1][:, None] * block.basis.T)
    for i, angle in enumerate(theta):
        s = len(theta) - 1 - i
        suffix = (transposed @ z.view(np.float64)).view(np.complex128) if real else transposed @ z
        inner = block.delta[:, None] * (suffix.conj() @ columns)
        out[i] = inner.T @ suffix
        changed = (np.exp(1j * block.delta * angle) - 1)[:, None] * suffix
        z = rotation[s][:, None] * (z + ((conjugate @ changed.view(np.float64)).view(np.complex128) if real else conjugate @ changed))
    return out
