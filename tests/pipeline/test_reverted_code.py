"""Code that is edited and reverted: values that the store still holds are right again."""

from collections.abc import Callable

import pytest

from workspace import Workspace

SAME = "FACTOR = 2.0 / 2.0"


@pytest.fixture
def edited(make_workspace: Callable[..., Workspace]) -> Workspace:
    """A finished study with its own copy of the plug-in."""
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    workspace.forget_calls()
    return workspace


def test_edit_without_an_effect_is_computed_once(edited: Workspace):
    manifests = edited.manifests()
    edited.edit("kernel.py", "FACTOR = 1.0", SAME)
    edited.complete(on_code_change="recompute")
    assert edited.calls().total() > 0
    for old, new in ((SAME, "FACTOR = 1.0"), ("FACTOR = 1.0", SAME), (SAME, "FACTOR = 1.0")):
        edited.forget_calls()
        edited.edit("kernel.py", old, new)
        edited.complete()
        assert not edited.calls()
    assert edited.manifests() == manifests
    assert edited.problems() == []


def test_edit_that_changes_one_cell_costs_that_cell(edited: Workspace):
    manifests = edited.manifests()
    old, new = "values = FACTOR *", "values = (FACTOR + (cell['size'] == 3)) *"
    edited.edit("values.py", old, new)
    edited.complete("simulate", on_code_change="recompute")
    edited.forget_calls()
    edited.edit("values.py", new, old)
    edited.complete("simulate", on_code_change="recompute")
    assert edited.calls() == {("simulate", 3, sample): 1 for sample in range(128)}
    edited.complete()
    assert edited.manifests() == manifests


def test_values_under_an_older_key_are_not_taken_for_those_that_replaced_them(edited: Workspace):
    """The old key is right only as long as the store holds the values that belong to it."""
    edited.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 2.0")
    edited.complete(on_code_change="recompute")
    edited.forget_calls()
    edited.edit("kernel.py", "FACTOR = 2.0", "FACTOR = 1.0")
    edited.complete("simulate", on_code_change="recompute")
    assert edited.calls().total() == 256


def test_adopted_chunks_are_right_again_too(edited: Workspace):
    edited.edit("kernel.py", "FACTOR = 1.0", SAME)
    edited.complete(on_code_change="spot-check")
    edited.forget_calls()
    edited.edit("kernel.py", SAME, "FACTOR = 1.0")
    edited.complete()
    assert not edited.calls()
