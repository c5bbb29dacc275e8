"""What each task of a job runs in the tests: the client prints what it saw, as JSON."""

import json
import socket
import ssl
import stat
from pathlib import Path
from threading import Event

from distributed import Security

import tasks
from trainscape.runtime.allocation import allocation
from trainscape.runtime.workers import execute, open_backend


def answer(address: str, context: ssl.SSLContext | None) -> str:
    """Return what the scheduler answers to one who does not have the secret."""
    host, port = address.rsplit("/", 1)[-1].split(":")
    try:
        with socket.create_connection((host, int(port))) as plain:
            if context is None:
                plain.sendall(64 * b"\0")
                received = plain.recv(64)
                # A TLS alert, or the end: nothing of Dask, which speaks first.
                return "refused" if received[:1] in (b"", b"\x15") else repr(received)
            with context.wrap_socket(plain) as wrapped:
                return repr(wrapped.recv(64))
    except (ssl.SSLError, ConnectionError):
        return "refused"


def main() -> None:
    with allocation() as file:
        assert file is not None
        address = json.loads(Path(file).read_text())["address"]
        secrets = list(Path().glob("*.secret"))
        with open_backend(1, 100.0, in_process_below=0.0, scheduler_file=file) as backend:
            outcomes = list(execute(backend, tasks.square, [7], Event(), 60.0))
        other = Security.temporary().get_connection_args("client")["ssl_context"]
        careless = Security.temporary().get_connection_args("client")["ssl_context"]
        nobody = ssl.create_default_context()
        for context in (careless, nobody):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        seen = {
            "outcomes": outcomes,
            "scheme": address.split(":")[0],
            "modes": [stat.S_IMODE(path.stat().st_mode) for path in secrets],
            "no encryption": answer(address, None),
            "another certificate": answer(address, other),
            "another certificate, any scheduler": answer(address, careless),
            "no certificate": answer(address, nobody),
        }
        Path("seen.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    main()
