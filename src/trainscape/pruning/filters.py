"""Which gates of a layer stay: those that respect the symmetries and belong to the Hamiltonian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_symmetries import (
    anticommute,
    combinations_that_vanish,
    string_product,
)
from trainscape.physics.term_graph import QubitPermutations
from trainscape.pruning.layers import LayerGate, normalised
from trainscape.pruning.result import Reason, RemovedGate

__all__ = ["Element", "Structure", "acting_terms", "filtered", "structure_test"]

Structure = Literal["terms", "span", "any"]
"""Which generators belong to a Hamiltonian: its terms, sums over orbits of its terms as well, or
any that respect its symmetries."""


@dataclass(frozen=True)
class Element:
    """A generator that is kept, and the gates of the layer that it stands for.

    Parameters
    ----------
    generator
        G, with first weight 1.
    places
        Positions of these gates in the layer.
    sources
        Their parameters in the circuit, each with the factor that turns it into the angle of G.
    """

    generator: PauliSum
    places: tuple[int, ...]
    sources: tuple[tuple[int, float], ...]


def acting_terms(hamiltonian: PauliSum) -> list[tuple[float, PauliString]]:
    """Return the terms that act: those with a weight, the identity aside."""
    return [term for term in hamiltonian.terms if term[0] and term[1].support]


def _system_step(
    layer: Sequence[LayerGate], strings: Sequence[PauliString], charges: Sequence[PauliSum]
) -> tuple[list[Element], dict[int, Reason]]:
    """Return what respects the symmetries, and the places of the gates that go."""
    dropped: dict[int, Reason] = {}
    respecting: dict[int, PauliSum] = {}
    for place, gate in enumerate(layer):
        if gate.generator is None:
            dropped[place] = "STR"
            continue
        pairs = ((s, string) for s in strings for _, string in gate.generator.terms)
        if any(anticommute(symmetry, string) for symmetry, string in pairs):
            dropped[place] = "SYS"
        else:
            respecting[place] = gate.generator
    elements = []
    for generator, factors in _charge_neutral(respecting, charges):
        sources = tuple(
            (gate.parameter, gate.scale / factor)
            for place, factor in factors.items()
            for gate in (layer[place],)
            if gate.parameter is not None
        )
        elements.append(Element(generator, tuple(factors), sources))
    used = {place for item in elements for place in item.places}
    dropped |= {place: "SYS" for place in respecting if place not in used}
    return elements, dropped


def _charge_neutral(
    generators: Mapping[int, PauliSum], charges: Sequence[PauliSum]
) -> Iterator[tuple[PauliSum, dict[int, float]]]:
    """Yield the combinations of generators that commute with all charges, in order of places.

    Each comes with its places and their factors.
    """
    rows: dict[tuple[int, PauliString], dict[int, float]] = {}
    for place, generator in generators.items():
        for number, charge in enumerate(charges):
            for (a, first), (b, second) in product(charge.terms, generator.terms):
                if anticommute(first, second):
                    power, image = string_product(first, second)
                    row = rows.setdefault((number, image), {})
                    row[place] = row.get(place, 0.0) + a * b * (1 if power == 1 else -1)
    for factors in combinations_that_vanish(rows.values(), list(generators)):
        terms = [
            (factor * weight, string)
            for place, factor in factors.items()
            for weight, string in generators[place].terms
        ]
        generator, first_weight = normalised(PauliSum.of(terms))
        yield generator, {place: factor / first_weight for place, factor in factors.items()}


def structure_test(
    hamiltonian: PauliSum, automorphisms: QubitPermutations, structure: Structure
) -> Callable[[PauliSum], bool]:
    """Return the test of step 2: whether a generator belongs to the Hamiltonian."""
    if structure == "any":
        return lambda generator: True
    n = hamiltonian.num_qubits
    terms = acting_terms(hamiltonian)
    weights: dict[PauliString, float] = {string: weight for weight, string in terms}
    if not any(string.x_mask for string in weights):
        weights |= {PauliString.on(n, {qubit: "X"}): 1.0 for qubit in range(n)}
    singles = [PauliSum(((1.0, string),)) for string in weights]
    orbit_of = {
        singles[index].terms[0][1]: number
        for number, orbit in enumerate(automorphisms.sum_orbits(singles))
        for index in orbit
    }
    sizes: dict[int, int] = {}
    for number in orbit_of.values():
        sizes[number] = sizes.get(number, 0) + 1

    def belongs(generator: PauliSum) -> bool:
        if any(string not in weights for _, string in generator.terms):
            return False
        ratios = {round(weight / weights[string], 9) for weight, string in generator.terms}
        if len(ratios) == 1:
            return True
        if structure == "terms":
            return False
        by_orbit: dict[int, set[float]] = {}
        counts: dict[int, int] = {}
        for weight, string in generator.terms:
            number = orbit_of[string]
            by_orbit.setdefault(number, set()).add(round(weight, 9))
            counts[number] = counts.get(number, 0) + 1
        whole = all(counts[number] == sizes[number] for number in counts)
        return whole and all(len(values) == 1 for values in by_orbit.values())

    return belongs


def filtered(
    layer: Sequence[LayerGate],
    strings: Sequence[PauliString],
    charges: Sequence[PauliSum],
    belongs: Callable[[PauliSum], bool],
) -> tuple[list[Element], list[RemovedGate]]:
    """Take the first two steps of the compiler.

    Parameters
    ----------
    layer
        The gates.
    strings, charges
        Symmetries that are kept.
    belongs
        See `structure_test`.

    Returns
    -------
    kept, removed
        What is left, and the gates that are not.
    """
    respecting, dropped = _system_step(layer, strings, charges)
    kept = [item for item in respecting if belongs(item.generator)]
    used = {place for item in kept for place in item.places}
    for item in respecting:
        dropped |= {place: "STR" for place in item.places if place not in used}
    removed = []
    for place, reason in sorted(dropped.items()):
        gate = layer[place]
        generator = "" if gate.generator is None else _short(gate.generator)
        removed.append(RemovedGate(gate.name, generator, reason))
    return kept, removed


def _short(generator: PauliSum) -> str:
    single = len(generator.terms) == 1
    return generator.terms[0][1].label if single else str(generator)
