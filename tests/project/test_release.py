"""What describes a release says one thing: the package, CITATION.cff, .zenodo.json, the catalogue."""

import json
import re
import tomllib

import yaml

import trainscape
from workspace import REPO

CITATION = yaml.safe_load((REPO / "CITATION.cff").read_text())
ZENODO = json.loads((REPO / ".zenodo.json").read_text())
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]


def test_version_and_licence_agree():
    assert CITATION["version"] == trainscape.__version__
    assert CITATION["license"] == ZENODO["license"] == PROJECT["license"]
    assert CITATION["title"] == ZENODO["title"]
    assert CITATION["keywords"] == ZENODO["keywords"]


def test_every_paper_is_named_once():
    papers = [
        entry["value"]
        for reference in CITATION["references"]
        for entry in reference["identifiers"]
        if entry["value"].startswith("arXiv:")
    ]
    assert len(papers) == len(set(papers)) == 4
    assert papers == sorted(papers, key=papers.index)
    assert {one["identifier"] for one in ZENODO["related_identifiers"]} == set(papers)
    readme = (REPO / "README.md").read_text()
    assert set(re.findall(r"arXiv:\d{4}\.\d{5}", readme)) == set(papers)


def test_the_description_is_the_abstract():
    def words(text):
        return re.sub(r"<[^>]*>", "", text).split()

    assert words(ZENODO["description"]) == words(CITATION["abstract"])


def test_the_catalogue_says_what_the_workflow_can():
    usage = yaml.safe_load((REPO / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert usage["software-stack-deployment"]["conda"]
    assert (REPO / "environment.yml").exists()
    assert usage["report"]
    assert "report(" in (REPO / "workflow/rules/figures.smk").read_text()


def test_the_image_is_made_from_the_lock_and_has_a_user():
    lines = (REPO / "Dockerfile").read_text().splitlines()
    instructions = [line for line in lines if line and not line.startswith(("#", " "))]
    assert "RUN make env" in instructions
    assert instructions.index("USER user") < instructions.index("RUN make env")
    assert not any(line.startswith("USER root") for line in instructions)
    bases = [line.split()[1] for line in instructions if line.startswith("FROM")]
    assert bases == ["python:3.11-slim", "base", "base"]
