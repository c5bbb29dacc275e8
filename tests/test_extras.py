"""What comes with an extra, and what is said where it is missing."""

import pytest

from trainscape import api
from trainscape.cli.app import run_app
from trainscape.extras import EXTRAS, install_hint, require


def missing(name):
    return ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize("extra", EXTRAS)
def test_each_module_leads_to_its_extra(extra):
    for module in EXTRAS[extra]:
        hint = install_hint(missing(f"{module}.inner"))
        assert module in hint
        assert f"python -m pip install 'trainscape[{extra}]'" in hint


def test_other_modules_have_no_hint():
    assert install_hint(missing("numpy")) is None
    assert install_hint(ModuleNotFoundError("none")) is None


def test_what_is_required_is_imported(monkeypatch):
    monkeypatch.setitem(EXTRAS, "plots", ("json", "no_such_module"))
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        require("plots")


@pytest.fixture
def without_xarray(monkeypatch):
    """As if xarray were not installed, and nothing that uses it imported."""
    import sys

    for name in [name for name in sys.modules if name.startswith("trainscape.pipeline.results")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "xarray", None)


def test_the_interface_says_what_to_type(without_xarray):
    with pytest.raises(ModuleNotFoundError, match=r"api.open_results: .*trainscape\[workflow\]"):
        api.open_results  # noqa: B018


@pytest.mark.parametrize(("name", "code"), [("zarr", 2), ("numpy", None)])
def test_a_command_says_what_to_type(name, code, monkeypatch, capsys):
    def command():
        raise missing(name)

    monkeypatch.setattr("trainscape.cli.app.command", lambda: command)
    with pytest.raises(SystemExit if code else ModuleNotFoundError) as stopped:
        run_app()
    if code:
        assert stopped.value.code == code
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        assert line.endswith("python -m pip install 'trainscape[workflow]'")
