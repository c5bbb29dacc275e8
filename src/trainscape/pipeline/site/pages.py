"""The pages of a report: templates filled with what a run has. Knows no folder to write to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from posixpath import relpath
from typing import TYPE_CHECKING, Any

from trainscape.pipeline.claims_files import ORIGINS, VERDICTS, number
from trainscape.pipeline.site.atlas import PDF, AtlasPage
from trainscape.pipeline.site.comparison import Comparison
from trainscape.pipeline.site.contents import Claim, Figure, StageCost, Study
from trainscape.pipeline.site.formulas import as_html, as_plain

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["STYLE", "data_path", "pages"]

STYLE = "style.css"
_TEMPLATES = "trainscape.pipeline.site.templates"
_MARKS = dict(zip(VERDICTS, ("✓", "◐", "✕", "?"), strict=True))


def data_path(figure: Figure, suffix: str) -> str:
    """Return where the report has a file of a figure, relative to its folder."""
    return f"data/{figure.study}/{figure.name}.{suffix}"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    if value < 100:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def _bytes(value: int) -> str:
    return "" if not value else f"{value / 2**20:,.0f} MiB"


def _fact(value: Any) -> str:
    """Return a fact of a claim as text: numbers with four digits, lists on one line.

    What is infinite, or was not decided, is written ``open``, as in `number`.
    """
    if value is None:
        return "open"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        inside = ", ".join(_fact(one) for one in value)
        return f"[{inside}]" if any(isinstance(one, list) for one in value) else f"({inside})"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_fact(one)}" for key, one in value.items())
    return json.dumps(value)


def _breaks(name: object) -> Any:
    """Let a long name break after its underscores, hyphens and slashes."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([_/\-.])", r"\1<wbr>", str(escape(name))))


def _interval(text: str) -> Any:
    """Keep an interval on one line, where the number before it may stand on another."""
    from markupsafe import Markup, escape

    value, bracket, rest = str(escape(text)).partition("[")
    inside = f'<span class="interval">{bracket}{rest}</span>' if bracket else ""
    return Markup(value + inside)


def _numeric(column: Iterable[str]) -> bool:
    """Return whether all entries of a column are numbers or nothing."""

    def is_number(text: str) -> bool:
        try:
            float(text)
        except ValueError:
            return not text
        return True

    return all(is_number(text) for text in column)


def _table(figure: Figure) -> dict[str, Any]:
    rows, count = figure.table()
    header, *body = rows or [[]]
    right = [_numeric(row[place] for row in body) for place in range(len(header))]

    def short(text: str) -> str:
        try:
            value = float(text)
        except ValueError:
            return text
        return text if len(text) <= 8 else f"{value:.5g}"

    cells = [[short(text) for text in row] for row in body]
    return {"header": header, "rows": cells, "right": right, "count": count}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def load(name: str) -> str:
        return files(_TEMPLATES).joinpath(name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        formulas=as_html,
        plain=as_plain,
        number=number,
        fact=_fact,
        breaks=_breaks,
        interval=_interval,
        seconds=_seconds,
        bytes=_bytes,
        table=_table,
        counts=_counts,
        total=_total,
        environments=_environments,
        commits=_commits,
    )
    environment.globals.update(origins=ORIGINS, verdicts=VERDICTS, marks=_MARKS, data=data_path)
    return environment


def _counts(claims: Iterable[Claim]) -> list[tuple[str, int]]:
    """Return how many claims came to each verdict, without those to which none came."""
    found = Counter(claim.record["verdict"] for claim in claims)
    return [(verdict, found[verdict]) for verdict in VERDICTS if found[verdict]]


def _total(costs: Iterable[StageCost]) -> dict[str, Any]:
    """Return the sums over stages. Plan and chunks are compared over finished stages alone."""
    kept = list(costs)
    finished = [one for one in kept if one.state == "complete"]
    return {
        "planned": sum(one.planned for one in finished),
        "chunks": sum(one.chunks for one in finished),
        "job": sum(one.job or 0.0 for one in kept),
        "finished": len(finished),
        "all": len(kept),
    }


def _environments(studies: Iterable[Study]) -> list[tuple[dict[str, Any], int]]:
    """Return the different machines and versions that jobs ran with, and how many each had."""
    keys = ("host", "processor", "platform", "threads", "versions")
    found: Counter[str] = Counter(
        json.dumps({key: one.get(key, {}) for key in keys})
        for study in studies
        for one in study.facts
    )
    return [(json.loads(text), count) for text, count in found.most_common()]


def _commits(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """Return the states of the code that jobs ran with, the last one first."""
    found: dict[tuple[str, bool], list[str]] = {}
    for study in studies:
        for one in study.facts:
            key = (one.get("commit", ""), bool(one.get("dirty")))
            found.setdefault(key, []).append(one.get("ended", ""))
    rows = [
        {"commit": commit, "dirty": dirty, "jobs": len(ended), "last": max(ended)}
        for (commit, dirty), ended in found.items()
    ]
    return sorted(rows, key=lambda row: row["last"], reverse=True)


def _claim_pages(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    figures = {figure.name: figure for figure in study.figures}
    claims = study.claims
    for place, claim in enumerate(claims):
        yield (
            claim.page,
            {
                "claim": claim,
                "figure": figures.get(claim.record["figure"] or ""),
                "before": claims[place - 1] if place else None,
                "after": claims[place + 1] if place + 1 < len(claims) else None,
            },
        )


def pages(
    studies: list[Study],
    preset: str,
    command: str,
    comparison: Comparison | None,
    atlas: AtlasPage | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file of the report but the figures'.

    Parameters
    ----------
    studies
        What there is of each study.
    preset
        Its name.
    command
        What was typed, for the foot of the pages.
    comparison
        The differences from another run, if one was named.
    atlas
        The atlas, if a group takes part in it.
    """
    cited: dict[tuple[str, str], list[Claim]] = {}
    for study in studies:
        for claim in study.claims:
            cited.setdefault((study.name, claim.record["figure"] or ""), []).append(claim)
    contents: list[tuple[str, str, Mapping[str, Any]]] = [
        ("index.html", "claims.html", {}),
        ("figures.html", "figures.html", {"cited": cited}),
        ("cost.html", "cost.html", {}),
        ("environment.html", "environment.html", {}),
    ]
    if atlas is not None:
        shown, kinds = ({row[name] for row in atlas.rows} for name in ("study", "kind"))
        about = {"pdf": PDF, "shown": shown, "kinds": kinds}
        contents.append(("atlas.html", "atlas.html", about))
    if comparison is not None:
        contents.append(("difference.html", "difference.html", {"difference": comparison}))
    for study in studies:
        contents += [(path, "claim.html", values) for path, values in _claim_pages(study)]
    common = {"studies": studies, "preset": preset, "command": command, "atlas": atlas}
    for path, template, values in contents:
        # Every link is relative, so that the folder works wherever it is copied to.
        root = relpath(".", path.rpartition("/")[0] or ".")
        text = (
            _environment()
            .get_template(template)
            .render(**common, **values, here=path, root=root, compared=comparison is not None)
        )
        yield path, text
    yield STYLE, files(_TEMPLATES).joinpath(STYLE).read_text(encoding="utf-8")
