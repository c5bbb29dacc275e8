"""The metadata of an archive: an RO-Crate, which says what each file is and how it was made.

Source: RO-Crate Metadata Specification 1.1, https://w3id.org/ro/crate/1.1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainscape.pipeline.request import Request
from trainscape.storage.manifest import read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.records import read_facts
from trainscape.studies.contract import Stage

__all__ = ["METADATA", "crate_text"]

METADATA = "ro-crate-metadata.json"
"""Name of the metadata within an archive, which the specification gives."""

_CONTEXT = "https://w3id.org/ro/crate/1.1"
_SOFTWARE = "#trainscape"
_FORMATS = {
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "pdf": "application/pdf",
    "png": "image/png",
    "sha256": "text/plain",
    "yaml": "application/yaml",
}


def _reference(name: str) -> dict[str, str]:
    return {"@id": name}


def _file(path: str, size: int, /, **more: Any) -> dict[str, Any]:
    kind = _FORMATS.get(path.rsplit(".", 1)[-1])
    form = {} if kind is None else {"encodingFormat": kind}
    return {"@id": path, "@type": "File", "contentSize": str(size), **form, **more}


def _place(paths: StagePaths, name: str) -> str:
    return f"results/{paths.preset}/{paths.study}/{paths.stage}/{name}"


def _stage(request: Request, sizes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield what a stage has left, a store as one folder, and the action that made it."""
    paths = request.paths
    prefix = _place(paths, f"{paths.family}.")
    folders = {
        _place(paths, f"{paths.store.name}/"): f"Arrays of {paths}, a Zarr 3 store",
        _place(paths, f"{paths.family}.drawn/"): f"Copies of what was drawn of {paths}",
    }
    own = [name for name in sizes if name.startswith(prefix)]
    own = [name for name in own if not name.startswith(tuple(folders))]
    results = []
    for folder, text in folders.items():
        if any(name.startswith(folder) for name in sizes):
            yield {"@id": folder, "@type": "Dataset", "name": text}
            results.append(folder)
    captions = read_manifest(paths).get("captions", {})
    for info in request.figures:
        words = captions.get(info.name, {})
        for file in info.files:
            name = _place(paths, file)
            about = {"name": words.get("title", info.name), "description": words.get("caption", "")}
            yield _file(name, sizes[name], **about)
            results.append(name)
    for name in own:
        yield _file(name, sizes[name])
        results.append(name)
    facts = read_facts(paths.provenance)
    times = {"startTime": facts.get("started"), "endTime": facts.get("ended")}
    upstream = [_place(one, one.manifest.name) for one in request.upstream]
    yield {
        "@id": f"#{paths.study}/{paths.stage}/{paths.family}/{paths.preset}",
        "@type": "CreateAction",
        "name": str(paths),
        "instrument": _reference(_SOFTWARE),
        "object": [_reference(name) for name in upstream],
        "result": [_reference(name) for name in results],
        **{key: value for key, value in times.items() if value},
    }


def crate_text(
    requests: Sequence[Request], sizes: Mapping[str, int], *, published: str, licence: str | None
) -> bytes:
    """Return the metadata of an archive.

    Parameters
    ----------
    requests
        All stages in it, which are complete.
    sizes
        Bytes of each file in it, by its name there.
    published
        ISO date, or date and time, of the data.
    licence
        Address or name of the licence of the data, if there is one.
    """
    studies = list(dict.fromkeys(request.study for request in requests))
    preset = requests[0].preset
    entities: list[dict[str, Any]] = []
    for study in studies:
        parts = [one for r in requests if r.study == study for one in _stage(r, sizes)]
        claims = f"results/{preset}/{study}/{Stage.FIGURES}/claims.json"
        if claims in sizes:
            parts.append(_file(claims, sizes[claims], name=f"What became of the claims of {study}"))
        data = [one["@id"] for one in parts if one["@type"] != "CreateAction"]
        folder = {
            "@id": f"results/{preset}/{study}/",
            "@type": "Dataset",
            "name": f"{study} ({preset})",
            "hasPart": [_reference(name) for name in data],
        }
        entities += [folder, *parts]
    described = {one["@id"] for one in entities}
    rest = [name for name in sizes if not name.startswith("results/") and name not in described]
    entities += [_file(name, sizes[name]) for name in rest]
    versions = {
        read_facts(request.paths.provenance).get("versions", {}).get("trainscape")
        for request in requests
    }
    top = [f"results/{preset}/{study}/" for study in studies] + rest
    actions = [one["@id"] for one in entities if one["@type"] == "CreateAction"]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Results of {', '.join(studies)} ({preset})",
        "description": "Stores, manifests, ledgers, figures and claims of numerical studies, with "
        "their configuration and environment. `trainscape restore` puts them back.",
        "datePublished": published,
        "hasPart": [_reference(name) for name in top],
        "mentions": [_reference(name) for name in actions],
        **({"license": licence} if licence else {}),
    }
    software = {
        "@id": _SOFTWARE,
        "@type": "SoftwareApplication",
        "name": "trainscape",
        "softwareVersion": ", ".join(sorted(str(one) for one in versions if one)) or "unknown",
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": _reference(_CONTEXT),
        "about": _reference("./"),
    }
    graph = [descriptor, root, software, *entities]
    record = {"@context": f"{_CONTEXT}/context", "@graph": graph}
    return (json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
