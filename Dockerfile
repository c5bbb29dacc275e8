# All of trainscape with the packages of requirements.lock, run as a user without rights:
#
#     docker build --tag trainscape .
#     docker run --rm --volume "$PWD/results:/opt/trainscape/results" trainscape make figures PRESET=smoke
#     docker run --rm --volume "$PWD:/work:ro" trainscape trainscape diagnose /work/ansatz.qasm --observable "Z0 Z1"
#
# results/ has to be writable for the user 1000: add `--user "$(id -u):$(id -g)"` where yours is another one.

FROM python:3.11-slim AS base
# make: the same commands as everywhere. git: results record the commit, also where the folder
# belongs to another user than the one who runs.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git make \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 user \
 && install --directory --owner=user --group=user /opt/trainscape \
 && git config --system --add safe.directory /opt/trainscape
USER user
WORKDIR /opt/trainscape

FROM base AS environment
COPY --chown=user:user . .
# Compiles the kernels too. Where the machine that runs has another processor, numba notices, and
# compiles into the cache of the user.
RUN make env

FROM base
COPY --from=environment --chown=user:user /opt/trainscape /opt/trainscape
# Snakemake keeps its state here and asks for the name of who runs: a user given with --user can
# write nowhere else in this folder and has no name.
RUN install --directory --mode=1777 .snakemake
# For commands without make, also of a user who has no home here.
ENV PATH="/opt/trainscape/.venv/bin:$PATH" \
    LOGNAME=user \
    XDG_CACHE_HOME=/tmp/caches \
    MPLCONFIGDIR=/tmp/caches/matplotlib \
    NUMBA_NUM_THREADS=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1
CMD ["trainscape", "--help"]
