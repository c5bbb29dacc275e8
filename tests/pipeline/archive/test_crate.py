"""The metadata of an archive follow RO-Crate 1.1."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from trainscape.pipeline.archive.crate import METADATA


@pytest.fixture
def graph(archive: Path) -> dict[str, dict[str, Any]]:
    with zipfile.ZipFile(archive) as file:
        crate = json.loads(file.read(METADATA))
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {one["@id"]: one for one in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])  # each is described once
    return entities


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else []
    return [one for item in value for one in references(item)] if isinstance(value, list) else []


def test_descriptor_and_root(graph: dict[str, dict[str, Any]]):
    descriptor = graph[METADATA]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = graph["./"]
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished"} <= root.keys()
    assert root["datePublished"].startswith("20")


def test_every_reference_is_described(graph: dict[str, dict[str, Any]]):
    outside = {"https://w3id.org/ro/crate/1.1"}
    named = {
        one for entity in graph.values() for value in entity.values() for one in references(value)
    }
    assert named - outside <= graph.keys()


def test_files_are_in_the_archive_and_in_the_tree(graph: dict[str, dict[str, Any]], archive: Path):
    reached, queue = set(), ["./"]
    while queue:
        name = queue.pop()
        reached.add(name)
        queue += references(graph[name].get("hasPart", []))
    with zipfile.ZipFile(archive) as file:
        sizes = {entry.filename: entry.file_size for entry in file.infolist()}
    for name, entity in graph.items():
        if entity["@type"] == "File":
            assert entity["contentSize"] == str(sizes[name])
            assert name in reached
        if entity["@type"] == "Dataset" and name != "./":
            assert any(one.startswith(name) for one in sizes)
            assert name in reached


def test_figures_and_their_origin(graph: dict[str, dict[str, Any]]):
    folder = "results/smoke/synthetic/figures/"
    pictures = [
        one for name, one in graph.items() if name.startswith(folder) and name.endswith(".pdf")
    ]
    assert pictures
    for picture in pictures:
        assert picture["encodingFormat"] == "application/pdf"
        assert picture["name"]
        assert picture["description"]
    action = graph["#synthetic/figures/core/smoke"]
    assert action["instrument"] == {"@id": "#trainscape"}
    assert action["startTime"] <= action["endTime"]
    made = references(action["result"])
    assert {one["@id"] for one in pictures} & set(made)
    assert "results/smoke/synthetic/gradients/full.manifest.json" in references(action["object"])
