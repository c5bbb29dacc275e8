"""What a colour means in all figures of the study: chains, and families of coefficients."""

from __future__ import annotations

from trainscape.studies.kit.style import COLOURS, Look, looks

__all__ = ["COUPLING_LOOKS", "COUPLING_NAMES", "chain_look", "chain_name"]

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
