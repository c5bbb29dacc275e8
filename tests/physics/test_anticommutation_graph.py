"""Algebras of strings: by closure, by their graph, known ones, and any number of qubits."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from physics.ansatze import (
    OCTAHEDRON,
    bipartite,
    chain_strings,
    complete,
    fields,
    grid,
    maxcut_strings,
    star,
)
from trainscape.physics.anticommutation_graph import classify_strings, string_commutant_dimension
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.lie_algebra import LieAlgebraError, pauli_lie_algebra_dimension
from trainscape.physics.pauli import PauliString
from trainscape.physics.pauli_lie_algebra import pauli_lie_closure


def strings(*labels):
    return [PauliString(label) for label in labels]


def both(generators):
    """The dimension, which closure and classification must agree upon."""
    closure = pauli_lie_closure(generators)
    assert len(np.unique(closure, axis=0)) == len(closure) == classify_strings(generators).dimension
    return len(closure)


CHAINS = {
    ("tfim", False): (6, 15, 28, 45, 66, 91, 120),
    ("tfim", True): (30, 56, 90, 132, 182, 240),
    ("ltfim", False): (15, 63, 255, 1023, 4095, 16383, 65535),
    ("ltfim", True): (63, 255, 1023, 4095, 16383, 65535),
    ("xy", False): (2, 6, 12, 20, 30, 42, 56),
    ("xy", True): (15, 24, 45, 60, 91, 112),
    ("xyz", False): (3, 15, 60, 255, 1020, 4095, 16380),
    ("xyz", True): (15, 60, 255, 1020, 4095, 16380),
    ("xyz_field", False): (7, 30, 126, 510, 2046, 8190, 32766),
    ("xyz_field", True): (30, 126, 510, 2046, 8190, 32766),
}


@pytest.mark.parametrize(("name", "periodic"), CHAINS)
def test_chains(name, periodic):
    expected = CHAINS[name, periodic]
    sizes = range(3 if periodic else 2, 9)
    assert tuple(both(chain_strings(name, n, periodic)) for n in sizes) == expected


def test_names_of_chains():
    """Free fermions; everything; and copies for the conserved strings."""
    names = {
        ("tfim", 8, False): "so(16)",
        ("tfim", 8, True): "2 so(16)",
        ("tfim", 3, False): "su(4)",
        ("tfim", 2, False): "2 su(2)",
        ("ltfim", 5, False): "su(32)",
        ("xy", 7, False): "2 so(7)",
        ("xy", 8, True): "4 so(8)",
        ("xy", 7, True): "so(14)",
        ("xyz", 5, True): "su(16)",
        ("xyz", 6, True): "4 su(16)",
        ("xyz", 2, False): "3 u(1)",
        ("xyz_field", 2, False): "2 su(2) + u(1)",
        ("xyz_field", 6, False): "2 su(32)",
    }
    for (name, n, periodic), expected in names.items():
        assert str(classify_strings(chain_strings(name, n, periodic))) == expected


@pytest.mark.parametrize(
    ("graph", "dimension", "name"),
    [
        (complete(3), 30, "2 su(4)"),
        (complete(4), 126, "2 su(8)"),
        (complete(5), 510, "2 su(16)"),
        (complete(6), 2046, "2 su(32)"),
        (complete(7), 8190, "2 su(64)"),
        (complete(8), 32766, "2 su(128)"),
        (star(4), 72, "2 sp(4)"),
        (star(5), 255, "su(16)"),
        (star(6), 1056, "2 sp(16)"),
        (star(7), 4095, "su(64)"),
        (star(8), 16512, "2 sp(64)"),
        (bipartite(2, 3), 255, "su(16)"),
        (bipartite(3, 3), 1056, "2 sp(16)"),
        (grid(2, 3), 1056, "2 sp(16)"),
        (OCTAHEDRON, 2046, "2 su(32)"),
        (bipartite(2, 4), 992, "2 so(32)"),
    ],
)
def test_maxcut(graph, dimension, name):
    generators = maxcut_strings(*graph)
    assert both(generators) == dimension
    assert str(classify_strings(generators)) == name


@st.composite
def many_strings(draw):
    """Strings on up to five qubits, of all letters, of few, or on two qubits each."""
    n = draw(st.integers(1, 5))
    letters = draw(st.sampled_from(["IXYZ", "IIIXZ", "IIXXYZ"]))
    label = st.text(letters, min_size=n, max_size=n)
    return [PauliString(text) for text in draw(st.lists(label, min_size=1, max_size=2 * n + 3))]


@settings(max_examples=150)
@given(many_strings())
@example(strings("XI", "ZI", "IX", "IZ"))
@example(strings("II", "XX", "XX"))
@example(strings("XII", "ZXI", "ZZX", "ZZZ", "IZX"))
def test_agree_on_random_strings(generators):
    dimension = both(generators)
    assert pauli_lie_algebra_dimension(generators) == dimension


@settings(max_examples=25, deadline=None)
@given(many_strings().filter(lambda found: found[0].num_qubits < 4))
def test_commutant(generators):
    sectors = decompose([s.matrix() for s in generators], np.random.default_rng(0))
    assert string_commutant_dimension(generators) == sectors.commutant_dimension


def test_any_number_of_qubits():
    n = 80
    assert str(classify_strings(chain_strings("tfim", n))) == f"so({2 * n})"
    assert str(classify_strings(chain_strings("ltfim", 60, True))) == "su(2^60)"
    assert str(classify_strings(chain_strings("xyz", 60))) == "4 su(2^58)"
    assert classify_strings(fields(200, "X")).centre == 200
    assert string_commutant_dimension(chain_strings("tfim", 200)) == 2


def test_closure_lists_what_is_in_the_algebra():
    """Masks are those of strings, the generators come first, and every bracket is inside."""
    generators = chain_strings("tfim", 4)
    closure = pauli_lie_closure(generators)
    masks = [tuple(map(int, row)) for row in closure]
    assert masks[: len(generators)] == [(s.x_mask, s.z_mask) for s in generators]
    inside = set(masks)
    for ax, az in masks:
        for bx, bz in masks:
            if ((ax & bz).bit_count() + (az & bx).bit_count()) % 2:
                assert (ax ^ bx, az ^ bz) in inside


def test_masks_of_64_bits():
    closure = pauli_lie_closure(chain_strings("tfim", 64))
    assert len(closure) == 64 * 127


def test_refusals():
    with pytest.raises(LieAlgebraError, match="more than 5000 Pauli strings"):
        pauli_lie_closure(chain_strings("ltfim", 7), limit=5000)
    assert len(pauli_lie_closure(chain_strings("ltfim", 6), limit=4095)) == 4095
    with pytest.raises(ValueError, match="up to 64 qubits, not 65"):
        pauli_lie_closure(fields(65, "X"))
    for function in (pauli_lie_closure, classify_strings, string_commutant_dimension):
        with pytest.raises(ValueError, match="one number of qubits"):
            function(strings("X", "XX"))
        with pytest.raises(ValueError, match="at least one"):
            function([])
