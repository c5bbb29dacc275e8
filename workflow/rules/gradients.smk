rule gradients:
    input:
        request="results/{preset}/{study}/gradients/{family}.request.json",
        upstream=WORKFLOW.upstream("gradients"),
    output:
        manifest="results/{preset}/{study}/gradients/{family}.manifest.json",
    log:
        "results/{preset}/{study}/logs/gradients/{family}.log",
    priority: 10
    conda:
        "../../environment.yml"
    threads: WORKFLOW.threads("gradients", CORES)
    resources:
        **WORKFLOW.queue("gradients"),
        mem_mb=WORKFLOW.memory("gradients"),
    params:
        request=WORKFLOW.digest("gradients"),
    message:
        "Compute gradients of {wildcards.study}/{wildcards.family} ({wildcards.preset})"
    shell:
        "python -m trainscape run {wildcards.study} gradients {wildcards.family}"
        " --preset {wildcards.preset} --workers {threads} --log-file {log}"


# The longest first.
use rule gradients as long_gradients with:
    wildcard_constraints:
        family=WORKFLOW.long("gradients"),
    priority: 40


ruleorder: long_gradients > gradients
