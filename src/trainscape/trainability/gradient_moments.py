"""The second moments of a circuit's derivatives, as a result that prints and draws itself."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trainscape.simulators.pauli.moments import Patch
from trainscape.trainability.angle_patches import patch_text
from trainscape.trainability.intervals import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FEW", "GradientMoments"]

FEW = 30
"""Walks of equal weight below which a moment is said to rest on few."""

WIDE = 0.5
"""Width of an interval, relative to the moment, above which few walks are told."""

SHOWN = 40
"""Rows of a table that people read, at most."""


@dataclass(frozen=True, eq=False)
class GradientMoments:
    """Second moments ``E[(dC/dtheta_k)^2]`` over random angles.

    ``result[k]`` is the `Estimate` of parameter k, or of the parameter with a name, and ``len`` and
    iteration run over the parameters that were asked for.

    Parameters
    ----------
    parameters
        Indices of the parameters, in the order in which they were asked for.
    names
        Their names.
    estimates
        A second moment with its interval for each.
    effective
        Number of equal weights with the same relative spread for each; infinite where a moment is
        exact.
    patch
        Distribution of the angles.
    observable
        The observable as text.
    method
        How they were computed, in a few words.
    walks
        Random walks, or draws of angles, behind each moment; 0 where all are exact.
    seconds
        Time that it took.
    """

    parameters: tuple[int, ...]
    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    effective: NDArray[np.float64]
    patch: Patch
    observable: str
    method: str
    walks: int
    seconds: float

    def __len__(self) -> int:
        return len(self.estimates)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.estimates)

    def __getitem__(self, parameter: int | str) -> Estimate:
        known: tuple[int | str, ...] = self.names if isinstance(parameter, str) else self.parameters
        if parameter not in known:
            raise KeyError(
                f"no moment of the parameter {parameter!r} was asked for; there are those of "
                f"{_some(known)}"
            )
        return self.estimates[known.index(parameter)]

    @property
    def values(self) -> NDArray[np.float64]:
        """The second moments without their errors, shape ``(K,)``."""
        return np.array([estimate.value for estimate in self.estimates])

    @property
    def few(self) -> int:
        """How many of the moments rest on few walks, and have a wide interval for it."""
        wide = [one.high - one.low > WIDE * one.value for one in self.estimates]
        return int(((self.effective < FEW) & wide).sum())

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, ready for JSON: what ``trainscape moments`` prints."""
        sampled = self.effective[np.isfinite(self.effective)]
        return {
            "moments": [
                {
                    "parameter": name,
                    "index": index,
                    "value": estimate.value,
                    "low": estimate.low,
                    "high": estimate.high,
                    "exact": estimate.low == estimate.high,
                    "effective": None if math.isinf(effective) else float(effective),
                }
                for name, index, estimate, effective in zip(
                    self.names, self.parameters, self.estimates, self.effective, strict=True
                )
            ],
            "level": self._level,
            "angles": patch_text(self.patch),
            "observable": self.observable,
            "method": self.method,
            "walks": self.walks,
            "effective": float(sampled.min()) if len(sampled) else None,
            "seconds": self.seconds,
        }

    @property
    def _level(self) -> float:
        return min((estimate.level for estimate in self.estimates), default=1.0)

    @property
    def _heading(self) -> str:
        return f"{100 * self._level:.0f} % interval" if self._level < 1 else "interval"

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return parameter, moment, interval and number of walks as texts, for people.

        Moments that are exactly zero are left out where there are others; if there are many, only
        the largest are there.
        """
        places = [k for k, estimate in enumerate(self.estimates) if estimate.high > 0]
        places = places or list(range(len(self)))
        if len(places) > SHOWN:
            places.sort(key=lambda k: (-self.estimates[k].value, -self.estimates[k].high, k))
            places = places[:SHOWN]
        return [
            (
                self.names[k],
                *_cells(self.estimates[k]),
                "" if math.isinf(self.effective[k]) else f"{self.effective[k]:.0f}",
            )
            for k in places[:SHOWN]
        ]

    def lines(self) -> list[str]:
        """Return what is to be said beside the table: what, how, and what to do about few walks."""
        lines = [
            f"observable {_short(self.observable)}   (qubit 0 = leftmost letter)",
            f"angles: independent, {patch_text(self.patch)}",
            f"method: {self.method}"
            + (f"; --walks {self.walks}" if self.walks else ", without error")
            + f"; {self.seconds:.3g} s",
        ]
        zero = sum(estimate.high == 0 for estimate in self.estimates)
        if len(self) - zero > SHOWN:
            lines.insert(0, f"the {SHOWN} largest of {len(self) - zero} moments above zero")
        if zero:
            lines.append(
                f"exactly zero: {zero} of {len(self)}, since no path of the observable to the "
                "initial state leads through them"
            )
        if self.few:
            lines.append(
                f"few walks: {self.few} of {len(self)} moments rest on fewer than {FEW}. Their "
                f"intervals hold, but are wide: four times as many walks ({4 * self.walks}) make "
                "them about half as wide; where none counts, the moment may be out of reach"
            )
        return lines

    def __str__(self) -> str:
        table = (("parameter", "E[(dC/dt)^2]", self._heading, "walks"), *self.rows())
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([*lines, *self.lines()])

    def _repr_html_(self) -> str:
        head = ("parameter", "E[(∂C/∂θ)²]", self._heading, "walks")
        columns, *body = (
            "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
            for tag, row in (("th", head), *(("td", row) for row in self.rows()))
        )
        rows = "".join(f"<tr>{cells}</tr>" for cells in (columns, *body))
        notes = "<br>".join(html.escape(line) for line in self.lines())
        return f"<table>{rows}</table><p>{notes}</p>"

    def plot(self) -> Figure:
        """Draw the moments by parameter on a logarithmic axis, with their intervals.

        Moments that are exactly zero are left out; those of which only an upper end is known are
        arrows downwards.
        """
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator

        figure = Figure(figsize=(5.5, 3.2), layout="constrained")
        axes = figure.add_subplot()
        for style, (places, chosen) in self._series().items():
            if not chosen:
                continue
            if style == "bound":
                axes.plot(
                    places, [one.high for one in chosen], "v", mfc="none", ms=4,
                    label=f"upper end, {100 * self._level:.0f} %",
                )  # fmt: skip
                continue
            values = np.array([one.value for one in chosen])
            ends = np.array([[one.low, one.high] for one in chosen]).T
            spread = np.maximum([values - ends[0], ends[1] - values], 0.0)
            axes.errorbar(places, values, yerr=spread, fmt="o", ms=3, lw=1, label="moment")
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("parameter k")
        axes.set_ylabel(r"$E[(\partial C/\partial\theta_k)^2]$")
        axes.set_title(patch_text(self.patch), fontsize="medium")
        if axes.lines:
            figure.legend(fontsize="small", loc="outside lower center", ncols=2)
        return figure

    def _series(self) -> dict[str, tuple[list[int], list[Estimate]]]:
        series: dict[str, tuple[list[int], list[Estimate]]] = {
            "moment": ([], []),
            "bound": ([], []),
        }
        for index, estimate in zip(self.parameters, self.estimates, strict=True):
            if estimate.high > 0:
                places, chosen = series["moment" if estimate.value > 0 else "bound"]
                places.append(index)
                chosen.append(estimate)
        return series


def _cells(estimate: Estimate) -> tuple[str, str]:
    """Return a moment and its interval as texts."""
    if estimate.low == estimate.high:
        return f"{estimate.value:.6g}", "exact"
    if estimate.value == 0:
        return "none seen", f"below {estimate.high:.2g}"
    ends = estimate.told_ends(4)
    return str(estimate), " to ".join(ends) if ends else "known to seven digits"


def _some(known: tuple[int | str, ...]) -> str:
    shown = ", ".join(map(str, known[:6]))
    return shown + (f", ... ({len(known)})" if len(known) > 6 else "")


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."
