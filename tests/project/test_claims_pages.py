"""The claims in the documentation are those that the code declares."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from trainscape.cli.claims_pages import BEGIN, END
from trainscape.studies.reporting import Claim

ROOT = Path(__file__).parents[2]
STUDIES = ("fragmentation", "clifford", "pruning", "hypergraph")


def declared(study: str) -> dict[str, Claim]:
    plugin = import_module(f"trainscape.studies.{study}")
    claims = {}
    for group in plugin.STUDY.groups:
        package = f"{plugin.__name__}.{group.name}"
        if (ROOT / "src" / package.replace(".", "/") / "claims.py").exists():
            members = vars(import_module(f"{package}.claims")).values()
            claims.update({claim.id: claim for claim in members if isinstance(claim, Claim)})
    return claims


@pytest.mark.parametrize("study", STUDIES)
def test_the_page_of_a_study_has_its_claims(study):
    page = (ROOT / "docs" / f"{study}.md").read_text(encoding="utf-8")
    tables = page.split(BEGIN)[1].split(END)[0]
    rows = re.findall(r"^\| (.*) `([^`]+)` \|", tables, flags=re.MULTILINE)
    claims = declared(study)
    assert claims
    # A claim that the preset does not reach is named in the text.
    missing = [claim for claim in claims if not any(row.startswith(claim) for _, row in rows)]
    assert [claim for claim in missing if f"`{claim}`" not in page.replace(tables, "")] == []
    for statement, row in rows:
        claim = claims[max((name for name in claims if row.startswith(name)), key=len)]
        pattern = re.escape(claim.statement.replace("|", "\\|"))
        assert re.fullmatch(re.sub(r"\\{.*?\\}", ".+", pattern), statement), row
