rule dataset:
    input:
        request="results/{preset}/{study}/dataset/{family}.request.json",
        upstream=WORKFLOW.upstream("dataset"),
    output:
        manifest="results/{preset}/{study}/dataset/{family}.manifest.json",
    log:
        "results/{preset}/{study}/logs/dataset/{family}.log",
    # The rest waits for them, and they are short.
    priority: 60
    conda:
        "../../environment.yml"
    threads: WORKFLOW.threads("dataset", CORES)
    resources:
        **WORKFLOW.queue("dataset"),
        mem_mb=WORKFLOW.memory("dataset"),
    params:
        request=WORKFLOW.digest("dataset"),
    message:
        "Prepare the instances of {wildcards.study}/{wildcards.family} ({wildcards.preset})"
    shell:
        "python -m trainscape run {wildcards.study} dataset {wildcards.family}"
        " --preset {wildcards.preset} --workers {threads} --log-file {log}"
