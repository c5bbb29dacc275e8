"""What a diagnosis says: findings with interval, method and cost, answers with verdict and rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainscape.trainability.intervals import Estimate, exact

__all__ = ["Answer", "Diagnosis", "Finding", "Suggestion"]


def plain(value: Any) -> Any:
    """Return a value as JSON has it; a number that is not finite becomes None."""
    if isinstance(value, Estimate):
        return {
            "value": plain(value.value),
            "low": plain(value.low),
            "high": plain(value.high),
            "level": value.level,
            "samples": value.samples,
        }
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def count_text(value: float) -> str:
    """Return a number to four digits, also an integer beyond floating-point numbers."""
    if isinstance(value, int) and value.bit_length() > 1000:
        return f"10^{value.bit_length() * math.log10(2):.0f}"
    return f"{float(value):.4g}"


def _factor(value: float) -> str:
    """Return a factor to three digits, thousands in full."""
    return f"{float(f'{value:.3g}'):,.0f}" if 1e3 <= value < 1e6 else f"{value:.3g}"


@dataclass(frozen=True)
class Finding:
    """One number or word that was measured or derived.

    Parameters
    ----------
    name
        Name for programs.
    label
        What it is, in words.
    value
        An `Estimate`, a number, a word, or None where it could not be had; `method` says why.
    method
        How it was found.
    seconds
        What that took.
    extrapolated
        Whether it is a law continued beyond what was computed.
    """

    name: str
    label: str
    value: Estimate | float | int | str | bool | None
    method: str
    seconds: float = 0.0
    extrapolated: bool = False

    def text(self) -> str:
        """Return the value as people read it."""
        value = self.value
        if value is None:
            return "not computed"
        if isinstance(value, Estimate):
            return f"{value.value:.4g}" if value.method == "exact" else value.with_interval()
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str):
            return value
        whole = isinstance(value, int) and abs(value) < 10**9
        return str(value) if whole else count_text(value)

    def cost(self) -> str:
        """Return what it took, in words; empty below a hundredth of a second."""
        return f"took {self.seconds:.2g} s" if self.seconds >= 0.01 else ""

    def to_plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        estimate = exact(self.value) if isinstance(self.value, float) else self.value
        return {
            "label": self.label,
            "value": plain(estimate),
            "method": self.method,
            "seconds": self.seconds,
            "extrapolated": self.extrapolated,
        }


@dataclass(frozen=True)
class Answer:
    """The answer to one question.

    Parameters
    ----------
    question
        The question.
    verdict
        A word of the question's rule, see docs/diagnose.md.
    reason
        The rule with its numbers, as a sentence.
    findings
        What it rests on.
    details
        Arrays and tables for programs, as plain values.
    """

    question: str
    verdict: str
    reason: str
    findings: tuple[Finding, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Finding:
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise KeyError(f"{name}; there are {', '.join(one.name for one in self.findings)}")

    def to_plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "question": self.question,
            "verdict": self.verdict,
            "reason": self.reason,
            "findings": {finding.name: finding.to_plain() for finding in self.findings},
            "details": plain(dict(self.details)),
        }


@dataclass(frozen=True)
class Suggestion:
    """Something to do.

    Parameters
    ----------
    action
        What to do.
    because
        What it rests on.
    predicted, measured
        Factor by which the mean squared gradient grows, or None; predicted by theory or measured
        here.
    """

    action: str
    because: str
    predicted: float | None = None
    measured: Estimate | None = None

    def gain(self) -> str:
        """Return the factor as people read it; empty where it is not known."""
        if self.measured is not None:
            return f"{self.measured.with_interval()}, measured"
        return "" if self.predicted is None else f"{_factor(self.predicted)}, predicted"

    def to_plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "action": self.action,
            "because": self.because,
            "predicted_gain": plain(self.predicted),
            "measured_gain": plain(self.measured),
        }


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` returns. It prints itself; `plot` draws it.

    Parameters
    ----------
    name
        Name of the circuit or family.
    sizes
        Numbers of qubits that were looked at; the answers about one circuit are for the last.
    parameters, gates
        Their numbers in that circuit.
    observable
        Its observable.
    gradients, capacity, structure, simulation
        The answers to the four questions.
    suggestions
        What to do, at most five.
    seconds
        What it all took.
    """

    name: str
    sizes: tuple[int, ...]
    parameters: int
    gates: int
    observable: str
    gradients: Answer
    capacity: Answer
    structure: Answer
    simulation: Answer
    suggestions: tuple[Suggestion, ...]
    seconds: float

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers by name."""
        return {
            "gradients": self.gradients,
            "capacity": self.capacity,
            "structure": self.structure,
            "simulation": self.simulation,
        }

    def to_plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "sizes": list(self.sizes),
            "parameters": self.parameters,
            "gates": self.gates,
            "observable": self.observable,
            **{name: answer.to_plain() for name, answer in self.answers.items()},
            "suggestions": [suggestion.to_plain() for suggestion in self.suggestions],
            "seconds": self.seconds,
        }

    def __str__(self) -> str:
        from trainscape.diagnosis.text import diagnosis_text

        return diagnosis_text(self)

    def _repr_html_(self) -> str:
        from trainscape.diagnosis.page import diagnosis_html

        return diagnosis_html(self)

    def plot(self) -> Any:
        """Draw the gradients, and the law of a family, as a matplotlib figure."""
        from trainscape.diagnosis.drawing import draw

        return draw(self)
