r"""Exact simulation of the fragmentation network inside explicit irreducible blocks.

A block is held by the eigenvectors of its Hamiltonian (`trainscape.simulators.sectors.spectral`): then a layer costs two thin real matrix products, whatever the times. A
sparse block above `DENSE_LIMIT`, where diagonalising is out of reach, is evolved by Chebyshev expansions (`trainscape.simulators.sectors.chebyshev`), exact to rounding too.

Columns, which are inputs of samples, are evolved in groups of at most 32, so that memory is bounded for any number of inputs. Blocks with equal matrices are prepared
once and evolved together, and equal inputs of equal blocks with equal labels are evolved once.

The loss of an input is computed as the probability of the *wrong* outcomes, so that it keeps its relative accuracy near zero.

Results are equal bit for bit however the parameter vectors are batched (with one BLAS thread). Few inputs of several samples share a matrix product only where every column of
such a product comes out with the same bits in all positions and widths; that is measured when the block is prepared, because no BLAS promises it. The kernels of
OpenBLAS for x86 processors, from Nehalem to AVX-512, held to it in all shapes tried if rows have a multiple of eight numbers, to which they are padded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.simulators.contract import Cost, Engine, Quantity
from trainscape.simulators.sectors.block import COLUMNS, Block, intervals
from trainscape.simulators.sectors.chebyshev import ChebyshevBlock
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.simulators.sectors.spectral import SEGMENT_BYTES, Scratch, SpectralBlock

__all__ = ["DENSE_LIMIT", "Sectors"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

DENSE_LIMIT = 4096
"""Largest order of a sparse block that is diagonalised. A block given by dense arrays is always diagonalised."""
FLOPS = 3e10
"""Floating-point operations per second and core that cost estimates assume."""
SPARSE_FLOPS = 4e9
"""The same for products with sparse matrices."""
RANK = 0.4
"""Rank of the gate in units of the order of a block that cost estimates assume (1/4 + 3/(4 N_a) for a generator of rank N/4)."""
OVERHEAD = 5e-7
"""Seconds for one product of very small matrices, for cost estimates."""
INTERPRETED = 2.5e-5
"""Seconds for one layer of one small block in the Jacobian and the Hessian, for cost estimates."""
GATE_DEGREE = 30
"""Terms of the Chebyshev expansion of a gate that cost estimates assume: norm 1/2 around the centre, one period of 4 pi."""


def _chebyshev(block: SectorBlock) -> bool:
    return bool(sp.issparse(block.hamiltonian)) and block.hamiltonian.shape[0] > DENSE_LIMIT


def _equal(a: Any, b: Any) -> bool:
    """Return whether two matrices have the same form and the same elements."""
    if sp.issparse(a) != sp.issparse(b) or a.shape != b.shape or a.dtype != b.dtype:
        return False
    return (a != b).nnz == 0 if sp.issparse(a) else np.array_equal(a, b)


@dataclass(frozen=True)
class _Unit:
    """Blocks of equal matrices, joined: ``numbers`` of their inputs in the problem, and the column of each in the joined block."""

    block: SectorBlock
    numbers: NDArray[np.int64]
    columns: NDArray[np.int64]


def _merged(blocks: tuple[SectorBlock, ...]) -> list[_Unit]:
    """Join blocks of equal matrices, and drop their repeated columns."""
    firsts = np.cumsum([0, *(block.inputs.shape[1] for block in blocks)])
    groups: list[list[int]] = []
    for position, block in enumerate(blocks):
        for group in groups:
            other = blocks[group[0]]
            if _equal(other.hamiltonian, block.hamiltonian) and _equal(other.gate, block.gate):
                group.append(position)
                break
        else:
            groups.append([position])
    units = []
    for group in groups:
        inputs = np.concatenate([blocks[position].inputs for position in group], axis=1)
        accepted = np.concatenate([blocks[position].accepted for position in group], axis=1)
        known: dict[bytes, int] = {}
        columns = [
            known.setdefault(state.tobytes() + right.tobytes(), len(known))
            for state, right in zip(inputs.T, accepted.T, strict=True)
        ]
        kept = np.unique(columns, return_index=True)[1]
        numbers = np.concatenate(
            [np.arange(firsts[position], firsts[position + 1]) for position in group]
        )
        merged = replace(blocks[group[0]], inputs=inputs[:, kept], accepted=accepted[:, kept])
        units.append(_Unit(merged, numbers, np.array(columns, dtype=np.int64)))
    return units


class Sectors(Engine):
    """Engine over explicit irreducible blocks; see the module for the method.

    Parameters
    ----------
    problem
        Blocks with their inputs, and times. Building diagonalises every block once, except large sparse ones; evaluating does not.

    Notes
    -----
    All evaluations take `theta` of shape ``(S, P)``, column ``i - 1`` being the parameter of factor ``i`` of the network (factor 1 acts last), and
    optionally `times` of shape ``(S, P + 2)``, which replace those of the problem for each sample. Inputs are ordered by block, then by column.
    An engine keeps scratch space between calls: threads must not share one.
    """

    name: ClassVar[str] = "sectors"

    def __init__(self, problem: SectorProblem) -> None:
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(f"the sectors engine cannot simulate this problem: {reason}")
        self.problem = problem
        self._weight = 1.0 / problem.size
        self._layers = None if problem.times is None else len(problem.times) - 2
        times = None if problem.times is None else np.asarray(problem.times, dtype=np.float64)
        scratch = Scratch()
        self._units: list[tuple[_Unit, Block]] = []
        for unit in _merged(problem.blocks):
            weights = np.bincount(unit.columns).astype(np.float64)
            block = (
                ChebyshevBlock(unit.block, weights, times)
                if _chebyshev(unit.block)
                else SpectralBlock(unit.block, weights, times, scratch)
            )
            self._units.append((unit, block))
        orders = [
            block.inputs.shape[0] for block in problem.blocks for _ in range(block.inputs.shape[1])
        ]
        self._starts = np.cumsum([0, *orders])

    @classmethod
    def supports(cls, problem: Any, quantity: Quantity) -> str | None:
        """Return None if `problem` is a valid `SectorProblem`, else why not. All quantities are supported."""
        if not isinstance(problem, SectorProblem):
            return f"it needs a SectorProblem with explicit blocks, not {type(problem).__name__}; see trainscape.simulators.sectors.problem"
        if not problem.size:
            return "the problem has no blocks with inputs"
        for block in problem.blocks:
            order = block.hamiltonian.shape[0]
            if block.hamiltonian.shape != (order, order) or block.gate.shape != (order, order):
                return f"block {block.name}: hamiltonian {block.hamiltonian.shape} and gate {block.gate.shape} must be square and of one order"
            if len(block.inputs) != order or block.accepted.shape != block.inputs.shape:
                return f"block {block.name}: inputs {block.inputs.shape} and accepted {block.accepted.shape} must both have shape ({order}, inputs)"
            for kind, matrix in (("hamiltonian", block.hamiltonian), ("gate", block.gate)):
                # Not every sparse form has a maximum.
                matrix = matrix.tocsr() if sp.issparse(matrix) else matrix
                if abs(matrix - matrix.conj().T).max() > 1e-10 * max(1.0, abs(matrix).max()):
                    return f"block {block.name}: the {kind} is not Hermitian"
        return None

    @classmethod
    def cost(cls, problem: SectorProblem, quantity: Quantity, batch: int) -> Cost:
        """Estimate one call for as many layers as the problem has times. The rank of the gate is not computed but assumed to be `RANK` times the order.

        That samples with few inputs share products is not counted: such batches are up to five times faster.
        """
        layers = 0 if problem.times is None else len(problem.times) - 2
        seconds, memory = 0.0, 0
        for block in problem.blocks:
            if _chebyshev(block):
                one = _chebyshev_cost(
                    block, np.asarray(problem.times if layers else np.zeros(2)), quantity
                )
            else:
                one = _spectral_cost(block, layers, quantity)
            seconds += one.seconds
            memory += one.bytes
        doubles = {
            Quantity.VALUE: 1,
            Quantity.GRADIENT: layers,
            Quantity.HESSIAN_VECTOR_PRODUCT: layers,
            Quantity.HESSIAN: layers**2,
            Quantity.QFIM: layers**2,
            Quantity.JACOBIAN: 2 * layers * sum(block.inputs.size for block in problem.blocks),
        }
        return Cost(seconds * batch, memory + 8 * batch * doubles[quantity])

    def _checked(self, theta: Real, times: Real | None) -> tuple[Real, Real | None]:
        """Check the shapes of a call."""
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        samples, layers = theta.shape
        if times is None:
            if self._layers is None:
                raise ValueError(
                    "this problem has no times of its own; pass times of shape (S, P + 2), see draw_times"
                )
            if self._layers != layers:
                raise ValueError(
                    f"theta has {layers} parameters per sample, but the problem has times for {self._layers} layers; draw both for the same number of layers"
                )
            return theta, None
        times = np.asarray(times, dtype=np.float64)
        if times.shape != (samples, layers + 2):
            raise ValueError(
                f"times has shape {times.shape}, but theta of shape {theta.shape} needs times of shape {(samples, layers + 2)}"
            )
        return theta, times

    def _run(
        self, theta: Real, direction: Real | None, times: Real | None, differentiate: bool
    ) -> tuple[Real, Real]:
        """Return the losses of all inputs, shape (S, M), and the gradient of their mean or its derivative along `direction`, shape (S, P)."""
        theta, times = self._checked(theta, times)
        losses = np.empty((len(theta), self.problem.size))
        derivative = np.zeros(theta.shape)
        for unit, block in self._units:
            loss, part = block.run(theta, direction, times, differentiate)
            losses[:, unit.numbers] = loss[:, unit.columns]
            derivative += part
        return losses, derivative * self._weight

    def losses_per_state(self, theta: Real, times: Real | None = None) -> Real:
        """Return the loss of every training state, shape ``(S, M)``."""
        return self._run(theta, None, times, differentiate=False)[0]

    def value(self, theta: Real, times: Real | None = None) -> Real:
        """Return the loss, shape ``(S,)``: the mean over the training states of the probability of a wrong label."""
        return cast(Real, self.losses_per_state(theta, times).sum(axis=1) * self._weight)

    def value_and_gradient(self, theta: Real, times: Real | None = None) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``."""
        losses, gradient = self._run(theta, None, times, differentiate=True)
        return cast(Real, losses.sum(axis=1) * self._weight), gradient

    def gradient(self, theta: Real, times: Real | None = None) -> Real:
        """Return the gradient of the loss, shape ``(S, P)``."""
        return self.value_and_gradient(theta, times)[1]

    def hessian_vector_product(
        self, theta: Real, direction: Real, times: Real | None = None
    ) -> Real:
        """Return the product of the Hessian with a direction for each sample, shape ``(S, P)``, for about twice the cost of the gradient.

        Parameters
        ----------
        theta, direction
            Shape ``(S, P)``.
        times
            See the class.
        """
        direction = np.asarray(direction, dtype=np.float64)
        if direction.shape != np.shape(theta):
            raise ValueError(
                f"direction has shape {direction.shape}, but theta has shape {np.shape(theta)}; give one direction for each sample"
            )
        return self._run(theta, direction, times, differentiate=True)[1]

    def states(self, theta: Real, times: Real | None = None) -> Complex:
        """Return the output states in the blocks' own bases, shape ``(S, sum_l c_l D_l)``: blocks, in them inputs, in them components."""
        theta, times = self._checked(theta, times)
        out = np.empty((len(theta), self._starts[-1]), dtype=np.complex128)
        for s, parameters, mine in self._samples(theta, times):
            for unit, block in self._units:
                psi = block.states(parameters, mine, slice(0, block.columns))
                for number, column in zip(unit.numbers, unit.columns, strict=True):
                    out[s, self._starts[number] : self._starts[number + 1]] = psi[column]
        return out

    def jacobian(self, theta: Real, times: Real | None = None) -> Complex:
        """Return the derivatives of `states`, shape ``(S, P, sum_l c_l D_l)``, global phases included."""
        theta, times = self._checked(theta, times)
        out = np.empty((*theta.shape, self._starts[-1]), dtype=np.complex128)
        for s, parameters, mine in self._samples(theta, times):
            for unit, block in self._units:
                derivatives = block.jacobian(parameters, mine)
                for number, column in zip(unit.numbers, unit.columns, strict=True):
                    out[s, :, self._starts[number] : self._starts[number + 1]] = derivatives[
                        :, column
                    ]
        return out

    def hessian(self, theta: Real, times: Real | None = None) -> Real:
        """Return the exact Hessian of the loss, shape ``(S, P, P)``."""
        return self._matrices(
            theta, times, lambda block, parameters, mine: block.hessian(parameters, mine)
        )

    def quantum_fisher(self, theta: Real, times: Real | None = None) -> Real:
        r"""Return the mean over the training states of their quantum Fisher information matrices, shape ``(S, P, P)``.

        For a pure state :math:`F_{jk} = 4\,\mathrm{Re}(\langle\partial_j\psi|\partial_k\psi\rangle - \langle\partial_j\psi|\psi\rangle\langle\psi|\partial_k\psi\rangle)`.
        """
        return self._matrices(
            theta, times, lambda block, parameters, mine: block.quantum_fisher(parameters, mine)
        )

    def _matrices(
        self, theta: Real, times: Real | None, function: Callable[[Block, Real, Real | None], Real]
    ) -> Real:
        """Return the mean over inputs of a matrix, shape (S, P, P)."""
        theta, times = self._checked(theta, times)
        samples, layers = theta.shape
        out = np.zeros((samples, layers, layers))
        for s, parameters, mine in self._samples(theta, times):
            for _, block in self._units:
                out[s] += function(block, parameters, mine)
        return out * self._weight

    @staticmethod
    def _samples(theta: Real, times: Real | None) -> Iterator[tuple[int, Real, Real | None]]:
        for s, parameters in enumerate(theta):
            yield s, parameters, None if times is None else times[s : s + 1]


