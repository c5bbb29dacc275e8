"""One page with all finished figures of a preset: pictures, tables and captions, fit to print."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainscape.pipeline.request import Request
from trainscape.storage.atomic import write_atomic

__all__ = ["write_gallery"]

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Figures ({{ preset }})</title>
<style>
body { font: 11pt/1.4 Georgia, serif; max-width: 18cm; margin: 1cm auto; padding: 0 .5cm; }
figure { margin: 0 0 1cm; break-inside: avoid; }
img { max-width: 100%; }
figcaption { font-size: 10pt; }
table { border-collapse: collapse; font: 8pt sans-serif; margin-bottom: .3cm; }
th, td { padding: .05cm .2cm; text-align: right; border-bottom: 1px solid #ccc; }
.wide { overflow-x: auto; }
nav a { margin-right: .8em; }
</style>
<h1>Figures of the preset {{ preset }}</h1>
<nav>{% for study, _ in studies %}<a href="#{{ study }}">{{ study }}</a>{% endfor %}</nav>
{% for study, figures in studies %}
<h2 id="{{ study }}">{{ study }}</h2>
{% for figure in figures %}
<figure id="{{ figure.name }}">
{% if figure.table %}<div class="wide">{{ figure.table|safe }}</div>
{% else %}<img src="{{ figure.picture }}" alt="{{ figure.title }}">{% endif %}
<figcaption><b>{{ figure.title }}</b> {{ figure.caption }}
<small>({{ figure.name }}; <a href="{{ figure.numbers }}">numbers</a>)</small></figcaption>
</figure>
{% endfor %}{% endfor %}
</html>
"""


def _figures(request: Request, folder: Path) -> list[dict[str, Any]]:
    """Return the figures of a group as the page shows them; none while it is not finished."""
    if not request.paths.manifest.exists():
        return []
    captions = json.loads(request.paths.manifest.read_text(encoding="utf-8"))["captions"]
    shown = []
    for info in request.figures:
        if info.name not in captions:
            continue
        files = [request.paths.folder / file for file in info.files]
        html = next((file for file in files if file.suffix == ".html"), None)
        picture = next((file for file in files if file.suffix == ".png"), None)
        shown.append(
            {
                "name": info.name,
                **captions[info.name],
                "table": html.read_text(encoding="utf-8") if html else "",
                "picture": picture.relative_to(folder).as_posix() if picture else "",
                "numbers": files[-1].relative_to(folder).as_posix(),
            }
        )
    return shown


def write_gallery(requests: Sequence[Request]) -> Path:
    """Write the page of the figures that are finished; return its path.

    Parameters
    ----------
    requests
        The requests of the figures of all groups, of one preset.
    """
    from jinja2 import Environment

    first = requests[0].paths
    folder = first.root / first.preset
    studies: dict[str, list[dict[str, Any]]] = {}
    for request in requests:
        studies.setdefault(request.study, []).extend(_figures(request, folder))
    page = Environment(autoescape=True, trim_blocks=True).from_string(PAGE)
    text = page.render(preset=first.preset, studies=list(studies.items()))
    path = folder / "figures.html"
    write_atomic(path, text.encode())
    return path
