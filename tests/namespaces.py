"""Networks and mounts of a test's own, in namespaces of the Linux kernel.

Root needs nothing else; another user needs user namespaces, which some systems forbid. Commands:
`unshare` and `nsenter` (util-linux), `ip` (iproute2).
"""

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

_OWN = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
_ENTER = [] if os.getuid() == 0 else ["--user", "--preserve-credentials"]


def unshare(*kinds: str) -> list[str]:
    """Return the beginning of a command line: what follows runs in new namespaces."""
    return ["unshare", *_OWN, *(f"--{kind}" for kind in kinds), "--"]


def _refusal() -> str:
    """Return why there can be no namespaces here, or an empty string."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    for command in ("unshare", "nsenter", "ip"):
        if shutil.which(command, path=path) is None:
            return f"there is no command {command} here (Linux, util-linux and iproute2)"
    probe = [*unshare("net", "mount"), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return f"the kernel refuses namespaces: {done.stderr.strip()}" if done.returncode else ""


REFUSAL = _refusal()

needs_namespaces = pytest.mark.skipif(bool(REFUSAL), reason=REFUSAL)
"""Marks tests that cannot run where the kernel refuses namespaces."""


class TwoHosts:
    """Two networks, west (10.77.0.1) and east (10.77.0.2), with one cable between them.

    Both see the same files, as nodes with a shared file system do.
    """

    ADDRESS = "10.77.0.1"

    def __init__(self) -> None:
        self._keepers: list[subprocess.Popen[str]] = []

    def _keep(self, *command: str) -> "subprocess.Popen[str]":
        """Start a process that keeps a namespace alive."""
        keeper = subprocess.Popen(
            [*command, "sh", "-c", "echo ready; exec sleep infinity"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._keepers.append(keeper)
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == "ready\n"
        return keeper

    def on(self, host: str) -> list[str]:
        """Return the beginning of a command line: what follows runs on a host."""
        keeper = self._keepers[("west", "east").index(host)]
        return ["nsenter", "--target", str(keeper.pid), *_ENTER, "--net", "--"]

    def _ip(self, host: str, *arguments: str) -> None:
        environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        subprocess.run([*self.on(host), "ip", *arguments], check=True, env=environment)

    def cut(self) -> None:
        """Cut the cable: nothing is refused or closed, it is silent."""
        self._ip("west", "link", "set", "cable", "down")

    def mend(self) -> None:
        """Plug the cable in again."""
        self._ip("west", "link", "set", "cable", "up")

    def __enter__(self) -> Self:
        try:
            self._keep(*unshare("net"))
            self._keep(*self.on("west"), "unshare", "--net", "--")
            peer = ("peer", "name", "cable", "netns", str(self._keepers[1].pid))
            self._ip("west", "link", "add", "cable", "type", "veth", *peer)
            for host, address in (("west", "10.77.0.1/24"), ("east", "10.77.0.2/24")):
                self._ip(host, "address", "add", address, "dev", "cable")
                for device in ("lo", "cable"):
                    self._ip(host, "link", "set", device, "up")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for keeper in reversed(self._keepers):
            keeper.kill()
            keeper.communicate()


def on_a_disk(script: str, folder: Path) -> list[str]:
    """Return a command line that runs a shell script where it may mount what it likes on `folder`,
    which nobody else sees."""
    return [*unshare("mount"), "sh", "-euc", script, "sh", str(folder)]
