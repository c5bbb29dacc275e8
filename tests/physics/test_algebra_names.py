"""Names and dimensions of simple Lie algebras."""

import pytest

from trainscape.physics.algebra_names import SimpleAlgebra


@pytest.mark.parametrize("order", range(2, 9))
def test_dimensions(order):
    assert SimpleAlgebra.su(order).dimension == order**2 - 1
    assert SimpleAlgebra.sp(order).dimension == order * (2 * order + 1)
    if order not in (2, 4):
        assert SimpleAlgebra.so(order).dimension == order * (order - 1) // 2


def test_one_name_for_each():
    """Isomorphic algebras are equal, whatever they were called."""
    assert SimpleAlgebra.so(3) == SimpleAlgebra.sp(1) == SimpleAlgebra.su(2)
    assert SimpleAlgebra.so(5) == SimpleAlgebra.sp(2)
    assert SimpleAlgebra.so(6) == SimpleAlgebra.su(4)
    assert str(SimpleAlgebra.so(6)) == "su(4)"
    assert SimpleAlgebra.so(6).aliases == ("so(6)",)
    assert SimpleAlgebra.su(2).aliases == ("so(3)", "sp(1)")
    assert SimpleAlgebra.so(7) != SimpleAlgebra.sp(3)
    assert SimpleAlgebra.so(7).dimension == SimpleAlgebra.sp(3).dimension


@pytest.mark.parametrize(
    ("algebra", "name", "cartan"),
    [
        (SimpleAlgebra.su(3), "su(3)", "A2"),
        (SimpleAlgebra.so(7), "so(7)", "B3"),
        (SimpleAlgebra.so(5), "sp(2)", "C2"),
        (SimpleAlgebra.so(8), "so(8)", "D4"),
        (SimpleAlgebra.su(2**12), "su(4096)", "A4095"),
        (SimpleAlgebra.sp(2**500), "sp(2^500)", f"C{2**500}"),
        (SimpleAlgebra("G", 2), "g2", "G2"),
    ],
)
def test_names(algebra, name, cartan):
    assert str(algebra) == name
    assert algebra.cartan_type == cartan


def test_exceptional_dimensions():
    assert [SimpleAlgebra("E", rank).dimension for rank in (6, 7, 8)] == [78, 133, 248]
    assert SimpleAlgebra("F", 4).dimension == 52
    assert SimpleAlgebra("G", 2).dimension == 14


@pytest.mark.parametrize(("family", "rank"), [("A", 0), ("B", 2), ("C", 1), ("D", 3), ("E", 5), ("H", 3)])  # fmt: skip
def test_refusals(family, rank):
    with pytest.raises(ValueError, match=f"{family}{rank} is no Cartan type"):
        SimpleAlgebra(family, rank)
