"""Names that figures of this study print, and the parameters that tell its systems apart."""

from __future__ import annotations

__all__ = ["CHAIN", "COUPLINGS", "SYSTEM", "qubits", "system_name"]

CHAIN = ("site_dim", "sites", "top_sectors", "label")
"""Cell parameters that name a chain."""
SYSTEM = (*CHAIN, "couplings")
"""Cell parameters that name a chain with one family of coefficients."""

COUPLINGS = {
    "uniform": "uniform",
    "gaussian": "Gaussian",
    "u0515": "U[0.5, 1.5]",
    "u01": "U[0, 1]",
    "j2": "uniform + neighbours",
    "quasiperiodic": "quasi-periodic",
}
"""Families of the coefficients of the Hamiltonian."""


def qubits(site_dim: int, sites: int) -> str:
    """Return the size of a chain in qubits as text.

    Empty where a site is no whole number of them.
    """
    whole = site_dim & (site_dim - 1) == 0
    return f" ({sites * (int(site_dim).bit_length() - 1)} qubits)" if whole else ""


def system_name(site_dim: int, sites: int, label: str, top_sectors: int = 0) -> str:
    """Return a chain as text for a legend."""
    top = f", top {top_sectors}" if top_sectors else ""
    mode = r", $(\lambda, q)$" if label == "lambda_q" else ""
    return f"$d = {site_dim}$, $L = {sites}${top}{mode}"
