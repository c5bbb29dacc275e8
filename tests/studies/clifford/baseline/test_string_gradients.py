"""Gradients without an encoder: exact moments, the bound, and what is missing to a 2-design."""

import numpy as np
import pytest

from studies.clifford.exact_moments import gradient_norm_moment
from studies.clifford.settings import context
from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.clifford.baseline import GROUP
from trainscape.studies.clifford.baseline.string_gradients import TURN, sample
from trainscape.studies.clifford.baseline.string_means import summarise
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubSummary, stored
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patches import two_design_gradient_moment
from trainscape.trainability.surrogate_costs import anticommuting_rotations


@pytest.fixture(scope="module")
def table():
    parameters = {"ansatz": "mhea", "depth": "linear", "qubits": 3}
    cell = context(GROUP, "baseline", Stage.GRADIENTS, parameters)
    data = sample(cell, range(400))
    found = summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]}))
    return found.to_dataframe().set_index("law")


def strings(letters, n=3):
    numbers = range(1, len(letters) ** n)
    for number in numbers:
        digits = np.base_repr(number, len(letters)).zfill(n)
        yield PauliSum(((1.0, PauliString("".join(letters[int(digit)] for digit in digits))),))


@pytest.mark.parametrize("law", ["D^-1/2", "1"])
def test_means_are_those_of_exact_walks_over_all_strings(table, law):
    """Exact moments of all 63 strings, and of the seven of I and Z."""
    circuit = mhea(3, 3)
    patch = LAWS[law].patch(circuit.num_parameters)
    for name, letters in (("all_strings", "IXYZ"), ("curved_string", "IZ")):
        exact = np.mean(
            [gradient_norm_moment(Problem(circuit, one), patch) for one in strings(letters)]
        )
        row = table.loc[law]
        assert row[name] == pytest.approx(exact, abs=4 * row[f"{name}_error"])
        assert row[f"{name}_error"] < 0.1 * row[name]


def test_the_bound_of_curved_strings_holds_for_each():
    circuit = mhea(3, 3)
    patch = LAWS["D^-1/2"].patch(circuit.num_parameters)
    p = patch.flip_probability()
    for one in strings("IZ"):
        problem = Problem(circuit, one)
        cosines = anticommuting_rotations(problem)
        bound = cosines * p * (1 - p) ** (cosines - 1)
        assert 0.3 * bound < bound <= gradient_norm_moment(problem, patch) < 3 * bound


def test_what_is_missing_is_missing_to_the_mean_of_a_two_design(table):
    row = table.loc["1"]
    floor = row["parameters"] * two_design_gradient_moment(3)
    assert 1 - row["deficit"] == pytest.approx(row["all_strings"] / floor)
    # In the first layer <Y> = 0 and <Z> = cos(angle), on each of three qubits.
    p = LAWS["1"].patch(24).flip_probability()
    first = (3 * (1 - p) - 6 / 9) / (24 * (1 - 1 / 9))
    assert row["first_deficit"] == pytest.approx(first, abs=4 * row["first_deficit_error"])
    assert np.isnan(table.loc[TURN, "bound"])
