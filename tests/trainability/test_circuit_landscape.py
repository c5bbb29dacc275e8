"""Values, gradients and Fisher ranks of a circuit in one call each."""

import math

import numpy as np
import pytest

from simulators.problems import fixed, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.testing.figures import overlaps
from trainscape.trainability.circuit_landscape import evaluate, fisher_rank, gradients
from trainscape.trainability.circuit_moments import moments

TURNS = Circuit(
    2, 2, (rotation("X", 0), rotation("Y", 1, parameter=1, scale=2.0), fixed("CX", 0, 1))
)


def test_value_and_gradient():
    """C = cos a + 0.5 cos a cos 2b."""
    found = evaluate(TURNS, "ZI + 0.5*IZ", [0.3, 0.4])
    assert found.value == pytest.approx(math.cos(0.3) * (1 + 0.5 * math.cos(0.8)))
    assert found.gradient == pytest.approx(
        [-math.sin(0.3) * (1 + 0.5 * math.cos(0.8)), -math.cos(0.3) * math.sin(0.8)]
    )
    assert str(found).splitlines()[1].startswith("  d/dtheta0 -0.")
    assert "<pre>value" in found._repr_html_()
    assert overlaps(found.plot()) == []
    named = ImportedCircuit(TURNS, ("a", "b"), (0.3, 0.4))
    assert evaluate(named, "ZI + 0.5*IZ").value == found.value


def test_long_gradients_are_shortened():
    text = str(evaluate(hardware_efficient(4, 3, "ring"), "Z0", np.zeros(24)))
    assert "... 24 derivatives, with norm " in text
    assert len(text.splitlines()) == 22


def test_gradients_agree_with_exact_moments():
    ansatz = hardware_efficient(4, 2, "ring")
    found = gradients(ansatz, "ZZII", half_width=1.0, draws=2000)
    exact = moments(ansatz, "ZZII", half_width=1.0).values
    assert found.samples.shape == (2000, 16)
    assert abs(found.norm.value - exact.sum()) < 4 * found.norm.standard_error
    assert abs(found[3].value - exact[3]) < 4 * found[3].standard_error
    assert "16 derivatives at 2000 draws of angles, uniform from -1 to 1 rad" in str(found)
    assert overlaps(found.plot()) == []


def test_fisher_rank():
    """Two qubits have six real directions, without norm and phase; unused angles move nothing."""
    assert fisher_rank(hardware_efficient(2, 3, "open")).value == 6
    small = fisher_rank(TURNS)
    assert (small.value, small.parameters, small.certain) == (2, 2, True)
    # Two turns about one axis are one direction.
    again = Circuit(1, 2, (rotation("X", 0), rotation("X", 0, parameter=1)))
    assert fisher_rank(again).value == 1
    assert overlaps(fisher_rank(again).plot()) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evaluate(TURNS, "ZI"), "leaves its 2 angles open"),
        (lambda: evaluate(TURNS, "ZI", [0.1]), "this circuit needs"),
        (lambda: gradients(TURNS, "ZI"), "say how the angles are distributed"),
        (lambda: gradients(TURNS, "ZI", uniform=True, draws=0), "0 draws"),
        (lambda: fisher_rank(Circuit(1, 0, ())), "no parameters"),
        (lambda: fisher_rank(TURNS, draws=0), "0 draws"),
        (lambda: fisher_rank(hardware_efficient(40, 1, "open")), "40"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
