rule thresholds:
    input:
        request="results/{preset}/{study}/thresholds/{family}.request.json",
        upstream=WORKFLOW.upstream("thresholds"),
    output:
        manifest="results/{preset}/{study}/thresholds/{family}.manifest.json",
    log:
        "results/{preset}/{study}/logs/thresholds/{family}.log",
    conda:
        "../../environment.yml"
    priority: 30
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
