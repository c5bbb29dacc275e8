"""The Pauli engine: Heisenberg propagation of the observable as a sum of Pauli strings.

It is exact or truncated, for any number of qubits. The observable is taken backwards through the
circuit, last gate first. Fixed gates map strings to strings. A rotation ``exp(-i t P / 2)`` leaves
a string Q that commutes with P, and splits one that anticommutes,

    Q -> cos(t) Q + sin(t) i P Q,

where equal strings are merged. At the end ``<0|Q|0>`` is 1 for strings of I and Z, and 0 for all
others. The cost is the number of terms: it can grow to ``4**n``, and stays small for near-Clifford
angles, for small light cones, or with truncation. Exact multiples of pi/2 create no terms, and a
term that flips a qubit which no later generator flips back is not followed.

Fixed gates are commuted to the end of the circuit when the engine is built, where they change the
generators and the observable once. Only if the Pauli weight is limited, which depends on the frame,
are they applied in place.

The gradient of all parameters comes from a reverse sweep over a tape of all changes, in a small
multiple of the time of the value. Values alone have kernels of their own, unless weight or sines
are limited: `trainscape.simulators.pauli.values`.

References
----------
M. S. Rudolph et al., arXiv 2505.21606 (Pauli propagation and its truncations). The reverse sweep
and the treatment of small and Clifford angles are derived here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import LightCone, light_cone, whole_register
from trainscape.circuits.lowering import MAX_PROJECTED, lower, obstacle, single_inputs
from trainscape.circuits.observables import Projector
from trainscape.simulators.contract import Cost, Engine, Quantity, check_direction
from trainscape.simulators.pauli.orbits import permutation_group
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.propagation_kernels import propagate
from trainscape.simulators.pauli.propagation_program import (
    FULL_TERMS,
    LARGEST_SIZE,
    NUMBER_BY_COEFFICIENT,
    NUMBER_BY_SINES,
    OPERATIONS_DONE,
    REPORT_LENGTH,
    SLOT_BYTES,
    SUM_BY_COEFFICIENT,
    SUM_BY_SINES,
    SUM_BY_WEIGHT,
    TAPE_BYTES,
    VALUE,
    Limits,
    Program,
)
from trainscape.simulators.pauli.string_kernels import ROTATION
from trainscape.simulators.pauli.term_counting import exact_cosines_and_sines, propagation_cost
from trainscape.simulators.pauli.truncation import Truncation
from trainscape.simulators.pauli.values import Sums, largest_number, propagate_value
from trainscape.simulators.shifted_gradients import Separated, hessian_by_shifts, separate

__all__ = ["PauliPropagation", "Truncation"]

Real = NDArray[np.float64]

DEFAULT_BYTES = 2**32

_SLOPE_SHARE = 0.05
"""With gradients, a branch is followed if this share of its derivative is large enough.

