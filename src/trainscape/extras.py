"""What is left out of a plain installation, and what to type where a part of it is needed.

``pip install trainscape`` has what measures a circuit. The workflow, pictures and the trained
sequence models stand on much more, which comes with the extras of the package.
"""

from __future__ import annotations

from importlib import import_module

__all__ = ["EXTRAS", "install_hint", "require"]

EXTRAS = {
    "networks": ("equinox", "jax", "optax"),
    "plots": ("matplotlib",),
    "workflow": (
        "cryptography",
        "dask",
        "dask_jobqueue",
        "distributed",
        "fontTools",
        "pandas",
        "pydantic",
        "snakemake",
        "statsmodels",
        "xarray",
        "yaml",
        "zarr",
    ),
}
"""The extras of the package, and the modules that each brings."""

_PURPOSES = {
    "networks": "the trained sequence models need",
    "plots": "pictures need",
    "workflow": "whole studies and their results need",
}


def install_hint(error: ModuleNotFoundError) -> str | None:
    """Return what to type if a module is missing that comes with an extra; None for others.

    Examples
    --------
    >>> print(install_hint(ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")))
    pictures need matplotlib, which is not installed: python -m pip install 'trainscape[plots]'
    """
    missing = (error.name or "").partition(".")[0]
    for extra, modules in EXTRAS.items():
        if missing in modules:
            return (
                f"{_PURPOSES[extra]} {missing}, which is not installed: python -m pip install "
                f"'trainscape[{extra}]'"
            )
    return None


def require(extra: str) -> None:
    """Import the modules of an extra: before long work whose end needs them.

    Raises
    ------
    ModuleNotFoundError
        If one is not installed.
    """
    for module in EXTRAS[extra]:
        import_module(module)
