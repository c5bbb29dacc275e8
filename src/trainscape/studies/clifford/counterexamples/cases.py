"""The cases by name."""

from typing import Literal

__all__ = ["MEASURED", "CaseName"]

CaseName = Literal["CX ring", "CZ ring", "local string", "Heisenberg", "Heisenberg, all terms"]
"""The circuit or the observable; the first is what the others are compared with."""

MEASURED: tuple[CaseName, ...] = ("Heisenberg", "Heisenberg, all terms")
"""The cases that are measured: by the path of the encoded term, and by one path for each term."""
