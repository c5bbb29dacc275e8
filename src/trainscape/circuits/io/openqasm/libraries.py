"""The gates of the libraries that OpenQASM programs include.

Gates of later versions of ``qelib1.inc``, as Qiskit's rzz and sx, are known without being declared
by the include: many programs define them themselves, and then their definition is the one that
counts.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["BUILT_IN", "LIBRARIES"]

LIBRARIES: Mapping[str, frozenset[str]] = {
    # arXiv:1707.03429, appendix C.
    "qelib1.inc": frozenset(
        (
            *("u3", "u2", "u1", "cx", "id", "x", "y", "z", "h", "s", "sdg", "t", "tdg"),
            *("rx", "ry", "rz", "cz", "cy", "ch", "ccx", "crz", "cu1", "cu3"),
        )
    ),
    # The standard library of OpenQASM 3.0.
    "stdgates.inc": frozenset(
        (
            *("p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz"),
            *("cx", "cy", "cz", "cp", "crx", "cry", "crz", "ch", "swap", "ccx", "cswap", "cu"),
            *("CX", "phase", "cphase", "id", "u1", "u2", "u3"),
        )
    ),
}
"""Names that an include declares, by library."""

BUILT_IN: Mapping[int, frozenset[str]] = {2: frozenset(("U", "CX")), 3: frozenset(("U", "gphase"))}
"""Gates of the language itself, by version."""
