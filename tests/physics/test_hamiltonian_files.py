"""Hamiltonians as people write them."""

import pytest

from trainscape.physics.hamiltonian_files import read_hamiltonian


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.5*ZZ - XI", "0.5*ZZ - 1.0*XI"),
        ("# Ising\nZZI\n- 2*IZZ  # bond\n\n0.5*XII\n", "1.0*ZZI - 2.0*IZZ + 0.5*XII"),
        ("0 1\n1 2", "1.0*ZZI + 1.0*IZZ"),
        ("2 0 0.5\n1 2 -1.5\n", "0.5*ZIZ - 1.5*IZZ"),
        ("0.5 Z0 Z1\n- X2", "0.5*ZZI - 1.0*IIX"),
        ("2*II + ZZ", "2.0*II + 1.0*ZZ"),
        ("ZZ + -0.5*XX", "1.0*ZZ - 0.5*XX"),
    ],
)
def test_reads(text, expected):
    assert str(read_hamiltonian(text)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("# nothing\n\n", "empty"),
        ("0 1\n1 0", "line 2: the edge '1 0' is there already"),
        ("0 1\n0 1 2.0", "undirected"),
        ("0 0", "joins a vertex to itself"),
        ("0 -> 1", "line 1: '0 -> 1' is no edge"),
        ("0 1 2 3", "no edge"),
        ("0 1 inf", "no edge"),
        ("0 1\n-1 2", "line 2: '-1 2' is no edge"),
        ("0 1.5", "no edge"),
        ("0", "no edge"),
        ("0 99999999", "there may be 10000"),
        ("1j*ZZ", "imaginary|complex"),
        ("(0.5+1j)*XX", "imaginary|complex"),
        ("ZZ + QQ", "Q"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        read_hamiltonian(text)
