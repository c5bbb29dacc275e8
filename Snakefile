"""Table of contents of the workflow: configuration, one rule per stage, and the target.

snakemake                          everything in config/config.yaml, on all cores
snakemake --config preset=smoke    another size
snakemake --workflow-profile slurm on a cluster
"""

from snakemake.utils import min_version

from trainscape.pipeline.workflow import check_configuration

min_version("9.19")
check_configuration()


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/gradients.smk"
include: "workflow/rules/thresholds.smk"
include: "workflow/rules/figures.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        WORKFLOW.targets(),
