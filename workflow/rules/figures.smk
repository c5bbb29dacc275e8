for request in WORKFLOW.groups:

    rule:
        name:
            f"figures_{request.study}_{request.family}"
        input:
            request=str(request.paths.request),
            upstream=WORKFLOW.figures_upstream(request),
        output:
            manifest=str(request.paths.manifest),
            figures=[
                report(
                    file,
                    caption="../report/figure.rst",
                    category=request.study,
                    subcategory=request.family,
                    labels=labels,
                )
                for file, labels in WORKFLOW.labelled_figures(request)
            ],
        log:
            f"results/{WORKFLOW.preset}/{request.study}/logs/figures/{request.family}.log",
        conda:
            "../../environment.yml"
        resources:
            **WORKFLOW.figures_queue(request),
            mem_mb=WORKFLOW.figures_memory(request),
        params:
            study=request.study,
            group=request.family,
            preset=WORKFLOW.preset,
            request=request.digest,
        message:
            "Draw the figures of {params.study}/{params.group} ({params.preset})"
        shell:
            "python -m trainscape run {params.study} figures {params.group}"
            " --preset {params.preset} --log-file {log}"


for study in WORKFLOW.claimed:

    rule:
        name:
            f"claims_{study}"
        input:
            WORKFLOW.claims_manifests(study),
        output:
            report(
                WORKFLOW.claims(study),
                caption="../report/claims.rst",
                category=study,
                subcategory="claims",
                labels={"figure": "claims and verdicts", "file": "JSON"},
            ),
        log:
            f"results/{WORKFLOW.preset}/{study}/logs/claims.log",
        localrule: True
        conda:
            "../../environment.yml"
        params:
            study=study,
            preset=WORKFLOW.preset,
        message:
            "Put the claims of {params.study} together ({params.preset})"
        shell:
            "python -m trainscape collect {params.study} --preset {params.preset} > {log}"
