r"""Do gradients vanish? The verdict for one circuit, and the law for a family.

For one circuit, with the mean squared derivative M over its live parameters, the value
:math:`M_2` of a 2-design on its light cone, and the shots :math:`\|O\|^2 / M` that resolve a
derivative to its own size (:math:`\|O\|` at most the sum of the absolute weights):

==============  =================================================================================
verdict         rule
==============  =================================================================================
vanishing       M, its whole interval, is below 4 M_2, and the light cone has 6 qubits at least
visible         10^5 shots resolve a derivative, by the lower end of M, and M is above 4 M_2 or
                the light cone has fewer than 6 qubits
undecided       else: one size does not tell a power from an exponential; give a family
flat            every derivative is zero
no parameters   there are none
==============  =================================================================================

It is about all angles; where the gradient in a patch or at the given point is another matter, the
reason says so. A family is judged by `families`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trainscape.circuits.circuit import Problem
from trainscape.diagnosis.algebra import Algebra, predicted_moment, two_design_moment
from trainscape.diagnosis.families import law_findings
from trainscape.diagnosis.generators import Generators
from trainscape.diagnosis.results import Answer, Finding, plain
from trainscape.diagnosis.slopes import Slopes
from trainscape.physics.pauli import PauliSum

__all__ = ["QUESTION", "Member", "gradients"]

QUESTION = "Do gradients vanish?"

FLAT_FACTOR = 4.0
LEAST_CONE = 6
VISIBLE_SHOTS = 1e5


@dataclass(frozen=True)
class Member:
    """What was measured of one circuit.

    Parameters
    ----------
    problem
        The circuit.
    generators, algebra
        What is known of its generators.
    point, patch, anywhere
        Squared derivatives at the given point, in the patch, and over all angles.
    place
        The middle of the patch, in words.
    width
        Standard deviation of the angles of the patch.
    """

    problem: Problem
    generators: Generators | None
    algebra: Algebra | None
    point: Slopes | None
    patch: Slopes | None
    anywhere: Slopes | None
    place: str
    width: float

    @property
    def size(self) -> int:
        """Number of qubits."""
        return self.problem.circuit.num_qubits

    @cached_property
    def predicted(self) -> float | None:
        """What the Lie algebra predicts for a deep circuit, see `predicted_moment`."""
        known = self.generators
        return None if known is None else predicted_moment(known, self.algebra)


def gradients(members: Sequence[Member], names: Sequence[str]) -> Answer:
    """Answer the question of this module.

    Parameters
    ----------
    members
        The circuits, by size; one, or a family.
    names
        Names of the parameters of the last.
    """
    last = members[-1]
    if last.problem.circuit.num_parameters == 0:
        return Answer(QUESTION, "no parameters", "the circuit has none")
    findings = _findings(last)
    verdict, reason = _single(last)
    details: dict[str, object] = {"parameters": _by_parameter(last, names)}
    if len(members) > 1:
        kept = [one for one in members if one.anywhere is not None]
        verdict, law, more = law_findings(
            [one.size for one in kept], [one.anywhere.mean for one in kept if one.anywhere]
        )
        reason = f"E[g^2] over all angles {law}"
        findings = more + findings
        details["family"] = [_row(one) for one in members]
        patched = [one for one in members if one.patch is not None]
        if len(patched) > 1:
            word, text, _ = law_findings(
                [one.size for one in patched], [one.patch.mean for one in patched if one.patch]
            )
            findings.append(
                Finding("patch_law", "law in the patch", word, f"E[g^2] in the patch {text}")
            )
    return Answer(QUESTION, verdict, reason, tuple(findings), details)


def _norm(problem: Problem) -> float:
    """Return a bound of the norm of the observable."""
    if isinstance(problem.observable, PauliSum):
        return float(sum(abs(weight) for weight, _ in problem.observable.terms))
    return 1.0


def _single(member: Member) -> tuple[str, str]:
    anywhere = member.anywhere
    if anywhere is None:
        return "undecided", "no method here computes the gradient of this circuit within the budget"
    if anywhere.mean.value == 0:
        return "flat", "every derivative that was looked at is zero at all angles"
    value, low, high = anywhere.mean.value, anywhere.mean.low, anywhere.mean.high
    shots = _norm(member.problem) ** 2 / max(low, 1e-300)
    told = ""
    if member.generators is not None:
        two = two_design_moment(member.generators)
        cone = member.generators.num_qubits
        told = (
            f"E[g^2] = {value:.3g} is {value / two:.3g} times that of a 2-design on {cone} qubits"
        )
        if high < FLAT_FACTOR * two and cone >= LEAST_CONE:
            return "vanishing", told + _elsewhere(member)
        if shots <= VISIBLE_SHOTS and (low > FLAT_FACTOR * two or cone < LEAST_CONE):
            return "visible", f"{told}; about {shots:.1g} shots resolve a derivative"
    text = f"E[g^2] = {value:.3g}; about {shots:.1g} shots resolve a derivative"
    return "undecided", f"{text}; one size does not tell a law: give a family with --sizes"


def _elsewhere(member: Member) -> str:
    """Return where the gradient is larger, if it was looked at there."""
    for slopes, words in ((member.point, f"at {member.place}"), (member.patch, "in the patch")):
        if slopes is None or member.anywhere is None:
            continue
        gain = slopes.mean.value / max(member.anywhere.mean.value, 1e-300)
        if gain > FLAT_FACTOR:
            return f"; {words} it is {gain:.3g} times larger"
    return ""


def _findings(member: Member) -> list[Finding]:
    found = []
    for name, label, slopes in (
        ("all_angles", "mean E[g^2] of a parameter over all angles", member.anywhere),
        (
            "patch",
            f"the same in a patch of width {member.width:.3g} around {member.place}",
            member.patch,
        ),
        ("point", f"mean g^2 with all angles at {member.place}", member.point),
    ):
        if slopes is not None:
            found.append(Finding(name, label, slopes.mean, slopes.method, slopes.seconds))
    total = None if member.anywhere is None else member.anywhere.total
    if total is not None:
        label = "E|grad|^2, of all parameters together"
        found.append(Finding("gradient_norm", label, total, "the sum of E[g^2]"))
    if member.anywhere is not None:
        found.append(
            Finding(
                "dead_parameters",
                "parameters on which the loss does not depend",
                member.anywhere.dead,
                member.anywhere.method,
            )
        )
        low = member.anywhere.mean.low
        if low > 0:
            shots = _norm(member.problem) ** 2 / low
            found.append(
                Finding(
                    "shots", "shots that resolve a derivative, at most", shots, "|O|^2 / E[g^2]"
                )
            )
    if member.generators is not None:
        two = two_design_moment(member.generators)
        cone = member.generators.num_qubits
        found.append(Finding("two_design", f"of a 2-design on {cone} qubits", two, "exact formula"))
        if member.predicted is not None:
            label = "predicted for a deep circuit of these gates"
            found.append(Finding("predicted", label, member.predicted, "Lie algebra, exact"))
    return found


def _by_parameter(member: Member, names: Sequence[str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for index, name in enumerate(names):
        row: dict[str, object] = {"parameter": name}
        for key, slopes in (
            ("all_angles", member.anywhere),
            ("patch", member.patch),
            ("point", member.point),
        ):
            if slopes is not None and np.isfinite(slopes.moments[index]):
                row[key] = {
                    "value": float(slopes.moments[index]),
                    "low": float(slopes.low[index]),
                    "high": float(slopes.high[index]),
                }
        rows.append(row)
    return rows


def _row(member: Member) -> dict[str, object]:
    row: dict[str, object] = {
        "qubits": member.size,
        "parameters": member.problem.circuit.num_parameters,
    }
    for key, slopes in (("all_angles", member.anywhere), ("patch", member.patch)):
        if slopes is not None:
            row[key] = plain(slopes.mean)
    if member.generators is not None:
        row["two_design"] = two_design_moment(member.generators)
        row["predicted"] = member.predicted
        row["light_cone"] = member.generators.num_qubits
    if member.algebra is not None:
        row["lie_algebra"] = member.algebra.name
        row["lie_dimension"] = member.algebra.dimension
    return row
