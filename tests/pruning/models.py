"""Hamiltonians of the tests, written down term by term."""

from collections.abc import Iterable

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.layers import LayerGate, Layers


def pauli_sum(n: int, terms: Iterable[tuple[float, dict[int, str]]]) -> PauliSum:
    return PauliSum.of((weight, PauliString.on(n, letters)) for weight, letters in terms)


def bonds(n: int, periodic: bool) -> list[tuple[int, int]]:
    return [(i, (i + 1) % n) for i in range(n if periodic else n - 1)]


def ising(
    n: int, periodic: bool, *, coupling: float = 1.0, field: float = 1.0, longitudinal: float = 0.0
) -> PauliSum:
    terms = [(-coupling, {a: "Z", b: "Z"}) for a, b in bonds(n, periodic)]
    terms += [(-field, {q: "X"}) for q in range(n)]
    terms += [(-longitudinal, {q: "Z"}) for q in range(n) if longitudinal]
    return pauli_sum(n, terms)


def xxz(n: int, periodic: bool, anisotropy: float) -> PauliSum:
    letters = (("X", 1.0), ("Y", 1.0), ("Z", anisotropy))
    return pauli_sum(
        n,
        [(w, {a: p, b: p}) for a, b in bonds(n, periodic) for p, w in letters if w],
    )


def cut(n: int, edges: Iterable[tuple[int, int]]) -> PauliSum:
    return pauli_sum(n, [(1.0, {a: "Z", b: "Z"}) for a, b in edges])


def bond_layer(n: int, periodic: bool, start: str) -> Layers:
    """One layer of XX, YY and ZZ rotations on all bonds, each with a parameter of its own."""
    gates = [(p, a, b) for a, b in bonds(n, periodic) for p in "XYZ"]
    return Layers(
        n,
        (
            tuple(
                LayerGate(f"r{p}{p} {a} {b}", pauli_sum(n, [(1.0, {a: p, b: p})]), index)
                for index, (p, a, b) in enumerate(gates)
            ),
        ),
        start,
    )
