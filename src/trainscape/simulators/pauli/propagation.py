"""The Pauli engine: Heisenberg propagation of the observable as a sum of Pauli strings, exact or truncated, on any number of qubits.

The observable is pulled back through the circuit, last gate first. Fixed gates map strings to strings; a rotation ``exp(-i t P / 2)`` leaves a string Q
that commutes with P, and splits one that anticommutes,

    Q -> cos(t) Q + sin(t) i P Q,

where equal strings are merged. At the end ``<0|Q|0>`` is 1 for strings of I and Z, and 0 for all others. The number of terms is what it costs: it can grow
to ``4**n``, and stays small for near-Clifford angles, small light cones, or with truncation. Exact multiples of pi/2 create no terms, and a term that
flips a qubit which no later generator flips back is not followed.

Fixed gates need not be walked through at all: commuted to the end of the circuit, they change the generators and the observable once, when the engine
is built. Only where Pauli weight is limited, which depends on the frame, are they applied in place.

The gradient of all parameters comes from a reverse sweep over a tape of what was touched, at a small multiple of the time of the value.

References
----------
M. S. Rudolph et al., arXiv 2505.21606 (Pauli propagation and its truncations). The reverse sweep and the treatment of small and Clifford angles are
derived here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import LightCone, light_cone, whole_register
from trainscape.circuits.lowering import MAX_PROJECTED, lower, obstacle, single_inputs
from trainscape.circuits.observables import Projector
from trainscape.simulators.contract import Cost, Engine, Quantity, check_direction
from trainscape.simulators.pauli import propagation_kernels as kernels
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.shifted_gradients import Separated, hessian_by_shifts, separate

__all__ = ["PauliPropagation", "Truncation"]

Real = NDArray[np.float64]

DEFAULT_BYTES = 2**32

# A cosine or sine below this is a rounding error of a multiple of pi/2, and is taken as zero.
_CLIFFORD = 4e-16
# Seconds for one term touched by one rotation, and for one term looked at; measured at 1e3 to 1e5 terms on one 2.6 GHz core.
_SECONDS_PER_VALUE, _SECONDS_PER_GRADIENT = 4.5e-8, 7.0e-8
_SECONDS_PER_TERM = 1.0e-9
_COUNTED_TERMS = 2**13
_COUNTED_TAPE = 2**22
# With gradients, a branch is followed where this share of the derivative that passes through it reaches `min_coefficient`: 0.03 to 0.1 do best.
_SLOPE_SHARE = 0.05


@dataclass(frozen=True)
class Truncation:
    """What the last call of an engine dropped, one entry a sample.

    A dropped string has an expectation value between -1 and 1, so that the value is wrong by at most the sum of the three dropped weights.

    Parameters
    ----------
    coefficient, weight, sines
        Sums of the absolute coefficients dropped by the rule on coefficients, Pauli weight, and sine factors, each of shape ``(S,)``.
    dropped
        Number of dropped branches by the same three rules, shape ``(S, 3)``.
    terms
        Largest number of terms held at one time, shape ``(S,)``.
    """

    coefficient: Real
    weight: Real
    sines: Real
    dropped: NDArray[np.int64]
    terms: NDArray[np.int64]

    @property
    def error_bound(self) -> Real:
        """Largest possible error of the value by truncation, shape ``(S,)``. Rigorous, and usually far too large."""
        return self.coefficient + self.weight + self.sines

    @property
    def is_exact(self) -> bool:
        """Whether nothing was dropped."""
        return not bool(self.error_bound.any())


class PauliPropagation(Engine):
    """Values and gradients by propagation of Pauli strings.

    Without truncation the engine is exact. All samples are computed one after the other, so that no bit depends on how a batch was cut.

    Parameters
    ----------
    problem
        Circuit and observable.
    min_coefficient
        After each rotation, terms with a smaller absolute coefficient are dropped from the value. Where the gradient is asked for, some of them are followed
        for the gradient alone: see the notes.
    max_weight
        A sine branch on more qubits than this is dropped when a rotation makes it; fixed gates drop nothing. None: no limit.
    max_sines
        Products with more sine factors than this are dropped: what remains is exactly the sum over all Pauli paths with at most `max_sines` sines and any
        number of cosines. Strings reached with different numbers of sines are not merged, which costs up to `max_sines` + 1 times the terms. None: no limit.
    max_bytes
        Memory that terms and tape may take.
    reduce
        Whether to restrict the problem to its light cone first, which changes no result beyond rounding.

    Attributes
    ----------
    last_truncation : Truncation or None
        What the last call dropped; None before the first call.

    Notes
    -----
    For `max_weight` and `max_sines` alone the truncated value is a trigonometric polynomial, and the gradient is its exact derivative, away from
    multiples of pi/2; there the value does not change, since a branch that is zero is dropped either way.

    With `min_coefficient` the truncated value jumps, and its derivative between jumps is a poor gradient: a branch ``c sin t`` that is dropped for a small t
    takes the derivative ``c cos t`` with it. So the gradient follows a dropped branch, with value zero, while the derivative through it, by whichever earlier
    angle, times 0.05 reaches `min_coefficient`; branches that are exactly zero because of a multiple of pi/2, while all of it does. Mean norm of the error of
    the gradient on ring circuits of RY, RZ and CZ with a ZZ observable, angles multiples of pi/2 plus N(0, sigma), against a threshold at least 10 times smaller
    with more of these branches; in brackets the number of terms; last, without following, at a tenth of `min_coefficient`:

    ========  ======  =====  ===============  ==============  ==============  ==============
    qubits n  layers  sigma  min_coefficient  not followed    followed        a tenth of it
    ========  ======  =====  ===============  ==============  ==============  ==============
    20        6       0.1    1e-4             1.9e-2 (1055)   5.4e-3 (1376)   2.7e-3 (2662)
    40        6       0.1    1e-4             1.3e-2 (1012)   5.9e-3 (1297)   2.4e-3 (2634)
    60        8       0.1    1e-4             3.4e-2 (3878)   9.0e-3 (4882)   1.4e-2 (13032)
    40        10      0.05   1e-5             8.3e-3 (16076)  9.4e-4 (34670)  4.4e-3 (55980)
    ========  ======  =====  ===============  ==============  ==============  ==============
    """

    name: ClassVar[str] = "pauli"

    @classmethod
    def supports(cls, problem: Problem, quantity: Quantity) -> str | None:
        """Return None for values, gradients and Hessians, of any size, else the reason. Whether the terms fit into memory is only known from `cost`."""
        if quantity in (Quantity.JACOBIAN, Quantity.QFIM):
            return f"the pauli engine holds no state, so that it has no {quantity.value}; use the statevector engine"
        lowered = lower(problem).problem
        if (
            isinstance(lowered.observable, Projector)
            and len(lowered.observable.qubits) > MAX_PROJECTED
        ):
            return f"the pauli engine expands projectors on at most {MAX_PROJECTED} qubits, not {len(lowered.observable.qubits)}; use the tensornet engine"
        return obstacle(lowered)

    @classmethod
    def cost(
        cls, problem: Problem, quantity: Quantity, batch: int, theta: Real | None = None
    ) -> Cost:
        """Estimate the cost without truncation, by counting terms in a run that stops early.

        Parameters
        ----------
        problem, quantity, batch
            As for every engine.
        theta
            Typical parameter vectors, shape ``(S, P)`` in radians, of which the first three are counted. Near Clifford angles the cost is far below that at
            generic angles, which are counted for None.

        Notes
        -----
        Where a run has more than 8192 terms, the number of terms is taken to keep growing as it did, up to the ``4**n`` strings of the light cone.
        """
        cone = light_cone(single_inputs(problem)[0])
        program = compile_program(cone.problem)
        rotations = len(program.kinds)
        if theta is None:
            angles = (0.3 + np.arange(rotations) % 7 * 0.4)[None]
        else:
            angles = (
                program.scales
                * cone.restrict(problem.circuit.check_parameters(theta)[:3])[:, program.parameters]
            )
        # Only exact Clifford angles make terms for the gradient alone, and generic ones have none.
        with_gradient = quantity != Quantity.VALUE and theta is not None
        if quantity in (Quantity.HESSIAN, Quantity.HESSIAN_VECTOR_PRODUCT):
            batch *= 2 * len(separate(problem).fold)
        counts = [_counted(program, row, with_gradient) for row in angles]
        terms, touched = (
            max(count[0] for count in counts),
            float(np.mean([count[1] for count in counts])),
        )
        terms = min(terms, 4.0 ** min(cone.problem.circuit.num_qubits, 500))
        seconds = (
            batch
            * problem.num_inputs
            * (
                touched
                * (_SECONDS_PER_VALUE if quantity == Quantity.VALUE else _SECONDS_PER_GRADIENT)
                + rotations * (1e-7 + min(terms, touched) * _SECONDS_PER_TERM)
            )
            + 1e-6
        )
        slots = 2 * terms * (kernels.SLOT_BYTES + 8 * program.terms.shape[1])
        tape = (
            kernels.TAPE_BYTES * touched
            if quantity != Quantity.VALUE
            else kernels.TAPE_BYTES * terms
        )
        return Cost(min(seconds, 1e300), int(min(slots + tape + 2**16, 1e300)))

    def __init__(
        self,
        problem: Problem,
        *,
        min_coefficient: float = 0.0,
        max_weight: int | None = None,
        max_sines: int | None = None,
        max_bytes: int = DEFAULT_BYTES,
        reduce: bool = True,
    ) -> None:
        if not (math.isfinite(min_coefficient) and min_coefficient >= 0):
            raise ValueError(
                f"min_coefficient is {min_coefficient}; it is the smallest absolute coefficient that is kept, a number from 0 up"
            )
        for what, limit in (("max_weight", max_weight), ("max_sines", max_sines)):
            if limit is not None and limit < 0:
                raise ValueError(
                    f"{what} is {limit}; give a number from 0 up, or None for no limit"
                )
        self.problem = problem
        self.max_bytes = max_bytes
        self._options: dict[str, Any] = {
            "min_coefficient": min_coefficient,
            "max_weight": max_weight,
            "max_sines": max_sines,
            "max_bytes": max_bytes,
            "reduce": reduce,
        }
        self._separated: tuple[Separated, PauliPropagation] | None = None
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(reason)
        cones = [
            light_cone(part) if reduce else whole_register(part) for part in single_inputs(problem)
        ]
        self.parts = [
            (cone, compile_program(cone.problem, in_place=max_weight is not None)) for cone in cones
        ]
        slot = kernels.SLOT_BYTES + 8 * max(program.terms.shape[1] for _, program in self.parts)
        # Slots may take half of the memory, the tape the other half; both are enlarged by copying, during which old and new exist.
        self.limits = kernels.Limits(
            float(min_coefficient),
            -1 if max_weight is None else max_weight,
            -1 if max_sines is None else max_sines,
            _SLOPE_SHARE,
            min(max_bytes // 2 // slot, 2**29),
            max_bytes // 4 // kernels.TAPE_BYTES,
        )
        self.last_truncation: Truncation | None = None

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians.

        Raises
        ------
        MemoryError
            If the terms would take more than `max_bytes`.
        """
        return self._run(theta, with_gradient=False)[0]

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by a reverse sweep.

        Raises
        ------
        MemoryError
            If the terms or the tape would take more than `max_bytes`.
        """
        return self._run(theta, with_gradient=True)

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``, by gradients at shifted angles, two for each rotation: exact if nothing is truncated."""
        rows = self.problem.circuit.check_parameters(theta)
        if self._separated is None:
            separated = separate(self.problem)
            self._separated = separated, PauliPropagation(separated.problem, **self._options)
        return hessian_by_shifts(*self._separated, rows)

    def hessian_vector_product(self, theta: Real, direction: ArrayLike) -> Real:
        """Return the Hessian of the loss times a direction, shape ``(S, P)`` or ``(P,)``, for each sample, shape ``(S, P)``: as costly as `hessian`."""
        vectors = check_direction(direction, self.problem.circuit.check_parameters(theta))
        return np.asarray(np.einsum("spq,sq->sp", self.hessian(theta), vectors))

    def _run(self, theta: Real, *, with_gradient: bool) -> tuple[Real, Real]:
        """Return the means over the inputs, and report their truncations: mean weights, all dropped branches, and the largest number of terms."""
        rows = self.problem.circuit.check_parameters(theta)
        found = [self._run_part(cone, program, rows, with_gradient) for cone, program in self.parts]
        reports = np.array([report for report, _ in found])
        means = reports.mean(axis=0)
        self.last_truncation = Truncation(
            means[:, 1],
            means[:, 2],
            means[:, 3],
            reports[:, :, 4:7].sum(axis=0).astype(np.int64),
            reports[:, :, 7].max(axis=0).astype(np.int64),
        )
        return means[:, 0].copy(), np.mean([gradient for _, gradient in found], axis=0)

    def _run_part(
        self, cone: LightCone, program: kernels.Program, theta: Real, with_gradient: bool
    ) -> tuple[Real, Real]:
        """Return the reports of the kernel and the gradients of one input."""
        rows = cone.restrict(theta)
        rotations = np.flatnonzero(program.kinds == kernels.ROTATION)
        parameters, scales = program.parameters[rotations], program.scales[rotations]
        operations = len(program.kinds)
        cosines, sines, slopes = np.ones(operations), np.zeros(operations), np.zeros(operations)
        reports, gradient = np.empty((len(rows), _REPORT)), np.zeros(rows.shape)
        for sample, row in enumerate(rows):
            angles = scales * row[parameters]
            cosines[rotations], sines[rotations] = _on_grid(angles)
            status = kernels.propagate(
                program, self.limits, cosines, sines, with_gradient, slopes, reports[sample]
            )
            if status != 0:
                raise MemoryError(self._full(status, sample, reports[sample], operations))
            if with_gradient:
                np.add.at(gradient[sample], parameters, scales * slopes[rotations])
        return reports, cone.extend(gradient, theta.shape[1])

    def _full(self, status: int, sample: int, report: Real, operations: int) -> str:
        what = (
            f"more than {self.limits.max_terms} Pauli terms"
            if status == kernels.FULL_TERMS
            else f"a tape of more than {self.limits.max_tape} touched terms for the gradient"
        )
        return (
            f"Pauli propagation of sample {sample} needs {what} after {int(report[9])} of {operations} operations, "
            f"which max_bytes = {self.max_bytes} does not hold; truncate (min_coefficient, max_weight, max_sines), raise max_bytes, "
            "or use the statevector or tensornet engine"
        )


