for study in WORKFLOW.studies:

    rule:
        name:
            f"figures_{study}"
        input:
            request=f"results/{WORKFLOW.preset}/{study}/figures/all.request.json",
            upstream=WORKFLOW.manifests(study),
        output:
            manifest=f"results/{WORKFLOW.preset}/{study}/figures/all.manifest.json",
            figures=report(
                WORKFLOW.figures(study),
                category="Figures",
                subcategory=study,
            ),
        log:
            f"results/{WORKFLOW.preset}/{study}/logs/figures/all.log",
        benchmark:
            f"results/{WORKFLOW.preset}/{study}/logs/figures/all.benchmark.tsv"
        conda:
            "../../environment.yml"
        threads: WORKFLOW.figure_threads(study, CORES)
        resources:
            mem_mb=lambda wildcards, threads: 1024 + 1024 * threads,
        params:
            study=study,
            preset=WORKFLOW.preset,
            request=WORKFLOW.digest_of_figures(study),
        message:
            "Draw the figures of {params.study} ({params.preset})"
        shell:
            "python -m trainscape run {params.study} figures all"
            " --preset {params.preset} --workers {threads} --log-file {log}"
