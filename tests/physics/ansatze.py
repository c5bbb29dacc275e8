"""Layers of variational ansatze and graphs that several tests of algebras use.

FG has one parameter for each kind of term, NG one for each term.
"""

from trainscape.physics.pauli import PauliString, PauliSum


def bonds(n, periodic=False):
    return [(q, (q + 1) % n) for q in range(n if periodic else n - 1)]


def pairs(n, edges, letters):
    return [PauliString.on(n, {a: letters[0], b: letters[1]}) for a, b in edges]


def fields(n, letter):
    return [PauliString.on(n, {q: letter}) for q in range(n)]


def one_sum(*groups):
    return PauliSum.of((1.0, string) for group in groups for string in group)


def chain_groups(name, n, periodic):
    """The kinds of terms of a chain or ring, each a list of lists of strings."""
    xx, yy, zz = (pairs(n, bonds(n, periodic), 2 * letter) for letter in "XYZ")
    x, z = fields(n, "X"), fields(n, "Z")
    return {
        "tfim": [[x], [zz]],
        "xy": [[xx], [yy]],
        "xy_field": [[xx], [yy], [z]],
        "ltfim": [[x], [z], [zz]],
        "xxz": [[xx, yy], [zz]],
        "xyz": [[xx], [yy], [zz]],
        "xyz_field": [[xx], [yy], [zz], [z]],
    }[name]


def chain_sums(name, n, periodic=False):
    return [one_sum(*groups) for groups in chain_groups(name, n, periodic)]


def chain_strings(name, n, periodic=False):
    return [s for groups in chain_groups(name, n, periodic) for group in groups for s in group]


def even_odd_heisenberg(n, periodic=False):
    """Two generators: all bonds that start on even sites, and those on odd ones."""
    out = []
    for parity in (0, 1):
        edges = [edge for edge in bonds(n, periodic) if edge[0] % 2 == parity]
        if edges:
            out.append(one_sum(*(pairs(n, edges, 2 * letter) for letter in "XYZ")))
    return out


def dihedral(n, periodic=False):
    """Generators of the symmetries of a chain or ring."""
    reflection = list(range(n))[::-1]
    return [reflection, [*range(1, n), 0]] if periodic else [reflection]


def singles(strings):
    return [PauliSum(((1.0, string),)) for string in strings]


def maxcut_strings(n, edges):
    return fields(n, "X") + pairs(n, edges, "ZZ")


def maxcut_sums(n, edges):
    return [one_sum(fields(n, "X")), one_sum(pairs(n, edges, "ZZ"))]


def complete(n):
    return n, [(a, b) for b in range(n) for a in range(b)]


def star(n):
    return n, [(0, q) for q in range(1, n)]


def bipartite(a, b):
    return a + b, [(p, a + q) for p in range(a) for q in range(b)]


def grid(rows, columns):
    sites = [(r, c) for r in range(rows) for c in range(columns)]
    return rows * columns, [
        (k, sites.index(other))
        for k, (r, c) in enumerate(sites)
        for other in ((r, c + 1), (r + 1, c))
        if other in sites
    ]


CUBE = 8, [(v, v | bit) for v in range(8) for bit in (1, 2, 4) if not v & bit]
OCTAHEDRON = (
    6,
    [(a, b) for b in range(6) for a in range(b) if (a, b) not in {(0, 1), (2, 3), (4, 5)}],
)
WHEEL6 = 6, [(0, q) for q in range(1, 6)] + [(q, q % 5 + 1) for q in range(1, 6)]
PETERSEN = (
    10,
    [(q, (q + 1) % 5) for q in range(5)]
    + [(q, q + 5) for q in range(5)]
    + [(5 + q, 5 + (q + 2) % 5) for q in range(5)],
)


def petersen_symmetries():
    """Those of the five letters of which the vertices are the ten pairs; disjoint ones are joined."""
    from itertools import permutations

    _, edges = PETERSEN
    joined = {frozenset(edge) for edge in edges}
    pair_list = [frozenset(p) for p in ((a, b) for b in range(5) for a in range(b))]
    places = _matching(pair_list, joined)
    return [
        [places[frozenset(image[k] for k in _pair_at(places, v))] for v in range(10)]
        for image in permutations(range(5))
    ]


def _pair_at(places, vertex):
    return next(pair for pair, place in places.items() if place == vertex)


def _matching(pair_list, joined):
    """An isomorphism from the pairs to the vertices, by search."""

    def extend(placed):
        if len(placed) == len(pair_list):
            return placed
        pair = pair_list[len(placed)]
        for vertex in range(len(pair_list)):
            if vertex not in placed.values() and all(
                (frozenset((vertex, v)) in joined) == (not pair & other)
                for other, v in placed.items()
            ):
                found = extend({**placed, pair: vertex})
                if found:
                    return found
        return None

    return extend({})


SYMMETRIES = {
    "cube": [
        [v ^ 1 for v in range(8)],
        [v >> 1 | (v & 1) << 2 for v in range(8)],
        [v & 4 | (v & 1) << 1 | v >> 1 & 1 for v in range(8)],
    ],
    "octahedron": [[2, 3, 0, 1, 4, 5], [2, 3, 4, 5, 0, 1]],
    "wheel6": [[0, 2, 3, 4, 5, 1], [0, 5, 4, 3, 2, 1]],
    "grid2x3": [[3, 4, 5, 0, 1, 2], [2, 1, 0, 5, 4, 3]],
    "grid3x3": [[2, 1, 0, 5, 4, 3, 8, 7, 6], [0, 3, 6, 1, 4, 7, 2, 5, 8]],
    "K33": [[3, 4, 5, 0, 1, 2]],
}
"""Generators, beside exchanges of single pairs of vertices."""
