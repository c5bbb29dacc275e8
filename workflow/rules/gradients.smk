rule gradients:
    input:
        request="results/{preset}/{study}/gradients/{family}.request.json",
        upstream=WORKFLOW.upstream("gradients"),
    output:
        manifest="results/{preset}/{study}/gradients/{family}.manifest.json",
    log:
        "results/{preset}/{study}/logs/gradients/{family}.log",
    conda:
        "../../environment.yml"
    priority: 10
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
