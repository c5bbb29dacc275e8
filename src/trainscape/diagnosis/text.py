"""A diagnosis as text for a terminal."""

from __future__ import annotations

from textwrap import fill

from trainscape.diagnosis.results import Answer, Diagnosis, Suggestion

__all__ = ["diagnosis_text"]

WIDTH = 100


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """Return a diagnosis as people read it."""
    sizes = ", ".join(str(size) for size in diagnosis.sizes)
    counts = f"{diagnosis.parameters} parameters, {diagnosis.gates} gates"
    lines = [f"{diagnosis.name}: {sizes} qubits, {counts}, observable {diagnosis.observable}"]
    if len(diagnosis.sizes) > 1:
        lines.append(f"(a family; all but the law is about {diagnosis.sizes[-1]} qubits)")
    for answer in diagnosis.answers.values():
        lines += ["", *_answer(answer)]
    if diagnosis.suggestions:
        lines += ["", "What to do"]
        for index, suggestion in enumerate(diagnosis.suggestions, 1):
            lines += _suggestion(index, suggestion)
    lines += ["", f"all of this took {diagnosis.seconds:.1f} s"]
    return "\n".join(lines)


def _answer(answer: Answer) -> list[str]:
    lines = [f"{answer.question}  {answer.verdict.upper()}"]
    lines.append(fill(answer.reason, WIDTH, initial_indent="  ", subsequent_indent="  "))
    width = max((len(finding.label) for finding in answer.findings), default=0)
    for finding in answer.findings:
        mark = " (extrapolated)" if finding.extrapolated else ""
        label = finding.label.ljust(min(width, 60))
        text = f"{label}  {finding.text()}{mark}"
        # How an extrapolated cost was continued stands in its own text.
        how = "" if finding.extrapolated else finding.method
        notes = "; ".join(note for note in (how, finding.cost()) if note)
        if notes:
            text += f"   ({notes})"
        lines.append(fill(text, WIDTH, initial_indent="    ", subsequent_indent="        "))
    return lines


def _suggestion(index: int, suggestion: Suggestion) -> list[str]:
    gain = suggestion.gain()
    told = f"; E[g^2] times {gain}" if gain else ""
    text = f"{index}. {suggestion.action}: {suggestion.because}{told}"
    return [fill(text, WIDTH, initial_indent="  ", subsequent_indent="     ")]
