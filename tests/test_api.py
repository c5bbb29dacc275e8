"""The names for people who write Python."""

import doctest
import subprocess
import sys
from importlib import import_module

import pytest

from trainscape import api


def test_every_name_is_there():
    assert dir(api) == sorted(api.__all__) == sorted(api._HOMES)
    for name in api.__all__:
        assert getattr(api, name).__name__ == name


def test_names_that_are_not_there():
    with pytest.raises(AttributeError, match="no name 'sentence'; it has Circuit"):
        api.sentence  # noqa: B018


def test_nothing_is_imported_before_it_is_used():
    program = (
        "import sys, trainscape.api as api\n"
        "assert 'numpy' not in sys.modules\n"
        "api.TaskSettings\n"
        "assert 'trainscape.translation.vocabulary' in sys.modules\n"
        "assert 'trainscape.translation.player' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "name",
    [
        "api",
        "circuits.encoding",
        "diagnosis.diagnose",
        "extras",
        "physics.generators",
        "pruning.pruned_circuit",
        "trainability.circuit_landscape",
        "trainability.circuit_moments",
    ],
)
def test_examples(name):
    """What the docstrings show is what comes out."""
    found = doctest.testmod(import_module(f"trainscape.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
