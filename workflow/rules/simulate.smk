rule simulate:
    input:
        request="results/{preset}/{study}/simulate/{family}.request.json",
        upstream=WORKFLOW.upstream("simulate"),
    output:
        manifest="results/{preset}/{study}/simulate/{family}.manifest.json",
    log:
        "results/{preset}/{study}/logs/simulate/{family}.log",
    priority: 10
    conda:
        "../../environment.yml"
    threads: WORKFLOW.threads("simulate", CORES)
    resources:
        **WORKFLOW.queue("simulate"),
        mem_mb=WORKFLOW.memory("simulate"),
    params:
        request=WORKFLOW.digest("simulate"),
    message:
        "Simulate {wildcards.study}/{wildcards.family} ({wildcards.preset})"
    shell:
        "python -m trainscape run {wildcards.study} simulate {wildcards.family}"
        " --preset {wildcards.preset} --workers {threads} --log-file {log}"


# The longest first.
use rule simulate as long_simulate with:
    wildcard_constraints:
        family=WORKFLOW.long("simulate"),
    priority: 40


ruleorder: long_simulate > simulate
