rule thresholds:
    input:
        request="results/{preset}/{study}/thresholds/{family}.request.json",
        upstream=WORKFLOW.upstream("thresholds"),
    output:
        manifest="results/{preset}/{study}/thresholds/{family}.manifest.json",
    log:
        "results/{preset}/{study}/logs/thresholds/{family}.log",
    priority: 20
    conda:
        "../../environment.yml"
    threads: WORKFLOW.threads("thresholds", CORES)
    resources:
        **WORKFLOW.queue("thresholds"),
        mem_mb=WORKFLOW.memory("thresholds"),
    params:
        request=WORKFLOW.digest("thresholds"),
    message:
        "Find thresholds of {wildcards.study}/{wildcards.family} ({wildcards.preset})"
    shell:
        "python -m trainscape run {wildcards.study} thresholds {wildcards.family}"
        " --preset {wildcards.preset} --workers {threads} --log-file {log}"


# The longest first.
use rule thresholds as long_thresholds with:
    wildcard_constraints:
        family=WORKFLOW.long("thresholds"),
    priority: 40


ruleorder: long_thresholds > thresholds
