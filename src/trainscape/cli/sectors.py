"""`trainscape sectors`: the sectors of the algebra that a user's generators make.

Imports what it needs when it runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.pipeline.errors import ConfigError, TrainscapeError

if TYPE_CHECKING:
    from trainscape.physics.bond_algebra import Decomposition
    from trainscape.physics.generator_files import Generators

__all__ = ["sectors"]

LARGEST_COMPONENT = 8192
"""Largest connected component, in states, that is diagonalised: about 3 GiB and a few minutes for
real generators."""
NULL_SPACE_DIMENSION = 32
"""Largest dimension at which the commutant is counted a second time, by a null space (below a
second)."""
SITE_ORDER = "site 0 = leftmost letter"
NOTE_SECONDS = 5.0
"""Estimated time above which the cost is announced."""


def sectors(
    generators: Annotated[
        Path,
        typer.Argument(
            help="Text file with one Pauli sum a line, as in '0.5*XXI + 0.5*YYI' (leftmost "
            "letter = site 0) or '0.5 X0 X1 + 0.5 Y0 Y1'; or .npz of Hermitian matrices."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of a table.")
    ] = False,
    seed: Annotated[
        int,
        typer.Option(min=0, help="Seed of the random elements; the sectors do not depend on it."),
    ] = 0,
) -> None:
    """Split the space into the sectors of the algebra that local Hermitian generators make.

    The result lists Krylov dimensions and multiplicities.

    Nothing but the generators is used: no symmetry has to be known, and their order, scale and
    common basis do not matter. The result is proved up to rounding, or refused.

    GENERATORS is a text file with one Hermitian generator a line, as in `0.5*XXI + 0.5*YYI` (#
    starts a comment), or an `.npz` file of Hermitian matrices on the full space, one array each or
    stacked. Example: `trainscape sectors bonds.txt --json`.
    """
    from trainscape.physics.bond_algebra import DecompositionError, decompose, search_cost
    from trainscape.physics.generator_files import read_generators

    try:
        given = read_generators(generators)
        cost = search_cost(given.matrices)
    except FileNotFoundError:
        raise ConfigError(
            f"{generators}: no such file; give a text file of Pauli sums or an .npz file of "
            "Hermitian matrices"
        ) from None
    except ValueError as error:
        raise ConfigError(f"{generators}: {error}") from None
    order = given.matrices[0].shape[0]
    if cost.largest_component > LARGEST_COMPONENT:
        raise ConfigError(
            f"{generators}: the generators join {cost.largest_component} of {order} basis states, "
            f"and up to {LARGEST_COMPONENT} can be diagonalised; use fewer sites, or a basis in "
            "which a conserved quantity is diagonal"
        )
    if cost.seconds > NOTE_SECONDS:
        minutes, gigabytes = max(1.0, cost.seconds / 60), cost.memory / 2**30
        _say(
            f"{order} states, up to {cost.largest_component} of them joined by the generators: "
            f"about {minutes:.0f} min and {gigabytes:.1f} GiB"
        )
    import numpy as np

    try:
        decomposition = decompose(given.matrices, np.random.default_rng(seed), progress=_say)
    except DecompositionError as error:
        if as_json:
            typer.echo(json.dumps(_refused(str(error)), indent=1))
        raise TrainscapeError(
            f"{generators}: refused: {error}. Another --seed draws another random element"
        ) from None
    report = _report(given, decomposition, seed)
    if as_json:
        typer.echo(json.dumps(report, indent=1))
    else:
        _show(report, str(generators))
    if not report["accepted"]:
        raise TrainscapeError(f"{generators}: not accepted: {report['warnings'][0]}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _refused(message: str) -> dict[str, Any]:
    """Return the document of a decomposition that was not accepted."""
    unknown = (
        "krylov_dimension_sum",
        "algebra_dimension",
        "commutant_dimension",
        "lie_algebra_dimension",
        "basis_components",
        "krylov_spaces",
    )
    bounds = ("krylov_spaces_in_given_basis", "krylov_dimension_sum_bound")
    return {
        **dict.fromkeys(("sites", "site_order")),
        "sectors": [],
        **dict.fromkeys((*unknown, *bounds, "fragmented", "fragmented_because")),
        "accepted": False,
        "warnings": [message],
    }


def _report(given: Generators, decomposition: Decomposition, seed: int) -> dict[str, Any]:
    """Return what is printed, in the order of the documented JSON."""
    from trainscape.physics.bond_algebra import commutant_null_space_dimension
    from trainscape.physics.fragmentation import judge_one_size
    from trainscape.physics.krylov_spaces import krylov_sum_bound, summarise

    summary = summarise(decomposition)
    warnings = []
    accepted = True
    if summary.dimension <= NULL_SPACE_DIMENSION:
        counted = commutant_null_space_dimension(given.matrices)
        if counted != summary.commutant_dimension:
            accepted = False
            warnings.append(
                f"the null space of the commutators has dimension {counted}, but the sectors give "
                f"{summary.commutant_dimension}: do not use this result"
            )
    lie, reason = _lie_algebra_dimension(given, decomposition, seed)
    if reason:
        warnings.append(f"lie_algebra_dimension is not computed: {reason}")
    fragmented, because = judge_one_size(summary)
    return {
        "sites": given.sites,
        "site_order": SITE_ORDER,
        "sectors": [{"dimension": n, "multiplicity": copies} for n, copies in summary.sectors],
        "krylov_dimension_sum": summary.krylov_dimension_sum,
        "algebra_dimension": summary.algebra_dimension,
        "commutant_dimension": summary.commutant_dimension,
        "lie_algebra_dimension": lie,
        "basis_components": summary.components,
        "krylov_spaces": summary.krylov_spaces,
        "krylov_spaces_in_given_basis": summary.product_basis,
        "krylov_dimension_sum_bound": krylov_sum_bound(given.terms) if given.terms else None,
        "fragmented": fragmented,
        "fragmented_because": because,
        "accepted": accepted,
        "warnings": warnings,
    }


def _lie_algebra_dimension(
    given: Generators, decomposition: Decomposition, seed: int
) -> tuple[int | None, str]:
    """Return the dimension of the dynamical Lie algebra, or None and why not."""
    import numpy as np

    from trainscape.physics.lie_algebra import (
        LieAlgebraError,
        lie_algebra_dimension,
        pauli_lie_algebra_dimension,
    )

    try:
        if given.strings is not None:
            return pauli_lie_algebra_dimension(given.strings, limit=20_000), ""
        return lie_algebra_dimension(
            [sector.generators for sector in decomposition.sectors], np.random.default_rng(seed)
        ), ""
    except LieAlgebraError as error:
        return None, str(error)


def _show(report: dict[str, Any], title: str) -> None:
    """Print tables: equal sectors on one line, then the sums."""
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(title=f"Sectors of {title}")
    for heading in ("Krylov dimension N", "copies N'", "sectors of this kind"):
        table.add_column(heading, justify="right")
    kinds = Counter((sector["dimension"], sector["multiplicity"]) for sector in report["sectors"])
    for (dimension, multiplicity), count in sorted(kinds.items()):
        table.add_row(str(dimension), str(multiplicity), str(count))
    console.print(table)
    for name, value in _lines(report):
        console.print(f"{name:<58}{value}", highlight=False, soft_wrap=True)
    console.print(f"  {report['fragmented_because']}", highlight=False, soft_wrap=True)
    for warning in report["warnings"]:
        _say(f"warning: {warning}")


def _lines(report: dict[str, Any]) -> Sequence[tuple[str, str]]:
    bound = report["krylov_dimension_sum_bound"]
    lie = report["lie_algebra_dimension"]
    basis = (
        "yes: any fragmentation is classical in it"
        if report["krylov_spaces_in_given_basis"]
        else "no"
    )
    sites = "unknown: matrices have no sites" if report["sites"] is None else str(report["sites"])
    return (
        (f"sites ({SITE_ORDER})", sites),
        ("sum of Krylov dimensions, each counted once", str(report["krylov_dimension_sum"])),
        (
            "  not below, by disjoint supports",
            str(bound)
            if bound is not None
            else "unknown: matrices on the full space have no supports",
        ),
        ("Krylov spaces with all copies", str(report["krylov_spaces"])),
        ("connected components of the given basis", str(report["basis_components"])),
        ("Krylov spaces spanned by states of the given basis", basis),
        ("dimension of the associative algebra", str(report["algebra_dimension"])),
        ("dimension of the commutant", str(report["commutant_dimension"])),
        ("dimension of the dynamical Lie algebra", str(lie) if lie is not None else "not computed"),
        ("fragmented, as far as one size can tell", report["fragmented"]),
        ("accepted", "yes" if report["accepted"] else "NO"),
    )