def _spectral_cost(block: SectorBlock, layers: int, quantity: Quantity) -> Cost:
    order, columns = block.inputs.shape
    factor = (
        2
        if any(np.issubdtype(m.dtype, np.complexfloating) for m in (block.hamiltonian, block.gate))
        else 1
    )
    rank = RANK * order
    product = max(OVERHEAD, 4.0 * factor * order * rank * columns / FLOPS)
    group = min(columns, COLUMNS)
    memory = 8 * (
        factor * (4 * order**2 + 2 * order * int(rank))
        + 2 * order * (layers + 1)
        + 8 * order * group
    )
    match quantity:
        case Quantity.VALUE:
            seconds = 2 * layers * product
        case Quantity.GRADIENT | Quantity.HESSIAN_VECTOR_PRODUCT:
            lanes = 1 if quantity is Quantity.GRADIENT else 2
            full = 16 * lanes * layers * int(rank) * group
            seconds = (4 if full <= SEGMENT_BYTES else 6) * lanes * layers * product
            memory += min(full, SEGMENT_BYTES) + 16 * order * group * (full // SEGMENT_BYTES + 1)
        case _:
            seconds = layers * (
                INTERPRETED + (8 * order**2 * rank + 32 * order * rank * columns) / FLOPS
            )
            memory += 64 * layers * order * min(columns, max(COLUMNS, order)) + 32 * order**2
            if quantity is not Quantity.JACOBIAN:
                seconds += 8 * layers**2 * order * columns / FLOPS
    return Cost(seconds, memory)


def _chebyshev_cost(block: SectorBlock, times: Real, quantity: Quantity) -> Cost:
    order, columns = block.inputs.shape
    layers = len(times) - 2
    energy, turn = (sp.csr_matrix(matrix) for matrix in (block.hamiltonian, block.gate))
    # Gershgorin's bound, and a degree of about the length of the evolution in units of the inverse norm.
    radius = float(abs(energy).sum(axis=1).max())
    degrees = float((np.abs(intervals(times)) * radius + GATE_DEGREE).sum())
    # A multiplication and an addition for each element, times two for the complex column, and as many operations on the vectors as on eight elements of a row.
    pass_ = (
        4.0
        * columns
        * (degrees * (energy.nnz + 8 * order) + layers * GATE_DEGREE * (turn.nnz + 8 * order))
        / SPARSE_FLOPS
    )
    memory = (
        12 * (energy.nnz + turn.nnz)
        + 16 * order * columns
        + 5 * 16 * order * max(COLUMNS, min(4 * columns, 4 * COLUMNS))
    )
    match quantity:
        case Quantity.VALUE:
            passes = 1
        case Quantity.GRADIENT:
            passes = 3
        case Quantity.HESSIAN_VECTOR_PRODUCT:
            passes = 6
        case Quantity.HESSIAN:
            passes = 6 * layers
        case _:
            passes = 2 * layers + 1
            memory += 32 * layers * order * min(columns, COLUMNS)
    return Cost(passes * pass_, memory)
