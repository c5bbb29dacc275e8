"""What tells the systems of ``tl_training`` apart; kept out of the package's ``__init__``, whose presets must not count as code of the stages."""

__all__ = ["CHAIN", "SYSTEM"]

CHAIN = ("site_dim", "sites", "top_sectors", "label")
"""Cell parameters that name a chain."""
SYSTEM = (*CHAIN, "couplings")
"""Cell parameters that name a chain with one family of coefficients: what is trained from many starts."""
