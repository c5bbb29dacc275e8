"""A study at smoke size, run stage by stage in this process."""

import shutil
from pathlib import Path

from trainscape.pipeline.claims_files import collect_claims
from trainscape.pipeline.config import load_study, load_workflow_config
from trainscape.pipeline.figures import run_figures
from trainscape.pipeline.request import Request, requests, write_request
from trainscape.pipeline.sampling import RunOptions
from trainscape.pipeline.stage import run_stage
from trainscape.studies.contract import Stage

REPO = Path(__file__).resolve().parents[2]


def run_smoke(study: str, folder: Path) -> list[Request]:
    """Run the smoke preset of a study in a folder, up to figures and claims.

    Return its requests.
    """
    shutil.copytree(REPO / "config", folder / "config")
    config = load_workflow_config(folder / "config/config.yaml")
    found = requests(load_study(study, "smoke", folder / "config/config.yaml"), folder / "results")
    for request in found:
        write_request(request)
        if request.stage is Stage.FIGURES:
            run_figures(request.paths, RunOptions())
        else:
            run_stage(request.paths, config, RunOptions())
    collect_claims([request for request in found if request.stage is Stage.FIGURES])
    return found
