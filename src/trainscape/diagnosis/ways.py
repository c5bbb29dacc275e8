r"""What a classical computer needs for the same loss: one row for each way that is known here.

=====================  ===========================================================================
way                    cost of one value of the loss
=====================  ===========================================================================
state vector           of the light cone of the observable: exact, the engine's own estimate
light cones            a state vector for each term of the observable: exact
Pauli propagation      exact, by the number of strings at random angles
tensor network         exact, by a contraction path, where a path is found within seconds
Lie algebra            if the observable lies in it: dim g operations a gate (sum: dim g squared)
matrix product state   at the bond dimension that keeps all but `DISCARDED` of a random state
short Pauli paths      in a patch: paths of so few sines that the rest is 1 % of E[C^2]
stabilisers            in a patch: mean cost of decomposing all rotations into Clifford gates
=====================  ===========================================================================

The last three are approximate. Numbers that are not an engine's own estimate are operations over
`RATE`, and hold to a factor of ten or so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.light_cone import LightCone, light_cone
from trainscape.circuits.lowering import lower, near_clifford, obstacle
from trainscape.diagnosis.algebra import Algebra
from trainscape.diagnosis.generators import Generators
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.walk import Patch, PauliWalk
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.tensornet.default_paths import search_estimate
from trainscape.simulators.tensornet.engine import TensorNetwork
from trainscape.trainability.patches import log_decomposition_rank

__all__ = ["Way", "cheapest", "ways"]

RATE = 1e9
"""Operations a second that are assumed where no engine has an estimate."""

LONGEST_SEARCH = 3.0
"""Seconds that the search of a contraction path may take."""

MOST_GATES = 10_000
"""Gates beyond which strings are not counted, and no contraction path is searched: such circuits
are out of reach for both unless their light cones are small."""

MOST_TERMS = 400
"""Terms of an observable whose light cones are looked at one by one."""

DISCARDED = 1e-6
MOST_STATE_QUBITS = 14

PATH_ERROR = 0.01
WALKS = 4096


@dataclass(frozen=True)
class Way:
    """A way to compute the loss classically.

    Parameters
    ----------
    name
        See the table of the module.
    seconds, bytes
        For one value; infinite where there is no end.
    note
        The size that the cost comes from.
    exact
        Whether the value is exact.
    """

    name: str
    seconds: float
    bytes: float
    note: str
    exact: bool = True

    def feasible(self, memory: float) -> bool:
        """Whether it fits into `memory` bytes and a day."""
        return self.seconds <= 86400 and self.bytes <= memory


def cheapest(found: list[Way]) -> Way | None:
    """Return the exact way with the least time; an approximate one if it is 100 times less."""
    exact = min((way for way in found if way.exact), key=lambda way: way.seconds, default=None)
    other = min((way for way in found if not way.exact), key=lambda way: way.seconds, default=None)
    if exact is None or (other is not None and other.seconds < exact.seconds / 100):
        return other
    return exact


def ways(
    problem: Problem,
    generators: Generators | None,
    algebra: Algebra | None,
    *,
    width: float | None,
    rng: np.random.Generator,
    states: bool = True,
) -> list[Way]:
    """Return the ways to compute a loss, with their costs.

    Parameters
    ----------
    problem
        Circuit, observable and start states.
    generators, algebra
        What is known of its generators.
    width
        Standard deviation of the angles around zero if a patch is asked about.
    rng
        Random stream of the angles at which strings and bonds are counted.
    states
        Whether states may be computed, to see their entanglement.
    """
    reduced = light_cone(problem) if len(problem.inputs) <= 1 else None
    cone = problem if reduced is None else reduced.problem
    few = _gates(cone) <= MOST_GATES
    found = [_state_vector(cone)]
    makers: tuple[Callable[[], Way | None], ...] = (
        lambda: _light_cones(problem, cone),
        lambda: _propagation(problem, rng) if few else None,
        lambda: _network(problem) if few else None,
        lambda: _algebra(generators, algebra),
        lambda: _bonds(reduced, problem.circuit.num_parameters, rng) if states else None,
        lambda: _paths(problem, width, rng),
        lambda: _stabilisers(problem, width, rng),
    )
    found += [way for way in (make() for make in makers) if way is not None]
    return found


def _gates(problem: Problem) -> int:
    return max(len(problem.circuit.gates), 1)


def _state_vector(cone: Problem) -> Way:
    n = cone.circuit.num_qubits
    note = f"{n} qubits in the light cone"
    if Statevector.supports(cone, Quantity.VALUE) is None:
        cost = Statevector.cost(cone, Quantity.VALUE, 1)
        return Way("state vector", cost.seconds, cost.bytes, note)
    size = 2.0 ** min(n, 1000)
    return Way("state vector", _gates(cone) * size / RATE, 16 * size, note)


def _light_cones(problem: Problem, whole: Problem) -> Way | None:
    observable = problem.observable
    if not isinstance(observable, PauliSum) or not 1 < len(observable.terms) <= MOST_TERMS:
        return None
    terms = [term for term in observable.terms if set(term[1].label) != {"I"}]
    # One term in the middle tells whether cones are all of the register.
    terms = [terms[len(terms) // 2], *terms] if terms else []
    seconds, size, widest = 0.0, 0.0, 0
    for term in terms:
        cone = light_cone(replace(problem, observable=PauliSum((term,)))).problem
        widest = max(widest, cone.circuit.num_qubits)
        if widest == whole.circuit.num_qubits:
            return None
        way = _state_vector(cone)
        seconds, size = seconds + way.seconds, max(size, way.bytes)
    note = f"{len(terms) - 1} terms, at most {widest} qubits each"
    return Way("light cones", seconds, size, note)


def _propagation(problem: Problem, rng: np.random.Generator) -> Way | None:
    if PauliPropagation.supports(problem, Quantity.VALUE) is not None:
        return None
    theta = rng.uniform(-np.pi, np.pi, (1, problem.circuit.num_parameters))
    cost = PauliPropagation.cost(problem, Quantity.VALUE, 1, theta)
    return Way("Pauli propagation", cost.seconds, cost.bytes, "exact, at random angles")


def _network(problem: Problem) -> Way | None:
    # The engine itself searches a path to say whether it can be used.
    if obstacle(lower(problem).problem) is not None:
        return None
    if search_estimate(problem).seconds > LONGEST_SEARCH:
        return None
    if TensorNetwork.supports(problem, Quantity.VALUE) is not None:
        return None
    cost = TensorNetwork.cost(problem, Quantity.VALUE, 1)
    return Way("tensor network", cost.seconds, cost.bytes, "a contraction path")


def _algebra(generators: Generators | None, algebra: Algebra | None) -> Way | None:
    if generators is None or algebra is None or not algebra.holds_observable:
        return None
    dimension = float(algebra.dimension)
    single = generators.strings is not None
    operations = generators.gates * (dimension if single else dimension**2)
    size = 16 * (dimension if single else len(generators.sums) * dimension**2)
    return Way("Lie algebra", operations / RATE, size, f"{algebra.dimension} dimensions")


def _bonds(reduced: LightCone | None, num_parameters: int, rng: np.random.Generator) -> Way | None:
    if reduced is None:
        return None
    cone = reduced.problem
    n = cone.circuit.num_qubits
    if not 4 <= n <= MOST_STATE_QUBITS:
        return None
    if Statevector.supports(cone, Quantity.JACOBIAN) is not None:
        return None
    # Constant angles are a parameter of the reduced problem, which `restrict` sets.
    theta = reduced.restrict(rng.uniform(-np.pi, np.pi, (1, num_parameters)))
    state = Statevector(cone).state(theta)[0]
    bond = 1
    for cut in range(1, n):
        values: NDArray[np.float64] = np.linalg.svd(state.reshape(2**cut, -1), compute_uv=False)
        tail = np.cumsum((values**2)[::-1])[::-1]
        bond = max(bond, int(np.sum(tail > DISCARDED)))
    operations = 40.0 * _gates(cone) * bond**3
    note = f"bond dimension {bond} of at most {2 ** (n // 2)} at random angles"
    return Way("matrix product state", operations / RATE, 64.0 * n * bond**2, note, exact=False)


def _paths(problem: Problem, width: float | None, rng: np.random.Generator) -> Way | None:
    if width is None:
        return None
    try:
        walk = PauliWalk(near_clifford(problem))
    except ValueError:
        return None
    estimate = walk.value_moment(Patch("gaussian", width), WALKS, int(rng.integers(2**32)))
    if estimate.mean <= 0:
        return None
    most = int(estimate.flips.max(initial=0))
    sines = next(
        (k for k in range(most) if estimate.truncation_error(k) <= PATH_ERROR * estimate.mean), most
    )
    p = problem.circuit.num_parameters
    choices = math.comb(p, min(sines, p))
    note = f"{sines} sines give all but {PATH_ERROR:.0%} of E[C^2]; choices of {sines} of {p}"
    cost = float(choices) if choices < 1e300 else math.inf
    return Way("short Pauli paths", cost * _gates(problem) / RATE, 16 * cost, note, exact=False)


def _stabilisers(problem: Problem, width: float | None, rng: np.random.Generator) -> Way | None:
    if width is None:
        return None
    try:
        near_clifford(problem)
    except ValueError:
        return None
    theta = width * rng.normal(size=(64, problem.circuit.num_parameters))
    log = float(np.mean(log_decomposition_rank(theta)))
    n = problem.circuit.num_qubits
    cost = math.exp(min(log, 690.0)) * _gates(problem) * n
    note = f"e^{log:.3g} stabiliser states on average"
    return Way("stabilisers", cost / RATE, 16.0 * n * n, note, exact=False)