_REPORT = 10


def _counted(program: kernels.Program, angles: Real, with_gradient: bool) -> tuple[float, float]:
    """Return the largest number of terms at these angles, and the sum of touched terms over all rotations, extrapolated where there are many."""
    rotations = len(program.kinds)
    report = np.empty(_REPORT)
    limits = kernels.Limits(
        0.0, -1, -1, 0.0, _COUNTED_TERMS, _COUNTED_TAPE if with_gradient else 2**62
    )
    status = kernels.propagate(
        program, limits, *_on_grid(angles), with_gradient, np.empty(rotations), report
    )
    terms, touched, done = max(report[7], 1.0), report[8], int(report[9])
    if status == 0:
        return terms, touched
    if status == kernels.FULL_TERMS:
        terms = float(_COUNTED_TERMS)
    # Logarithm of the growth for each further rotation, and the terms of all of them.
    growth = math.log(terms / len(program.weights)) / max(done, 1)
    logs = math.log(terms) + growth * np.arange(1, rotations - done + 1)
    later = np.exp(np.minimum(logs, min(math.log(4.0) * program.terms.shape[1] * 32, 600.0)))
    return max(terms, float(later.max(initial=0.0))), touched + 0.5 * float(later.sum())


def _on_grid(angles: Real) -> tuple[Real, Real]:
    """Return cosines and sines, with those that vanish up to the rounding of the angle exactly zero."""
    cosines, sines = np.cos(angles), np.sin(angles)
    tolerance = _CLIFFORD * np.maximum(1.0, np.abs(angles))
    at_zero, at_quarter = np.abs(sines) < tolerance, np.abs(cosines) < tolerance
    sines = np.where(at_zero, 0.0, np.where(at_quarter, np.sign(sines), sines))
    cosines = np.where(at_quarter, 0.0, np.where(at_zero, np.sign(cosines), cosines))
    return cosines, sines
