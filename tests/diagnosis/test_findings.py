"""What stands below the verdicts: circuits whose numbers are known on paper."""

import pytest

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import PauliRotation
from trainscape.diagnosis.diagnose import diagnose
from trainscape.diagnosis.page import diagnosis_html
from trainscape.diagnosis.results import Finding, Suggestion
from trainscape.diagnosis.simulation import _bytes, _seconds
from trainscape.physics.pauli import PauliSum
from trainscape.trainability.intervals import Estimate, exact

YEAR = 365.25 * 86400


def turns(*letters):
    """Return rotations of one qubit each, with a parameter each."""
    gates = tuple(PauliRotation(one, (qubit,), qubit) for qubit, one in enumerate(letters))
    return Circuit(len(letters), len(letters), gates)


@pytest.fixture(scope="module")
def diagnosis():
    """Y rotations of two qubits and an idle Z rotation; the loss is cos(a) + cos(b)."""
    return diagnose(turns("Y", "Y", "Z"), PauliSum.parse("ZII + IZI"), budget=1)


def test_the_norm_of_the_gradient_is_the_sum_over_parameters(diagnosis):
    # E[sin(a)^2] = 1/2, and the idle parameter adds nothing.
    assert diagnosis.gradients["all_angles"].value.value == pytest.approx(0.5)
    assert diagnosis.gradients["gradient_norm"].value.value == pytest.approx(1.0)


def test_the_spectrum_is_that_of_independent_rotations(diagnosis):
    # Each Y rotation of |0> moves with unit speed; Z only turns its phase.
    spectrum = diagnosis.capacity.details["tangent_kernel"]
    assert spectrum == pytest.approx([1.0, 1.0])
    assert diagnosis.capacity["kernel_spectrum"].text().startswith("2, from 1 to 1; 2 of them")


def test_what_holds_in_the_light_cone_alone_says_so(diagnosis):
    labels = [finding.label for finding in diagnosis.structure.findings]
    about = [label for label in labels if label.startswith(("Lie algebra", "independent"))]
    assert about
    assert all("in the light cone, 2 of 3 qubits" in label for label in about)
    whole = diagnose(turns("Y", "Y"), PauliSum.parse("ZI + IZ"), budget=1)
    assert not any("light cone" in finding.label for finding in whole.structure.findings)


def test_the_point_and_the_patch_are_named(diagnosis):
    assert diagnosis.gradients["point"].label == "mean g^2 with all angles at zero"
    assert diagnosis.gradients["patch"].label.endswith("a patch of width 0.577 around zero")
    given = diagnose(turns("Y"), "Z0", angles=[0.3], budget=1)
    assert given.gradients["point"].label == "mean g^2 with all angles at the given point"
    assert given.observable == "Z0"
    assert diagnose(turns("Y"), "-0.5 Z0", budget=1).observable == "- 0.5 Z0"


def test_the_cost_stands_behind_the_method(diagnosis):
    assert Finding("a", "label", 1, "count", 2.345).cost() == "took 2.3 s"
    assert Finding("a", "label", 1, "count").cost() == ""
    page = diagnosis_html(diagnosis)
    assert '<th scope="col">cost</th>' in page


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1e-6, "1e-06 s"),
        (90, "90 s"),
        (10 * 3600, "10 hours"),
        (5 * 86400, "5 days"),
        (824 * YEAR, "820 years"),
        (3e16 * YEAR, "10^16 years"),
    ],
)
def test_times_are_in_units_that_people_use(seconds, text):
    assert _seconds(seconds) == text


def test_sizes_are_in_units_that_people_use():
    assert [_bytes(100), _bytes(2048), _bytes(3 * 2**20), _bytes(2.0**40)] == [
        "100 bytes",
        "2 KiB",
        "3 MiB",
        "1e+03 GiB",
    ]


def test_an_interval_is_shown_where_it_says_something():
    rough = Estimate(12.0, 1.0, 10.0, 14.0, 0.95, 9, "normal")
    assert Suggestion("a", "b", measured=rough).gain() == "12 [10, 14], measured"
    assert Suggestion("a", "b", measured=exact(1578.3)).gain() == "1578, measured"
    assert Suggestion("a", "b", predicted=2.5).gain() == "2.5, predicted"
    assert Suggestion("a", "b").gain() == ""
