"""Families of the group, for meant and for published runs."""

from studies.clifford.settings import own
from trainscape.studies.clifford import SharedSettings
from trainscape.studies.clifford.moments import GROUP
from trainscape.studies.contract import Stage
from trainscape.testing.steps import family_of


def plan(name, published):
    family = family_of(GROUP, name, own("moments"), SharedSettings(published=published))
    return family.stages[Stage.GRADIENTS]


def test_published_runs_are_a_setting():
    """They replace the meant ones, and leave out observables that were not published."""
    assert plan("statevector", True).options["published"]
    assert plan("origin", True).options["published"]
    observables = {cell.parameters["observable"] for cell in plan("statevector", True).cells}
    assert observables == {"random_pauli"}
    assert not plan("origin", False).options["published"]
    assert len({cell.parameters["observable"] for cell in plan("statevector", False).cells}) == 6


def test_walks_do_not_depend_on_the_setting():
    assert plan("walk", True) == plan("walk", False)
