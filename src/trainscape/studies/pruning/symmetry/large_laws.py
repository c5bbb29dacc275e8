r"""Closed forms for the orbits of bit strings of large symmetric graphs.

A bit string is known, up to symmetry, by how many bits are set in each class of vertices; where
classes can be exchanged, by the multiset of the patterns of the classes. The flip of all bits joins
patterns in pairs but for those that it leaves as they are; :math:`\binom{m + k - 1}{m}` multisets
of m patterns there are of k kinds.

============================ ======================================================================
graph                        orbits up to the flip
============================ ======================================================================
``complete`` n               whole part of n/2, and one
``star`` n                   n: the hub fixes the flip
``bipartite`` a x b          half of (a + 1)(b + 1), rounded up; for a = b of (a + 1)(a + 2) / 2
                             multisets, a/2 + 1 of which (a even) or (a + 1)/2 the flip leaves
``multipartite`` m x k       m classes of k vertices: half of all multisets and of the fixed ones
``friendship`` m             m triangles with a common vertex: multisets of 0, 1 or 2 set bits
``spider`` m                 a hub with m legs of two vertices: multisets of four patterns
============================ ======================================================================
"""

from __future__ import annotations

import re
from math import comb

__all__ = ["sector_law"]


def _multisets(parts: int, patterns: int) -> int:
    return comb(parts + patterns - 1, parts)


def _multipartite(parts: int, size: int) -> int:
    # The flip takes k set bits to size - k: a multiset that it leaves consists of such pairs, and
    # of the pattern with half of the bits, which exists where the size is even.
    pairs = (size + 1) // 2
    if size % 2:
        fixed = _multisets(parts // 2, pairs) if parts % 2 == 0 else 0
    else:
        fixed = sum(_multisets(half, pairs) for half in range(parts // 2 + 1))
    return (_multisets(parts, size + 1) + fixed) // 2


def sector_law(graph: str) -> int:
    """Return the number of orbits of bit strings under automorphisms and the flip.

    Parameters
    ----------
    graph
        Name, see `trainscape.studies.pruning.graphs`.
    """
    first, *rest = (int(size) for size in re.findall(r"\d+", graph))
    family = re.match("[a-z]+", graph)
    name = family.group() if family else ""
    if name == "complete":
        return first // 2 + 1
    if name == "star":
        return first
    if name == "bipartite":
        a, b = first, rest[0]
        return _multipartite(2, a) if a == b else ((a + 1) * (b + 1) + 1) // 2
    if name == "multipartite":
        return _multipartite(first, rest[0])
    patterns = {"friendship": 3, "spider": 4}[name]
    return _multisets(first, patterns)
