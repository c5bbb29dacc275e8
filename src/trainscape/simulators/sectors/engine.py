"""Exact simulation of the fragmentation network inside explicit irreducible blocks.

A block is held by the eigenvectors of its Hamiltonian (`trainscape.simulators.sectors.spectral`).
Then a layer costs two thin real matrix products, for any times. A sparse block above `DENSE_LIMIT`
is too large to be diagonalised. It is evolved by Chebyshev expansions
(`trainscape.simulators.sectors.chebyshev`), which are also exact up to rounding.

Columns, which are inputs of samples, are evolved in groups of at most 32, so that memory is bounded
for any number of inputs. Blocks with equal matrices are prepared once and evolved together
(`trainscape.simulators.sectors.merging`).

The loss of an input is computed as the probability of the *wrong* outcomes, so that it keeps its
relative accuracy near zero.

Results are equal bit for bit for any batches of parameter vectors (with one BLAS thread). Inputs of
several samples share a matrix product only if every column of such a product has the same bits in
all positions and widths. That is measured when the block is prepared, because no BLAS promises it.
The kernels of OpenBLAS for x86 processors, from Nehalem to AVX-512, have the property in all shapes
tried if rows have a multiple of eight numbers, to which they are padded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.simulators.contract import Cost, Engine, Quantity
from trainscape.simulators.sectors.block import Block
from trainscape.simulators.sectors.chebyshev import ChebyshevBlock
from trainscape.simulators.sectors.cost import chebyshev_cost, needs_chebyshev, spectral_cost
from trainscape.simulators.sectors.merging import MergedBlocks, merge_blocks
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.simulators.sectors.spectral import Scratch, SpectralBlock

__all__ = ["Sectors"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


class Sectors(Engine):
    """Engine over explicit irreducible blocks; see the module for the method.

    Parameters
    ----------
    problem
        Blocks with their inputs, and times. The constructor diagonalises every block once, except
        large sparse ones.

    Raises
    ------
    ValueError
        If the problem is not valid; see `supports`.

    Notes
    -----
    All methods take `theta` of shape ``(S, P)``, where column ``i - 1`` is the parameter of factor
    ``i`` of the network (factor 1 acts last), and optionally `times` of shape ``(S, P + 2)``, which
    replace those of the problem for each sample. Inputs are ordered by block, then by column. An
    engine keeps work space between calls: threads must not share one.
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
        self._units: list[tuple[MergedBlocks, Block]] = []
        for unit in merge_blocks(problem.blocks):
            weights = np.bincount(unit.columns).astype(np.float64)
            block = (
                ChebyshevBlock(unit.block, weights, times)
                if needs_chebyshev(unit.block)
                else SpectralBlock(unit.block, weights, times, scratch)
            )
            self._units.append((unit, block))
        orders = [
            block.inputs.shape[0] for block in problem.blocks for _ in range(block.inputs.shape[1])
        ]
        self._starts = np.cumsum([0, *orders])

    @classmethod
    def supports(cls, problem: Any, quantity: Quantity) -> str | None:
        """Return None if `problem` is a valid `SectorProblem`, else why not.

        All quantities are supported.
        """
        if not isinstance(problem, SectorProblem):
            return (
                f"it needs a SectorProblem with explicit blocks, not {type(problem).__name__}; see "
                "trainscape.simulators.sectors.problem"
            )
        if not problem.size:
            return "the problem has no blocks with inputs"
        for block in problem.blocks:
            order = block.hamiltonian.shape[0]
            if block.hamiltonian.shape != (order, order) or block.gate.shape != (order, order):
                return (
                    f"block {block.name}: hamiltonian {block.hamiltonian.shape} and gate "
                    f"{block.gate.shape} must be square and of one order"
                )
            if len(block.inputs) != order or block.accepted.shape != block.inputs.shape:
                return (
                    f"block {block.name}: inputs {block.inputs.shape} and accepted "
                    f"{block.accepted.shape} must both have shape ({order}, inputs)"
                )
            for kind, matrix in (("hamiltonian", block.hamiltonian), ("gate", block.gate)):
                # Some sparse formats have no method `max`.
                matrix = matrix.tocsr() if sp.issparse(matrix) else matrix
                if abs(matrix - matrix.conj().T).max() > 1e-10 * max(1.0, abs(matrix).max()):
                    return f"block {block.name}: the {kind} is not Hermitian"
        return None

    @classmethod
    def cost(cls, problem: SectorProblem, quantity: Quantity, batch: int) -> Cost:
        """Estimate one call for as many layers as the problem has times.

        The rank of the gate is not computed but assumed to be `RANK` times the order.

        That samples with few inputs share products is not counted: such batches are up to five
        times faster.
        """
        layers = 0 if problem.times is None else len(problem.times) - 2
        seconds, memory = 0.0, 0
        for block in problem.blocks:
            if needs_chebyshev(block):
                one = chebyshev_cost(
                    block, np.asarray(problem.times if layers else np.zeros(2)), quantity
                )
            else:
                one = spectral_cost(block, layers, quantity)
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
                    "this problem has no times of its own; pass times of shape (S, P + 2), see "
                    "draw_times"
                )
            if self._layers != layers:
                raise ValueError(
                    f"theta has {layers} parameters per sample, but the problem has times for "
                    f"{self._layers} layers; draw both for the same number of layers"
                )
            return theta, None
        times = np.asarray(times, dtype=np.float64)
        if times.shape != (samples, layers + 2):
            raise ValueError(
                f"times has shape {times.shape}, but theta of shape {theta.shape} needs times of "
                f"shape {(samples, layers + 2)}"
            )
        return theta, times

    def _run(
        self, theta: Real, direction: Real | None, times: Real | None, differentiate: bool
    ) -> tuple[Real, Real]:
        """Return the losses of all inputs, shape (S, M), and a derivative of their mean.

        The derivative has shape (S, P). It is the gradient or, with a direction, the product of the
        Hessian with it.
        """
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
        """Return the loss, shape ``(S,)``.

        It is the mean over the training states of the probability of a wrong label.
        """
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
        """Return the product of the Hessian with a direction for each sample, shape ``(S, P)``.

        It costs about twice as much as the gradient.

        Parameters
        ----------
        theta, direction
            Shape ``(S, P)``.
        times
            See the class.

        Raises
        ------
        ValueError
            If `direction` has another shape than `theta`.
        """
        direction = np.asarray(direction, dtype=np.float64)
        if direction.shape != np.shape(theta):
            raise ValueError(
                f"direction has shape {direction.shape}, but theta has shape {np.shape(theta)}; "
                "give one direction for each sample"
            )
        return self._run(theta, direction, times, differentiate=True)[1]

    def states(self, theta: Real, times: Real | None = None) -> Complex:
        """Return the output states in the bases of the blocks, shape ``(S, sum_l c_l D_l)``.

        They are ordered by block, then by input, then by component.
        """
        theta, times = self._checked(theta, times)
        out = np.empty((len(theta), self._starts[-1]), dtype=np.complex128)
        for s, parameters, own_times in self._samples(theta, times):
            for unit, block in self._units:
                psi = block.states(parameters, own_times, slice(0, block.columns))
                for number, column in zip(unit.numbers, unit.columns, strict=True):
                    out[s, self._starts[number] : self._starts[number + 1]] = psi[column]
        return out

    def jacobian(self, theta: Real, times: Real | None = None) -> Complex:
        """Return the derivatives of `states`, shape ``(S, P, sum_l c_l D_l)``.

        Those of the global phases are included.
        """
        theta, times = self._checked(theta, times)
        out = np.empty((*theta.shape, self._starts[-1]), dtype=np.complex128)
        for s, parameters, own_times in self._samples(theta, times):
            for unit, block in self._units:
                derivatives = block.jacobian(parameters, own_times)
                for number, column in zip(unit.numbers, unit.columns, strict=True):
                    out[s, :, self._starts[number] : self._starts[number + 1]] = derivatives[
                        :, column
                    ]
        return out

    def hessian(self, theta: Real, times: Real | None = None) -> Real:
        """Return the exact Hessian of the loss, shape ``(S, P, P)``."""
        return self._matrices(
            theta, times, lambda block, parameters, own_times: block.hessian(parameters, own_times)
        )

    def quantum_fisher(self, theta: Real, times: Real | None = None) -> Real:
        r"""Return the mean of the quantum Fisher information matrices of the training states.

        The shape is ``(S, P, P)``. For a pure state :math:`F_{jk} =
        4\,\mathrm{Re}(\langle\partial_j\psi|\partial_k\psi\rangle -
        \langle\partial_j\psi|\psi\rangle\langle\psi|\partial_k\psi\rangle)`.
        """
        return self._matrices(
            theta,
            times,
            lambda block, parameters, own_times: block.quantum_fisher(parameters, own_times),
        )

    def _matrices(
        self, theta: Real, times: Real | None, function: Callable[[Block, Real, Real | None], Real]
    ) -> Real:
        """Return the mean over inputs of a matrix, shape (S, P, P)."""
        theta, times = self._checked(theta, times)
        samples, layers = theta.shape
        out = np.zeros((samples, layers, layers))
        for s, parameters, own_times in self._samples(theta, times):
            for _, block in self._units:
                out[s] += function(block, parameters, own_times)
        return out * self._weight

    @staticmethod
    def _samples(theta: Real, times: Real | None) -> Iterator[tuple[int, Real, Real | None]]:
        for s, parameters in enumerate(theta):
            yield s, parameters, None if times is None else times[s : s + 1]
