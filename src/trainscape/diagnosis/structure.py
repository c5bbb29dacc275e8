"""What a circuit is made of: its Lie algebra, symmetries, pruning, expressibility, entanglement.

Expressibility is the Kullback-Leibler divergence of the fidelities of two random states of the
circuit from those of Haar-random states, and the entangling capability the mean Meyer-Wallach
measure (Sim, Johnson and Aspuru-Guzik, arXiv:1905.10876). The `BINS` bins have equal probability
for Haar-random states: of bins of equal width, as there, only the first is filled from ten qubits
on. The divergence of as many Haar-random fidelities is not 0, and is given beside it.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.diagnosis.algebra import Algebra
from trainscape.diagnosis.generators import Generators
from trainscape.diagnosis.results import Answer, Finding
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import commuting_strings, local_charges
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import layers_of
from trainscape.pruning.result import PrunedAnsatz
from trainscape.simulators.contract import Quantity
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.intervals import Estimate, mean

__all__ = ["QUESTION", "entangling", "expressibility", "structure"]

QUESTION = "What is it made of?"

BINS = 32
STATES = 512
"""Random states, of which neighbours make pairs."""

RESAMPLES = 400

MOST_STATE_QUBITS = 12
MOST_SYMMETRY_QUBITS = 128
MOST_PRUNED_QUBITS = 30


def structure(
    problem: Problem,
    generators: Generators | None,
    algebra: Algebra | None,
    *,
    budget: float,
    seed: np.random.SeedSequence,
) -> tuple[Answer, PrunedAnsatz | None]:
    """Answer the question of this module; parameters as for `capacity.capacity`.

    Beside it the circuit after symmetric pruning is returned, where it can be pruned.

    The verdict is "controllable" if the Lie algebra is that of all traceless matrices, "free
    fermions" if it is one so(k) with k of at most 2 n + 2, else "symmetric" if a Pauli string or a
    charge is conserved, else "unstructured", or "undecided" if too little is known of the gates.
    """
    findings: list[Finding] = []
    verdict, reason = "undecided", "the gates are no Clifford gates and Pauli rotations"
    if generators is not None:
        verdict, reason = _algebraic(generators, algebra, findings, problem.circuit.num_qubits)
    start = time.perf_counter()
    small = _pruned(problem)
    if small is not None:
        layers = layers_of(problem.circuit).layers
        gates = sum(gate.generator is not None for layer in layers for gate in layer)
        findings.append(
            Finding(
                "pruned_gates",
                "rotations after symmetric pruning for this observable",
                f"{small.num_gates} of {gates}, with {small.num_parameters} parameters",
                "trainscape prune",
                time.perf_counter() - start,
            )
        )
    findings += _states(problem, budget, np.random.default_rng(seed))
    return Answer(QUESTION, verdict, reason, tuple(findings)), small


def _algebraic(
    generators: Generators, algebra: Algebra | None, findings: list[Finding], register: int
) -> tuple[str, str]:
    n = generators.num_qubits
    # Gates beyond the light cone do not matter for the loss, though they do for the state.
    where = "" if n == register else f" in the light cone, {n} of {register} qubits"
    if algebra is not None:
        if algebra.name:
            label = f"Lie algebra of the gates{where}, fixed gates moved to the end"
            findings.append(Finding("lie_algebra", label, algebra.name, algebra.method))
        findings.append(
            Finding(
                "lie_dimension", "dimension of the Lie algebra", algebra.dimension, algebra.method
            )
        )
    strings, charges = _conserved(generators)
    if strings is not None:
        findings.append(
            Finding(
                "pauli_symmetries",
                f"independent Pauli strings that commute with all gates{where}",
                _listed([string.label for string in strings]),
                "null space over two elements",
            )
        )
        findings.append(
            Finding(
                "charges",
                f"sums of one-qubit Pauli matrices that commute with all gates{where}",
                _listed([_short(charge) for charge in charges]),
                "null space",
            )
        )
    if algebra is not None and algebra.full:
        return "controllable", f"the Lie algebra is su(2^{n}): every unitary{where} can be reached"
    if algebra is not None and _is_free(algebra, n):
        return "free fermions", f"the Lie algebra is {algebra.name} on {n} qubits"
    if strings or charges:
        return "symmetric", "some Pauli strings or charges are conserved"
    if algebra is None:
        return "undecided", "the Lie algebra is out of reach here"
    return "unstructured", f"a Lie algebra of dimension {algebra.dimension} and nothing conserved"


def _is_free(algebra: Algebra, num_qubits: int) -> bool:
    """Return whether the algebra is one so(k), with k at most that of n qubits and one more."""
    order = algebra.name.removeprefix("so(").removesuffix(")")
    return order.isdigit() and int(order) <= 2 * num_qubits + 2


def _conserved(
    generators: Generators,
) -> tuple[tuple[PauliString, ...] | None, list[PauliSum]]:
    """Return Pauli strings and charges, of two qubits and more, that commute with all gates."""
    if generators.num_qubits > MOST_SYMMETRY_QUBITS:
        return None, []
    terms = list(dict.fromkeys(string for one in generators.sums for _, string in one.terms))
    # Whatever commutes with a sum of the generators with generic weights commutes with each.
    weights = np.random.default_rng(7).uniform(1.0, 2.0, len(generators.sums))
    total: dict[PauliString, float] = {}
    for factor, generator in zip(weights, generators.sums, strict=True):
        for weight, string in generator.terms:
            total[string] = total.get(string, 0.0) + factor * weight
    mixed = PauliSum(tuple((weight, string) for string, weight in total.items()))
    charges = [charge for charge in local_charges(mixed) if len(charge.terms) > 1]
    return commuting_strings(terms), charges


def _listed(words: list[str]) -> str:
    if not words:
        return "none"
    shown = ", ".join(words[:3])
    return f"{len(words)}: {shown}" + (", ..." if len(words) > 3 else "")


def _short(charge: PauliSum) -> str:
    parts = []
    for weight, string in charge.terms[:4]:
        (qubit,) = string.support
        sign = "-" if weight < 0 else "+"
        size = "" if abs(abs(weight) - 1) < 1e-9 else f"{abs(weight):.3g} "
        parts.append(f"{sign} {size}{string.label[qubit]}{qubit}")
    text = " ".join(parts).removeprefix("+ ")
    return text + (" + ..." if len(charge.terms) > 4 else "")


def _pruned(problem: Problem) -> PrunedAnsatz | None:
    """Return the circuit pruned by the symmetries of its observable; None if it cannot be."""
    observable = problem.observable
    if (
        not isinstance(observable, PauliSum)
        or problem.inputs
        or problem.circuit.num_qubits > MOST_PRUNED_QUBITS
        or len(observable.terms) < 2
    ):
        return None
    try:
        return prune(observable, layers_of(problem.circuit))
    except ValueError:
        return None


def _states(problem: Problem, budget: float, rng: np.random.Generator) -> list[Finding]:
    n, p = problem.circuit.num_qubits, problem.circuit.num_parameters
    if n < 2 or n > MOST_STATE_QUBITS or p == 0 or len(problem.inputs) > 1:
        return []
    if Statevector.supports(problem, Quantity.JACOBIAN) is not None:
        return []
    if Statevector.cost(problem, Quantity.VALUE, STATES).seconds > budget:
        return []
    start = time.perf_counter()
    states = Statevector(problem).state(rng.uniform(-np.pi, np.pi, (STATES, p)))
    seconds = time.perf_counter() - start
    return [
        Finding(
            "expressibility",
            f"expressibility: divergence from Haar-random states, {haar_divergence(rng):.2g} "
            "for these themselves",
            expressibility(states, rng),
            f"{STATES // 2} fidelities, {BINS} bins of equal Haar probability",
            seconds,
        ),
        Finding(
            "entangling_capability",
            "entangling capability: mean Meyer-Wallach measure, "
            f"{(2**n - 2) / (2**n + 1):.3g} for Haar-random states",
            entangling(states),
            f"{STATES} states",
            seconds,
        ),
    ]


def _histogram(fidelities: NDArray[np.float64], dimension: int) -> NDArray[np.int64]:
    """Count fidelities in bins of equal probability for Haar-random states."""
    chances = -np.expm1((dimension - 1) * np.log1p(-np.minimum(fidelities, 1 - 1e-16)))
    return np.histogram(chances, bins=BINS, range=(0.0, 1.0))[0].astype(np.int64)


def _divergence(counts: NDArray[np.int64]) -> float:
    shares = counts / counts.sum()
    seen = shares[shares > 0]
    return float(np.sum(seen * np.log(BINS * seen)))


def expressibility(states: NDArray[np.complex128], rng: np.random.Generator) -> Estimate:
    """Return the divergence of the fidelities of random states from those of Haar-random ones.

    Parameters
    ----------
    states
        Random states, shape ``(S, 2**n)``; each pair of neighbours gives a fidelity.
    rng
        Random stream of the bootstrap.
    """
    overlaps = np.sum(states[0::2].conj() * states[1::2], axis=1)
    fidelities = np.minimum(np.abs(overlaps) ** 2, 1.0)
    counts = _histogram(fidelities, states.shape[1])
    value = _divergence(counts)
    resampled = rng.multinomial(len(fidelities), counts / len(fidelities), size=RESAMPLES)
    # Resampling adds as much divergence again as drawing did: its spread counts, not its place.
    error = float(np.std([_divergence(row) for row in resampled], ddof=1))
    return Estimate(
        value,
        error,
        max(value - 1.96 * error, 0.0),
        value + 1.96 * error,
        0.95,
        len(fidelities),
        "normal, error by bootstrap",
    )


def haar_divergence(rng: np.random.Generator) -> float:
    """Return the mean divergence of as many fidelities of Haar-random states."""
    counts = rng.multinomial(STATES // 2, np.full(BINS, 1 / BINS), size=100)
    return float(np.mean([_divergence(row) for row in counts]))


def entangling(states: NDArray[np.complex128]) -> Estimate:
    r"""Return the mean Meyer-Wallach measure :math:`2 (1 - \frac1n \sum_q \mathrm{tr}\rho_q^2)`."""
    count, order = states.shape
    n = order.bit_length() - 1
    purities = np.zeros(count)
    for qubit in range(n):
        parts = states.reshape(count, 2**qubit, 2, -1)
        reduced = np.einsum("sapb,saqb->spq", parts, parts.conj())
        purities += np.sum(np.abs(reduced) ** 2, axis=(1, 2))
    return mean(2 * (1 - purities / n))
