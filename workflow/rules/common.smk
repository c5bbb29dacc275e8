"""What the rules share. The configuration is validated here, before anything is written; its errors exit with code 2."""

import sys
from pathlib import Path

from trainscape.pipeline.leftovers import mark_temporary_folder, remove_leftovers
from trainscape.pipeline.retries import repeat_only_what_may_pass
from trainscape.pipeline.workflow import load_workflow, use_own_python

use_own_python()

# A kill leaves the temporary folder of each Snakemake process behind.
mark_temporary_folder(workflow.snakemake_tmp_dir)
if workflow.is_main_process:
    remove_leftovers(workflow.snakemake_tmp_dir.parent)

# Written by the main process only: jobs on other machines parse this file too.
WORKFLOW = load_workflow(
    config,
    write=workflow.is_main_process,
    project=Path(workflow.basedir),
    arguments=sys.argv[1:],
)
if workflow.is_main_process:
    repeat_only_what_may_pass(request.paths.log for request in WORKFLOW.requests)

# On a cluster, each job first does what cluster.yaml of the profile says.
if WORKFLOW.cluster is not None and not workflow.is_main_process:
    shell.prefix(WORKFLOW.cluster.prefix())

# A stage with work for it takes all cores and shares them out itself, chunk by chunk.
CORES = workflow.cores or 1


wildcard_constraints:
    preset="[a-z]+",
    study="[a-z][a-z0-9_]*",
    family="[a-z][a-z0-9_]*",


onsuccess:
    for study in WORKFLOW.finished():
        shell(f"python -m trainscape claims {study} --preset {WORKFLOW.preset}")
    shell(f"python -m trainscape report --preset {WORKFLOW.preset}")


onstart:
    WORKFLOW.check_writable()
    WORKFLOW.print_estimate()
    # Jobs on other machines start by themselves.
    if workflow.is_main_process and workflow.local_exec:
        WORKFLOW.start_warm_process()
