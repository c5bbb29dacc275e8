"""The atlas of a report: points of all finished groups, their page's pictures, and a PDF.

The one part of a report that opens stores and draws: it imports numerical libraries, and only if a
group has a module ``atlas``.
"""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from trainscape.pipeline.fingerprint import source_of
from trainscape.pipeline.request import Request
from trainscape.pipeline.site.contents import Study
from trainscape.pipeline.site.formulas import as_plain
from trainscape.storage.manifest import ManifestMissingError

__all__ = ["PDF", "AtlasPage", "Picture", "atlas_module", "collect_atlas"]

PDF = "atlas.pdf"
"""Name of the PDF in the folder of the report."""
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"


@dataclass(frozen=True)
class Picture:
    """One panel: its title, and the SVG that stands in the page."""

    name: str
    title: str
    svg: str


@dataclass(frozen=True)
class AtlasPage:
    """What the page of the atlas shows.

    Parameters
    ----------
    rows
        The points as plain values, with ``study``, ``group``, and ``page``, the path of the claim's
        page in the report, empty if there is none.
    families
        One row for each family, see `trainscape.studies.kit.atlas_laws.family_rows`.
    pictures
        The panels.
    pdf
        The same as a file.
    missing
        Groups that take part and are not finished: study, group, and what is not there.
    left_out
        Systems without a place on the axes: study, what, and why.
    colours, marks
        Colour of each study, and sign of each kind of family.
    """

    rows: list[dict[str, Any]]
    families: list[dict[str, Any]]
    pictures: list[Picture]
    pdf: bytes
    missing: list[tuple[str, str, str]]
    left_out: list[tuple[str, str, str]]
    colours: Mapping[str, str]
    marks: Mapping[str, str]


def atlas_module(request: Request) -> str | None:
    """Return the name of the module by which a group takes part, if it has one."""
    step = request.draw or request.judge
    if step is None:
        return None
    name = f"{step.module.rpartition('.')[0]}.atlas"
    return name if source_of(name) else None


def _claim_page(claims: Mapping[str, str], name: str) -> str:
    """Return the page of a claim, or of its first case: cases end the claim's id."""
    if not name:
        return ""
    cases = [page for claim, page in claims.items() if claim.startswith(f"{name}-")]
    return claims.get(name) or (cases[0] if cases else "")


def _inline(svg: str, name: str, titles: Sequence[Sequence[str]]) -> str:
    """Return the SVG of a panel as a part of a page.

    Names in it are made its own, points get their titles, which browsers show, and links in it are
    left out of the order of the keyboard, because a table below has them.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(svg)
    for element in root.findall(f"{{{SVG}}}metadata"):
        root.remove(element)
    for element in root.iter():
        match = re.fullmatch(r"points-(\d+)", element.get("id", ""))
        if match:
            points = [child for child in element if child.tag != f"{{{SVG}}}defs"]
            for child, text in zip(points, titles[int(match[1])], strict=True):
                title = ET.Element(f"{{{SVG}}}title")
                title.text = text
                child.insert(0, title)
        if element.get("id"):
            element.set("id", f"{name}-{element.get('id')}")
        for key, value in list(element.items()):
            if key.endswith("href") and value.startswith("#"):
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))
        if element.tag == f"{{{SVG}}}a":
            element.set("tabindex", "-1")
            element.attrib.pop("target", None)
    # The page gives it its width; the shape is in the view box.
    for key in ("width", "height"):
        root.attrib.pop(key, None)
    root.set("aria-hidden", "true")
    return ET.tostring(root, encoding="unicode")


def _title(row: Mapping[str, Any]) -> str:
    size = f"{row['size']:.3g} qubits"
    value = f", second moment {row['moment']:.3g}" if row["moment"] else ""
    return f"{row['study']}: {as_plain(row['family'])}, {size}{value}"


def _draw(
    rows: list[dict[str, Any]], studies: Sequence[str]
) -> tuple[list[Picture], bytes, dict[str, str]]:
    """Return the panels, the PDF, and the colours of the studies."""
    import matplotlib as mpl

    from trainscape.pipeline.drawing import drawing, lay_out
    from trainscape.studies.kit.atlas_drawing import (
        PANELS,
        colours,
        draw_atlas,
        draw_panel,
        drawn,
    )
    from trainscape.studies.kit.panels import panels

    def link(row: Mapping[str, Any]) -> str:
        return str(row["page"])

    pictures = []
    with drawing(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "atlas"}):
        for name, title in PANELS.items():
            figure, ((axes,),) = panels(1, width=3.5, height=3.3)
            draw_panel(axes, name, rows, studies, link)
            lay_out(figure)
            buffer = io.StringIO()
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
            titles = [[_title(spot.row) for spot in spots] for spots in drawn(name, rows)]
            pictures.append(Picture(name, title, _inline(buffer.getvalue(), name, titles)))
        page = io.BytesIO()
        metadata = {"CreationDate": None, "Creator": None, "Producer": None}
        atlas = draw_atlas(rows, studies, link)
        lay_out(atlas)
        atlas.savefig(page, format="pdf", metadata=metadata)
    return pictures, page.getvalue(), colours(studies)


def collect_atlas(requests: Sequence[Request], studies: Sequence[Study]) -> AtlasPage | None:
    """Return the atlas of what is finished; None if no group takes part.

    Parameters
    ----------
    requests
        All requests of the studies, of one preset.
    studies
        What there is of each, for the pages of the claims.

    Raises
    ------
    trainscape.pipeline.errors.StepFailedError
        If the module of a group fails.
    """
    takers = [(request, atlas_module(request)) for request in requests]
    taking = [(request, module) for request, module in takers if module]
    if not taking:
        return None
    from trainscape.pipeline.results import GroupResults
    from trainscape.pipeline.step_errors import explaining
    from trainscape.studies.kit.atlas import known

    pages = {study.name: {one.name: one.page for one in study.claims} for study in studies}
    rows: list[dict[str, Any]] = []
    missing: list[tuple[str, str, str]] = []
    left_out: list[tuple[str, str, str]] = []
    for request, module in taking:
        try:
            with explaining(request.paths, "the atlas", module):
                found = importlib.import_module(module).atlas(
                    GroupResults(request.paths, request.reads)
                )
        except ManifestMissingError:
            absent = [
                f"{one.stage}/{one.family}"
                for one in request.upstream
                if not one.manifest.is_file()
            ]
            missing.append((request.study, request.family, ", ".join(absent)))
            continue
        for point in known(found.points):
            error = None if point.moment is None else point.moment.standard_error
            rows.append(
                {
                    "study": request.study,
                    "group": request.family,
                    "page": _claim_page(pages.get(request.study, {}), point.claim),
                    "moment_error": error,
                    **point.row(),
                }
            )
        left_out += [(request.study, what, why) for what, why in found.left_out]
    names = list(dict.fromkeys(request.study for request in requests))
    from trainscape.studies.kit.atlas_laws import family_rows

    pictures, pdf, tint = _draw(rows, names)
    from trainscape.studies.kit.atlas_drawing import KINDS

    signs = {"o": "●", "s": "■", "^": "▲", "D": "◆", "v": "▼"}
    marks = {kind: signs[mark] for kind, mark in KINDS.items()}
    return AtlasPage(rows, family_rows(rows), pictures, pdf, missing, left_out, tint, marks)
