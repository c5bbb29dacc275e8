"""Which terms an encoder is made for, and the energies that losses are compared with."""

import numpy as np
import pytest

from studies.clifford.vqe.small_runs import training_cell
from trainscape.physics.hamiltonians import biased_heisenberg, heisenberg
from trainscape.studies.clifford.instances import observable_sum
from trainscape.studies.clifford.vqe import ground_energies
from trainscape.studies.clifford.vqe.starts import encodable_terms, published_terms
from trainscape.training.initial_angles import locality


def test_dataset_holds_the_eigenvalue():
    energy = ground_energies.sample(training_cell(observable="heisenberg", qubits=2), range(1))
    assert float(energy["ground_energy"]) == pytest.approx(-3)


def test_biased_heisenberg_is_encoded_for_its_global_terms():
    pauli_sum = biased_heisenberg(5)
    encodable = encodable_terms("biased_heisenberg", pauli_sum).terms
    assert [string.label for _, string in encodable] == ["XXXXX", "YYYYY", "ZZZZZ"]
    assert len(encodable_terms("heisenberg", heisenberg(5)).terms) == 12
    assert (locality(heisenberg(5)), locality(pauli_sum)) == (2, 5)
    with pytest.raises(ValueError, match="no observable 'xy'"):
        observable_sum("xy", 3, np.random.default_rng(0))


def test_terms_are_listed_as_in_the_public_code():
    """Its labels are read from the last qubit to the first."""
    listed = {
        "heisenberg": ["XXII", "YYII", "ZZII", "IXXI", "IYYI", "IZZI", "IIXX", "IIYY", "IIZZ"],
        "tfim": ["XIII", "ZZII", "IXII", "IZZI", "IIXI", "IIZZ", "IIIX", "ZIIZ"],
        "biased_heisenberg": ["XXXX", "YYYY", "ZZZZ"],
        "global_z": ["ZZZZ"],
    }
    for name, labels in listed.items():
        pauli_sum = observable_sum(name, 4, np.random.default_rng(0))
        terms = published_terms(name, pauli_sum).terms
        assert [string.label[::-1] for _, string in terms] == labels
