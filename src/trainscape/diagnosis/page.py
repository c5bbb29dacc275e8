"""A diagnosis as HTML: a section for a notebook, or a page of its own, with its picture inside."""

from __future__ import annotations

import base64
import html
import io
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from trainscape.diagnosis.drawing import alternative_text, draw
from trainscape.diagnosis.results import Diagnosis

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["diagnosis_html", "diagnosis_page"]


@cache
def _template() -> Template:
    from jinja2 import Environment

    text = files("trainscape.diagnosis").joinpath("page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(text)


def _picture(diagnosis: Diagnosis) -> str | None:
    """Return the figure as SVG in base64; None where matplotlib is not installed."""
    try:
        figure = draw(diagnosis)
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        return None
    file = io.BytesIO()
    # No date and no random names in it: equal diagnoses give equal pages.
    figure.savefig(file, format="svg", metadata={"Date": None})
    return base64.b64encode(file.getvalue()).decode()


def diagnosis_html(diagnosis: Diagnosis) -> str:
    """Return a section of HTML that needs no other file."""
    return _template().render(
        diagnosis=diagnosis,
        sizes=", ".join(str(size) for size in diagnosis.sizes),
        family=len(diagnosis.sizes) > 1,
        picture=_picture(diagnosis),
        alternative=alternative_text(diagnosis),
    )


def diagnosis_page(diagnosis: Diagnosis) -> str:
    """Return a whole page."""
    title = html.escape(f"Diagnosis of {diagnosis.name}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n</head>\n<body>\n<main>\n{diagnosis_html(diagnosis)}\n</main>\n"
        "</body>\n</html>\n"
    )
