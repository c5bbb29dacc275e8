r"""Formulas of captions, written between dollar signs for matplotlib, as HTML and as plain text.

Captions use a handful of commands: Greek letters, a few signs, subscripts, superscripts, roots. A
command that is not known is shown by its name, so that nothing is lost silently.
"""

from __future__ import annotations

import html
import re

from markupsafe import Markup

__all__ = ["as_html", "as_plain"]

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν",
    "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ",
    "Lambda": "Λ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_SIGNS = {
    "otimes": "⊗", "oplus": "⊕", "times": "×", "cdot": "·", "pm": "±", "neq": "≠", "ne": "≠",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "ll": "≪", "gg": "≫", "sim": "∼",
    "approx": "≈", "propto": "∝", "equiv": "≡", "in": "∈", "to": "→", "rightarrow": "→",
    "infty": "∞", "partial": "∂", "nabla": "∇", "sum": "∑", "prod": "∏", "langle": "⟨",
    "rangle": "⟩", "dagger": "†", "ell": "ℓ", "hbar": "ℏ", "ldots": "…", "dots": "…",
    "cdots": "⋯", "circ": "∘", "quad": " ", "log": "log", "ln": "ln", "exp": "exp",
    "sin": "sin", "cos": "cos", "min": "min", "max": "max", "dim": "dim", "mathrm": "",
    "mathbf": "", "mathcal": "", "mathsf": "", "mathbb": "", "text": "", "operatorname": "",
    "rm": "", "left": "", "right": "", "hat": "", "bar": "", "tilde": "", ",": " ", ";": " ",
    ":": " ", " ": " ", "!": "", "{": "{", "}": "}", "|": "‖", "%": "%", "_": "_",
}  # fmt: skip
_UPRIGHT = {"mathrm", "text", "operatorname", "rm"}
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([\^_{}])|(\s+)|([A-Za-z])|([^\\^_{}\sA-Za-z])")
_FORMULA = re.compile(r"\$([^$]+)\$")
_TAGS = {"^": "sup", "_": "sub"}


class _Formula:
    """A formula, read from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_TOKEN.finditer(text))
        self._place = 0

    def all(self, *, upright: bool = False) -> str:
        """Return what is left, up to the brace that closes the group."""
        parts = []
        while self._place < len(self._tokens):
            if self._tokens[self._place][2] == "}":
                self._place += 1
                break
            parts.append(self._one(upright=upright))
        return "".join(parts)

    def _one(self, *, upright: bool = False) -> str:
        """Return the next sign, group or command with its argument."""
        if self._place >= len(self._tokens):
            return ""
        command, structure, space, letter, other = self._tokens[self._place].groups()
        self._place += 1
        if structure == "{":
            return self.all(upright=upright)
        if structure in _TAGS:
            tag = _TAGS[structure]
            return f"<{tag}>{self._one(upright=upright)}</{tag}>"
        if command is not None:
            return self._command(command)
        if letter:
            return letter if upright else f"<i>{letter}</i>"
        return html.escape(("−" if other == "-" else other) or space or structure or "")

    def _command(self, name: str) -> str:
        if name == "sqrt":
            return f"√({self._one()})"
        if name == "frac":
            return f"({self._one()})/({self._one()})"
        if name in _UPRIGHT:
            return self._one(upright=True)
        if name in _GREEK:
            return f"<i>{_GREEK[name]}</i>" if name[0].islower() else _GREEK[name]
        return html.escape(_SIGNS.get(name, name))


def as_html(text: str) -> Markup:
    """Return a text with its formulas as HTML; everything else is escaped.

    Parameters
    ----------
    text
        Prose with formulas between dollar signs. A single dollar sign is itself.
    """
    parts = _FORMULA.split(text)
    parts[::2] = [html.escape(part) for part in parts[::2]]
    parts[1::2] = [f'<span class="formula">{_Formula(part).all()}</span>' for part in parts[1::2]]
    return Markup("".join(parts))


def as_plain(text: str) -> str:
    """Return a text with its formulas in letters and signs alone: for alternative texts."""
    written = as_html(text).replace("<sup>", "^").replace("<sub>", "_")
    return html.unescape(re.sub(r"<[^>]*>", "", written))
