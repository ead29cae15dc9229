"""Kernels of notebooks, forked from a process that has imported what takes long: ten kernels need not all import it."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from ipykernel.kernelapp import IPKernelApp
from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

_FORKS = multiprocessing.get_context("forkserver")


def prepare(environment: dict[str, str], log: Path) -> None:
    """Start the process in an environment of its own; what it says while it imports goes to a file."""
    _FORKS.set_forkserver_preload(["libraries"])
    kept = os.dup(2)
    with pytest.MonkeyPatch.context() as patch, log.open("wb") as said:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("PYTHONPATH", os.fspath(Path(__file__).parent), prepend=os.pathsep)
        os.dup2(said.fileno(), 2)
        try:
            first = _FORKS.Process(target=int)
            first.start()
            first.join()
        finally:
            os.dup2(kept, 2)
            os.close(kept)


class _Forked(LocalProvisioner):
    async def launch_kernel(self, cmd: list[str], **_: object):
        process = _FORKS.Process(target=IPKernelApp.launch_instance, kwargs={"argv": cmd[cmd.index("-f") :]})
        process.start()
        self.pid = process.pid
        self.process = SimpleNamespace(
            poll=lambda: process.exitcode,
            wait=process.join,
            kill=process.kill,
            terminate=process.terminate,
            send_signal=lambda number: os.kill(process.pid, number),
            **dict.fromkeys(("stdin", "stdout", "stderr")),
        )
        return self.connection_info


class Manager(AsyncKernelManager):
    """Starts a kernel in the folder in which it is itself."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.provisioner = _Forked(parent=self, kernel_spec=self.kernel_spec)
