"""Names and looks in all figures of the study: of chains, and of families of coefficients."""

import numpy as np
import pandas as pd

from trainscape.studies.kit.style import COLOURS, Look, looks

__all__ = [
    "COUPLING_LOOKS",
    "COUPLING_NAMES",
    "FLOOR",
    "chain_look",
    "chain_name",
    "floored",
    "qubits",
    "system_name",
]

COUPLING_NAMES = {
    "uniform": "uniform",
    "gaussian": "Gaussian",
    "u0515": r"$U[0.5, 1.5]$",
    "u01": r"$U[0, 1]$",
    "j2": "uniform + neighbours",
    "quasiperiodic": "quasi-periodic",
}
"""Names of the families of the Hamiltonian's coefficients."""

COUPLING_LOOKS = dict(zip(COUPLING_NAMES, looks(len(COUPLING_NAMES)), strict=True))
"""Their looks."""

FLOOR = 1e-16
"""Losses below are drawn here: they are rounding."""

_CHAINS = ((2, 0), (3, 0), (4, 0), (3, 2), (3, 3))


def chain_look(site_dim: int, top_sectors: int = 0) -> Look:
    """Return the look of chains of one site dimension and choice of sectors (0: all)."""
    key = (int(site_dim), int(top_sectors))
    place = _CHAINS.index(key) if key in _CHAINS else len(COLOURS) + sum(key)
    return looks(place + 1)[place]


def chain_name(site_dim: int, top_sectors: int = 0) -> str:
    """Return the name of such chains."""
    sectors = f"top {top_sectors} sectors" if top_sectors else "all sectors"
    return rf"$d = {site_dim}$, {sectors}"


def system_name(site_dim: int, sites: int, top_sectors: int, label: str) -> str:
    """Return the name of one chain with its label mode."""
    top = f", top {top_sectors}" if top_sectors else ""
    mode = r", $(\lambda, q)$" if label == "lambda_q" else ""
    return f"$d = {site_dim}$, $L = {sites}${top}{mode}"


def qubits(site_dim: int, sites: int) -> str:
    """Return the size of a chain in qubits; empty where a site is no whole number of them."""
    whole = site_dim & (site_dim - 1) == 0
    return f" ({sites * (int(site_dim).bit_length() - 1)} qubits)" if whole else ""


def floored(table: pd.DataFrame, **drawn: str) -> pd.DataFrame:
    """Return a table with estimates of losses as they are drawn too: new name to that in it."""
    columns = {
        f"{new}{end}": np.maximum(table[f"{name}{end}"], FLOOR)
        for new, name in drawn.items()
        for end in ("", "_low", "_high")
    }
    return table.assign(**columns)
