r"""Taylor surrogates: a loss near a Clifford point as a polynomial in the angles.

The surrogate of order m keeps all derivatives at zero of total degree below m,

.. math:: C_m(\theta) = \sum_{|\alpha|_1 < m} D^\alpha C(0)\, \frac{\theta^\alpha}{\alpha!}, \qquad
   |C - C_m| \le \frac{\lVert\theta\rVert_1^m}{m!} .

For a Pauli string, each derivative is 0, 1 or -1, and one back-propagation of the string gives it:
at each rotation with :math:`\alpha_k > 0` the string must anticommute with the generator, and is
multiplied by it for odd :math:`\alpha_k`; at the end it must be a product of I and Z. A tree search
follows only the branches that do not vanish. The published definition is the parameter-shift rule
(`shift_rule`), with one stabiliser expectation for each node of the rule.

For another Clifford point, move the origin there first (`trainscape.circuits.clifford.shifted`).

A better surrogate of the same kind keeps cosines exact and limits the number of sines:
`PauliPropagation(problem, max_sines=kappa)`. Its mean square error over a patch is
`MomentEstimate.truncation_error`, and `sine_paths` counts its paths.

References
----------
S. Meyer, F. Scala, F. Tacchino, A. Lucchi, arXiv 2507.06344, and its public code, for the
definition, the bounds and the counts. The evaluation by one back-propagation for each coefficient,
and the tree search, are derived here.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, lambertw

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.simulators.contract import Cost, Engine, Quantity
from trainscape.simulators.pauli import taylor_kernels as kernels
from trainscape.simulators.pauli.monomials import factorials, merge_monomials
from trainscape.simulators.pauli.program import compile_program

__all__ = [
    "SinePaths",
    "TaylorSurrogate",
    "num_coefficients",
    "num_shift_evaluations",
    "num_sine_paths",
    "published_order",
    "remainder_bound",
    "shift_rule",
    "sine_paths",
    "sufficient_order",
]

Real = NDArray[np.float64]

DEFAULT_BYTES = 2**31

_SECONDS_PER_FACTOR = {Quantity.VALUE: 2e-9, Quantity.GRADIENT: 5e-9}


class TaylorSurrogate(Engine):
    """The Taylor polynomial of a loss around angle zero, as an engine.

    Its values and gradients are those of the polynomial.

    Parameters
    ----------
    problem
        Circuit of Clifford gates and Pauli rotations in which each parameter is used by at most one
        rotation, and an observable.
    order
        m, at least 1; monomials of degree up to ``m - 1`` are kept.
    max_bytes
        Memory that the monomials may take.

    Attributes
    ----------
    order : int
        m.
    factors : (T, m - 1) int32
        The parameters of each monomial with a derivative that does not vanish, each as often as its
        power, ascending, padded with -1.
    derivatives : (T,) float64
        ``D^alpha C(0)``: for a Pauli string of weight one and scales of one, 1 or -1. Their number
        T is called the support.

    Raises
    ------
    ValueError
        If rotations share a parameter, or a fixed gate is no Clifford gate.
    MemoryError
        If the monomials would take more than `max_bytes`.
    """

    name: ClassVar[str] = "taylor"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None for values and gradients without shared parameters, else the reason."""
        if quantity not in (Quantity.VALUE, Quantity.GRADIENT):
            return f"the taylor engine computes values and gradients, not the {quantity.value}"
        try:
            return _shared(near_clifford(problem))
        except ValueError as error:
            return str(error)

    @classmethod
    def cost(cls, problem: Problem, quantity: Quantity, batch: int, *, order: int = 3) -> Cost:
        """Estimate the cost of a call: an upper bound.

        It counts the coefficients up to `order`, most of which vanish.
        """
        monomials = num_coefficients(len(light_cone(problem).parameters), order)
        return Cost(
            min(
                batch * monomials * max(order - 1, 1) * _SECONDS_PER_FACTOR[quantity] + 1e-5, 1e300
            ),
            4 * (order - 1) * monomials + 8 * monomials,
        )

    def __init__(self, problem: Problem, order: int = 3, *, max_bytes: int = DEFAULT_BYTES) -> None:
        if order < 1:
            raise ValueError(
                f"the order of a Taylor surrogate is {order}; order 1 is the constant C(0), so "
                "give a number from 1 up"
            )
        self.problem = problem = near_clifford(problem)
        reason = _shared(problem)
        if reason is not None:
            raise ValueError(reason)
        self.order = order
        cone = light_cone(problem)
        program = compile_program(cone.problem)
        # The factor 2 is there because arrays are copied when they grow.
        limit = max_bytes // (2 * (4 * (order - 1) + 16))
        # The last entry is for the padding -1.
        parameters = np.append(
            np.array(cone.parameters, dtype=np.int32)[program.parameters], np.int32(-1)
        )
        scales = np.append(program.scales, 1.0)
        parts = []
        for start, weight in zip(program.terms, program.weights, strict=True):
            rows, signs, _, visited = kernels.expand(
                program.strings, program.later, start, order - 1, max(order - 1, 1), limit, True
            )
            if visited < 0:
                raise MemoryError(
                    f"the Taylor surrogate of order {order} has more than {limit} monomials, which "
                    f"max_bytes = {max_bytes} does not hold; lower the order, raise max_bytes, or "
                    "limit the number of sines instead (PauliPropagation with max_sines)"
                )
            parts.append((parameters[rows], weight * signs * scales[rows].prod(axis=1)))
            limit -= len(rows)
        self.factors, self.derivatives = merge_monomials(
            np.concatenate([factors for factors, _ in parts]),
            np.concatenate([values for _, values in parts]),
        )
        self._coefficients = self.derivatives / factorials(self.factors)

    @property
    def support(self) -> int:
        """Number of derivatives that do not vanish."""
        return len(self.derivatives)

    def value(self, theta: Real) -> Real:
        """Return the polynomial, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians."""
        return self._evaluate(theta, with_gradient=False)[0]

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the polynomial, shape ``(S,)``, and its gradient, shape ``(S, P)``.

        The published surrogate of the gradient keeps one degree more: it is the gradient of the
        polynomial of order ``m + 1``.
        """
        return self._evaluate(theta, with_gradient=True)

    def error_bound(self, theta: Real) -> Real:
        """Return a bound of the error of the value, shape ``(S,)``.

        It is the sum of absolute weights, times the remainder bound for the angles of the
        rotations.
        """
        angles = self.problem.circuit.check_parameters(theta, reduce=False).copy()
        scales = np.zeros(self.problem.circuit.num_parameters)
        for gate in self.problem.circuit.gates:
            if isinstance(gate, PauliRotation):
                scales[gate.parameter] = abs(gate.scale)
        weight = sum(abs(weight) for weight, _ in pauli_terms(self.problem.observable).terms)
        return np.asarray(
            weight * remainder_bound(np.abs(angles) @ scales, self.order), dtype=np.float64
        )

    def _evaluate(self, theta: Real, *, with_gradient: bool) -> tuple[Real, Real]:
        points = np.array(self.problem.circuit.check_parameters(theta, reduce=False))
        values, gradient = np.zeros(len(points)), np.zeros(points.shape)
        kernels.evaluate(self.factors, self._coefficients, points, values, gradient, with_gradient)
        return values, gradient


def _shared(problem: Problem) -> str | None:
    users = Counter(
        gate.parameter for gate in problem.circuit.gates if isinstance(gate, PauliRotation)
    )
    several = [parameter for parameter, count in users.items() if count > 1]
    if several:
        return (
            f"parameter {several[0]} is used by {users[several[0]]} rotations; Taylor surrogates "
            "need a parameter of its own for each"
        )
    return None


def shift_rule(alpha: ArrayLike) -> tuple[Real, Real]:
    r"""Return nodes and weights of the parameter-shift rule for one derivative at zero.

    The rotations of the loss have scale one.

    .. math:: D^\alpha C(0) = \sum_{j \le \alpha} \Big[2^{-|\alpha|} (-1)^{|j|}
       \prod_k \binom{\alpha_k}{j_k}\Big]\, C\Big(\frac{\pi}{2} (\alpha - 2 j)\Big)

    Parameters
    ----------
    alpha
        Order of the derivative by each parameter, shape ``(P,)``.

    Returns
    -------
    nodes : (N, P) float64
        Clifford points in radians, ``N = prod(alpha + 1)``.
    weights : (N,) float64
        ``weights @ engine.value(nodes)`` is the derivative.
    """
    orders = np.asarray(alpha, dtype=np.int64)
    nodes = math.prod((orders + 1).tolist())
    shifts = np.array(
        list(itertools.product(*(range(order + 1) for order in orders))), dtype=np.int64
    ).reshape(nodes, len(orders))
    weights = [
        (-1) ** int(row.sum())
        * math.prod(math.comb(int(order), int(j)) for order, j in zip(orders, row, strict=True))
        for row in shifts
    ]
    return (math.pi / 2) * (orders - 2.0 * shifts), np.array(
        weights, dtype=np.float64
    ) / 2.0 ** int(orders.sum())


@dataclass(frozen=True)
class SinePaths:
    """Pauli paths by their number of sines.

    Parameters
    ----------
    diagonal
        Entry f counts the paths with f sines that end as a string of I and Z, and so contribute to
        the loss; shape ``(kappa + 1,)``.
    visited
        Number of paths that were followed to find them.
    """

    diagonal: tuple[int, ...]
    visited: int


def sine_paths(problem: Problem, max_sines: int) -> SinePaths:
    """Count the Pauli paths of a problem with at most `max_sines` sines, for all terms together.

    The search holds few strings in memory, and takes time for each path that it follows. Paths
    whose end is known not to be diagonal are not followed.

    Raises
    ------
    ValueError
        If `max_sines` is negative.
    """
    if max_sines < 0:
        raise ValueError(f"max_sines is {max_sines}; give a number from 0 up")
    program = compile_program(light_cone(near_clifford(problem)).problem)
    counts, followed = np.zeros(max_sines + 1, dtype=np.int64), 0
    for start in program.terms:
        _, _, diagonal, visited = kernels.expand(
            program.strings, program.later, start, max_sines, 1, 2**62, False
        )
        counts += diagonal
        followed += visited
    return SinePaths(tuple(counts.tolist()), followed)


def num_coefficients(num_parameters: int, order: int) -> int:
    """Return the number of derivatives of total degree below m = `order`.

    That is ``binom(D + m - 1, m - 1)``.
    """
    return math.comb(num_parameters + order - 1, order - 1)


def num_shift_evaluations(num_parameters: int, order: int) -> int:
    """Return the number of stabiliser expectations that the parameter-shift rule needs for all.

    That is ``binom(2 D + m - 1, m - 1)``.
    """
    return math.comb(2 * num_parameters + order - 1, order - 1)


def num_sine_paths(num_rotations: int, max_sines: int) -> int:
    """Return the number of choices of at most kappa = `max_sines` out of A rotations.

    That is ``sum_(j <= kappa) binom(A, j)``.
    """
    return sum(math.comb(num_rotations, sines) for sines in range(max_sines + 1))


def remainder_bound(norm: ArrayLike, order: int) -> Real:
    """Return ``l^m / m!``, where l is the 1-norm of the angles and m the order.

    It bounds the error of the Taylor surrogate for a Pauli string.
    """
    lengths = np.asarray(norm, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(order * np.log(lengths) - gammaln(order + 1.0)))


def sufficient_order(norm: float, error: float) -> int:
    """Return the least order m from 1 up whose remainder bound ``l^m / m!`` is at most `error`.

    Parameters
    ----------
    norm
        l, the 1-norm of the angles, in radians.
    error
        Allowed error, between 0 and 1. For l > 1 the bound first grows with m; it passes such an
        error only once.

    Raises
    ------
    ValueError
        If `norm` is negative or infinite, or `error` is not between 0 and 1.
    """
    _check_threshold(norm, error)
    if norm == 0:
        return 1

    def enough(order: int) -> bool:
        return bool(order * math.log(norm) - math.lgamma(order + 1) <= math.log(error))

    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def published_order(norm: float, error: float) -> int:
    r"""Return the order as arXiv 2507.06344 computes it.

    It is the least order if that is at most 30, else it follows from Stirling's formula,

    .. math:: m = \Big\lceil e \ell\, \exp W_0\Big(
       \frac{\ln(1 / (\epsilon \sqrt{e^3 \ell}))}{e \ell}\Big) - \frac12 \Big\rceil

    with Lambert's function W. It can be one less than `sufficient_order`, and then the bound is
    slightly exceeded.
    """
    least = sufficient_order(norm, error)
    if least <= 30:
        return least
    scale = math.e * norm
    argument = -(math.log(error) + 0.5 * (3.0 + math.log(norm))) / scale
    return math.ceil(scale * math.exp(float(lambertw(argument).real)) - 0.5)


def _check_threshold(norm: float, error: float) -> None:
    if not (math.isfinite(norm) and norm >= 0):
        raise ValueError(f"the 1-norm of the angles is {norm}; it is a finite number from 0 up")
    if not 0 < error < 1:
        raise ValueError(f"the allowed error is {error}; give a number between 0 and 1")