It must reach `min_coefficient`. Values of 0.03 to 0.1 do best.
"""


class PauliPropagation(Engine):
    """Values and gradients by propagation of Pauli strings.

    Without truncation the engine is exact. All samples are computed one after the other, so that no
    bit depends on how a batch was cut.

    Parameters
    ----------
    problem
        Circuit and observable.
    min_coefficient
        After each rotation, terms with a smaller absolute coefficient are dropped from the value.
        For gradients, some of them are followed for the gradient alone: see the notes.
    max_weight
        A sine branch on more qubits than this is dropped when a rotation creates it; fixed gates
        drop nothing. None: no limit.
    max_sines
        Products with more sine factors than this are dropped. The result is exactly the sum over
        all Pauli paths with at most `max_sines` sines and any number of cosines. Strings with
        different numbers of sines are not merged, which can increase the number of terms by a
        factor of `max_sines` + 1. None: no limit.
    max_bytes
        Memory that terms and tape may take.
    reduce
        Whether to restrict the problem to its light cone first, which changes no result beyond
        rounding.
    threads
        Number of threads for values with more than some ten thousand terms; no bit depends on it.
    symmetries
        Permutations of the qubits that change neither the circuit nor its angles: qubit q becomes
        qubit ``symmetries[i][q]``. Values then hold one string of all that they map to each other,
        which are far fewer. The observable need not be symmetric. Gradients make no use of it.

    Attributes
    ----------
    last_truncation : Truncation or None
        What the last call dropped; None before the first call.

    Notes
    -----
    For `max_weight` and `max_sines` alone the truncated value is a trigonometric polynomial, and
    the gradient is its exact derivative, away from multiples of pi/2; there the value does not
    change, since a branch that is zero is dropped either way.

    With `min_coefficient` the truncated value jumps, and its derivative between jumps is a poor
    gradient: a branch ``c sin t`` that is dropped for a small t takes the derivative ``c cos t``
    with it. So the gradient follows a dropped branch, with value zero, while the derivative through
    it, by whichever earlier angle, times 0.05 reaches `min_coefficient`; branches that are exactly
    zero because of a multiple of pi/2, while all of it does. Mean norm of the error of the gradient
    on ring circuits of RY, RZ and CZ with a ZZ observable, angles multiples of pi/2 plus N(0,
    sigma), against a threshold at least 10 times smaller with more of these branches; in brackets
    the number of terms; last, without following, at a tenth of `min_coefficient`:

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
        """Return None for values, gradients and Hessians of any size, else the reason.

        Only `cost` tells whether the terms fit into memory.
        """
        if quantity in (Quantity.JACOBIAN, Quantity.QFIM):
            return (
                f"the pauli engine holds no state, so that it has no {quantity.value}; use the "
                "statevector engine"
            )
        lowered = lower(problem).problem
        if (
            isinstance(lowered.observable, Projector)
            and len(lowered.observable.qubits) > MAX_PROJECTED
        ):
            return (
                f"the pauli engine expands projectors on at most {MAX_PROJECTED} qubits, not "
                f"{len(lowered.observable.qubits)}; use the tensornet engine"
            )
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
            Typical parameter vectors, shape ``(S, P)`` in radians, of which the first three are
            counted. Near Clifford angles the cost is far below that at generic angles, which are
            counted for None.

        Notes
        -----
        Where a run has more than 8192 terms, the number of terms is taken to keep growing as it
        did, up to the ``4**n`` strings of the light cone.
        """
        return propagation_cost(problem, quantity, batch, theta)

    def __init__(
        self,
        problem: Problem,
        *,
        min_coefficient: float = 0.0,
        max_weight: int | None = None,
        max_sines: int | None = None,
        max_bytes: int = DEFAULT_BYTES,
        reduce: bool = True,
        threads: int = 1,
        symmetries: Sequence[Sequence[int]] = (),
    ) -> None:
        if threads < 1:
            raise ValueError(f"the pauli engine was given {threads} threads; it needs at least 1")
        if symmetries and not (max_weight is None and max_sines is None):
            raise ValueError(
                "symmetries merge terms, which max_weight and max_sines do not allow; truncate by "
                "min_coefficient"
            )
        if not (math.isfinite(min_coefficient) and min_coefficient >= 0):
            raise ValueError(
                f"min_coefficient is {min_coefficient}; it is the smallest absolute coefficient "
                "that is kept, a number from 0 up"
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
            "threads": threads,
        }
        self._separated: tuple[Separated, PauliPropagation] | None = None
        reason = self.supports(problem, Quantity.VALUE)
        if reason is not None:
            raise ValueError(reason)
        # A light cone has lost gates, and with them the symmetry.
        cones = [
            light_cone(part) if reduce and not symmetries else whole_register(part)
            for part in single_inputs(problem)
        ]
        self.parts = [
            (cone, compile_program(cone.problem, in_place=max_weight is not None)) for cone in cones
        ]
        slot = SLOT_BYTES + 8 * max(program.terms.shape[1] for _, program in self.parts)
        # Slots may take half of the memory, the tape the other half. Both are enlarged by copying,
        # so that the old and the new arrays exist at the same time.
        self.limits = Limits(
            float(min_coefficient),
            -1 if max_weight is None else max_weight,
            -1 if max_sines is None else max_sines,
            _SLOPE_SHARE,
            min(max_bytes // 2 // slot, 2**29),
            max_bytes // 4 // TAPE_BYTES,
        )
        group = None
        if symmetries:
            half = self.parts[0][1].terms.shape[1] // 2
            group = permutation_group(symmetries, problem.circuit.num_qubits, half)
        width = max(program.terms.shape[1] for _, program in self.parts)
        self.sums = Sums(float(min_coefficient), largest_number(max_bytes, width), threads, group)
        self._only_rotations = max_weight is None and max_sines is None
        self.last_truncation: Truncation | None = None

    def value(self, theta: Real) -> Real:
        """Return the loss, shape ``(S,)``, at ``theta`` of shape ``(S, P)`` in radians.

        Raises
        ------
        MemoryError
            If the terms would take more than `max_bytes`.
        """
        return self._run(theta, with_gradient=False)[0]

    def resampled_value(self, theta: Real, seed: int) -> Real:
        """Return unbiased random values, shape ``(S,)``: coefficients are rounded, not dropped.

        A coefficient c below `min_coefficient` m becomes m or -m, with its sign, with the
        probability ``|c| / m``, and else 0, so that the mean over seeds is the exact value.
        `trainscape.trainability.resampled_values` gives the mean with its interval.

        Parameters
        ----------
        theta
            Parameter vectors in radians, shape ``(S, P)``.
        seed
            An integer from 0 up to ``2**63 - 1``. All samples use the same draws.

        Raises
        ------
        ValueError
            If the engine has no `min_coefficient`, or another limit beside it, which has a bias.
        MemoryError
            If the terms would take more than `max_bytes`.
        """
        if self.sums.min_coefficient == 0.0 or not self._only_rotations:
            raise ValueError(
                "values are resampled at min_coefficient, and at no other limit; build the engine "
                "with min_coefficient above 0, and without max_weight and max_sines"
            )
        return self._run(theta, with_gradient=False, sums=self.sums._replace(seed=seed))[0]

    def value_and_gradient(self, theta: Real) -> tuple[Real, Real]:
        """Return the loss, shape ``(S,)``, and its gradient, shape ``(S, P)``, by a reverse sweep.

        Raises
        ------
        MemoryError
            If the terms or the tape would take more than `max_bytes`.
        """
        return self._run(theta, with_gradient=True)

    def hessian(self, theta: Real) -> Real:
        """Return the Hessian of the loss, shape ``(S, P, P)``, from gradients at shifted angles.

        It takes two gradients for each rotation, and is exact if nothing is truncated.
        """
        rows = self.problem.circuit.check_parameters(theta)
        if self._separated is None:
            separated = separate(self.problem)
            self._separated = separated, PauliPropagation(separated.problem, **self._options)
        return hessian_by_shifts(*self._separated, rows)

    def hessian_vector_product(self, theta: Real, direction: ArrayLike) -> Real:
        """Return the Hessian of the loss times a direction for each sample, shape ``(S, P)``.

        The direction has shape ``(S, P)`` or ``(P,)``. The cost is that of `hessian`.
        """
        vectors = check_direction(direction, self.problem.circuit.check_parameters(theta))
        return np.asarray(np.einsum("spq,sq->sp", self.hessian(theta), vectors))

    def _run(
        self, theta: Real, *, with_gradient: bool, sums: Sums | None = None
    ) -> tuple[Real, Real]:
        """Return the means over the inputs, and store what was truncated.

        That is the mean dropped weights, all dropped branches, and the largest number of terms.
        """
        rows = self.problem.circuit.check_parameters(theta)
        results = [
            self._run_part(cone, program, rows, with_gradient, sums or self.sums)
            for cone, program in self.parts
        ]
        reports = np.array([report for report, _, _ in results])
        means = reports.mean(axis=0)
        gradient = np.mean([gradient for _, gradient, _ in results], axis=0)
        errors = np.mean([error for _, _, error in results], axis=0)
        self.last_truncation = Truncation(
            means[:, SUM_BY_COEFFICIENT],
            means[:, SUM_BY_WEIGHT],
            means[:, SUM_BY_SINES],
            reports[:, :, NUMBER_BY_COEFFICIENT : NUMBER_BY_SINES + 1].sum(axis=0).astype(np.int64),
            reports[:, :, LARGEST_SIZE].max(axis=0).astype(np.int64),
            np.linalg.norm(errors, axis=1) if with_gradient else None,
        )
        return means[:, VALUE].copy(), gradient

    def _run_part(
        self, cone: LightCone, program: Program, theta: Real, with_gradient: bool, sums: Sums
    ) -> tuple[Real, Real, Real]:
        """Return the reports of the kernel, and the gradients of one input and their errors."""
        rows = cone.restrict(theta)
        rotations: Any = slice(None)
        if not self._only_rotations:  # fixed gates may be in place
            rotations = np.flatnonzero(program.kinds == ROTATION)
        parameters, scales = program.parameters[rotations], program.scales[rotations]
        operations = len(program.kinds)
        cosines, sines = np.ones(operations), np.zeros(operations)
        slopes, doubts = np.zeros(operations), np.zeros(operations)
        reports = np.empty((len(rows), REPORT_LENGTH))
        gradient, errors = np.zeros(rows.shape), np.zeros(rows.shape)
        for sample, row in enumerate(rows):
            angles = scales * row[parameters]
            cosines[rotations], sines[rotations] = exact_cosines_and_sines(angles)
            report = reports[sample]
            if self._only_rotations and not with_gradient:
                status = propagate_value(program, sums, cosines, sines, report)
            else:
                status = propagate(
                    program, self.limits, cosines, sines, with_gradient, slopes, doubts, report
                )
            if status != 0:
                raise MemoryError(self._full(status, sample, report, operations))
            if with_gradient:
                np.add.at(gradient[sample], parameters, scales * slopes[rotations])
                np.add.at(errors[sample], parameters, scales * doubts[rotations])
        if not with_gradient:
            return reports, np.zeros((0, 0)), np.zeros((0, 0))
        columns = theta.shape[1]
        return reports, cone.extend(gradient, columns), cone.extend(errors, columns)

    def _full(self, status: int, sample: int, report: Real, operations: int) -> str:
        what = (
            f"more than {self.limits.max_terms} Pauli terms"
            if status == FULL_TERMS
            else f"a tape of more than {self.limits.max_tape} touched terms for the gradient"
        )
        return (
            f"Pauli propagation of sample {sample} needs {what} after "
            f"{int(report[OPERATIONS_DONE])} of {operations} operations, which max_bytes = "
            f"{self.max_bytes} does not hold; truncate "
            "(min_coefficient, max_weight, max_sines), raise max_bytes, or use the statevector or "
            "tensornet engine"
        )
