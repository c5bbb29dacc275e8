# All of trainscape with the packages of requirements.lock, run as a user without rights:
#
#     docker build --tag trainscape .
#     docker run --rm --volume "$PWD/results:/home/user/trainscape/results" trainscape make figures PRESET=smoke
#     docker run --rm --volume "$PWD:/work:ro" trainscape trainscape diagnose /work/ansatz.qasm --observable "Z0 Z1"
#
# results/ has to be writable for the user 1000: add `--user "$(id -u):$(id -g)"` where yours is another one.

FROM python:3.11-slim AS base
# git: results record the commit. make: the same commands as everywhere.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git make \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 user
USER user
WORKDIR /home/user/trainscape

FROM base AS environment
# Kernels compiled on the machine that builds need not fit the one that runs: numba notices, and
# then compiles into the cache of the user.
COPY --chown=user . .
RUN make env

FROM base
COPY --from=environment --chown=user /home/user/trainscape /home/user/trainscape
# Also for a user whom the image does not know (--user), who has no home: the Makefile's rule for
# caches is for `make` alone.
ENV PATH="/home/user/trainscape/.venv/bin:$PATH" \
    XDG_CACHE_HOME=/tmp/caches \
    MPLCONFIGDIR=/tmp/caches/matplotlib \
    NUMBA_NUM_THREADS=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1
CMD ["trainscape", "--help"]
