"""A rule made of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trainscape.studies.kit.judge import NOTHING, BaseRule
from trainscape.studies.reporting import Outcome

__all__ = ["AllOf"]


@dataclass(frozen=True, kw_only=True)
class AllOf(BaseRule):
    """Several rules hold together. `Evidence.data` maps their names to what each of them judges.

    Any part that is not reproduced refutes the claim. Any condition that does not hold makes it
    conditional. The number that is reported is that of the first part.

    Parameters
    ----------
    parts, conditions
        Name to rule.
    """

    quantity: str = ""
    parts: Mapping[str, BaseRule]
    conditions: Mapping[str, BaseRule] = field(default_factory=dict)

    @property
    def condition(self) -> str:
        """All parts and conditions."""
        text = "; and ".join(rule.text for rule in self.parts.values())
        if self.conditions:
            text += f"; conditional unless {' and '.join(r.text for r in self.conditions.values())}"
        return text

    def decide(self, data: Mapping[str, Any]) -> Outcome:
        """Judge every part, then every condition."""

        def outcomes(rules: Mapping[str, BaseRule]) -> dict[str, Outcome]:
            return {
                name: NOTHING if data.get(name) is None else rule.decide(data[name])
                for name, rule in rules.items()
            }

        def reasons(chosen: Mapping[str, Outcome]) -> str:
            return "; ".join(f"{name}: {outcome.reason}" for name, outcome in chosen.items())

        parts = outcomes(self.parts)
        first = next(iter(parts.values()))
        for verdict in ("not reproduced", "undecided", "conditional"):
            decisive = {name: part for name, part in parts.items() if part.verdict == verdict}
            if decisive:
                return replace(first, verdict=verdict, reason=reasons(decisive))
        unmet = {
            name: part
            for name, part in outcomes(self.conditions).items()
            if part.verdict != "reproduced"
        }
        if unmet:
            return replace(first, verdict="conditional", reason=reasons(unmet))
        return first
