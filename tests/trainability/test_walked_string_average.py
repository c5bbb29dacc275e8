"""Means over all strings and angles by walks of generators, against exact probabilities."""

import itertools
import math

import numpy as np
import pytest

from studies.clifford.exact_moments import gradient_norm_moment
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.trainability.string_average import string_share
from trainscape.trainability.walked_string_average import WalkedStringAverage

PATCHES = (Patch("gaussian", 0.05), Patch("gaussian", 0.5), Patch("uniform", math.inf))

CIRCUITS = {"mhea": mhea(2, 2), "rpqc": rpqc(2, 5, np.random.default_rng(1))}


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_mean_is_that_over_all_strings(name):
    """Each of the 15 strings by the probabilities of all paths; 2^15 walkers."""
    circuit = CIRCUITS[name]
    labels = ["".join(letters) for letters in itertools.product("IXYZ", repeat=2)][1:]
    found = WalkedStringAverage(circuit).mean_squares(PATCHES, 2**15, np.random.default_rng(7))
    for patch, estimate in zip(PATCHES, found, strict=True):
        norms = [
            gradient_norm_moment(Problem(circuit, PauliSum(((1.0, PauliString(label)),))), patch)
            for label in labels
        ]
        assert estimate.value == pytest.approx(np.mean(norms), abs=4.5 * estimate.standard_error)
        assert estimate.standard_error < 0.01 * estimate.value


def test_intervals_cover_as_they_should():
    """With 40 walkers: the exact value is that of very many."""
    walks = WalkedStringAverage(CIRCUITS["mhea"])
    (exact,) = walks.mean_squares(PATCHES[1:2], 2**17, np.random.default_rng(0))
    rng = np.random.default_rng(2)
    drawn = [walks.mean_squares(PATCHES[1:2], 40, rng)[0] for _ in range(400)]
    held = [one.low <= exact.value <= one.high for one in drawn]
    # Intervals of Clopper and Pearson cover at least nominally.
    assert 0.93 < np.mean(held) < 0.995
    # The spread of 400 means is known to 4 %.
    spread = np.std([one.value for one in drawn])
    assert np.mean([one.standard_error for one in drawn]) == pytest.approx(spread, rel=0.15)


def test_an_error_covers_what_was_not_seen():
    """At angles of zero all walks of generators of X type end alike, and still may not."""
    circuit = Circuit(1, 1, (PauliRotation("X", (0,), 0),))
    (few, many) = (
        WalkedStringAverage(circuit).mean_squares(PATCHES[:1], walkers, np.random.default_rng(0))[0]
        for walkers in (10, 1000)
    )
    assert few.value == many.value == few.high
    assert few.standard_error > 10 * many.standard_error > 0


def test_large_circuits_have_more_than_one_word():
    """Deep circuits with angles over the circle are those of random states, but for the first
    layers, and strings are longer than a word; no walk of a gradient would meet anything.
    """
    circuit = mhea(70, 3)
    (found,) = WalkedStringAverage(circuit).mean_squares(PATCHES[2:], 512, np.random.default_rng(4))
    most = 0.5 * circuit.num_parameters * string_share(70)
    # Of the eight layers of rotations only those about Z in the first see a known <Z>^2 of 1/2.
    assert found.low < most * (1 - 1 / 16) < found.high
    assert 0 < found.value < 1e-18


def test_what_has_no_such_mean_is_refused():
    shared = Circuit(1, 1, (PauliRotation("X", (0,), 0), PauliRotation("Z", (0,), 0)))
    with pytest.raises(ValueError, match="2 rotations use 1 parameters"):
        WalkedStringAverage(shared)
    with pytest.raises(ValueError, match="multiples"):
        WalkedStringAverage(Circuit(1, 1, (PauliRotation("X", (0,), 0, 2.0),)))
    with pytest.raises(ValueError, match="one walker"):
        WalkedStringAverage(mhea(2, 1)).mean_squares(PATCHES, 0, np.random.default_rng(0))
