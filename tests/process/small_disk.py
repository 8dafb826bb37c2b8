"""A disk that a test can fill: a file system in memory, in a mount namespace of its own."""

import contextlib
import subprocess
from pathlib import Path

import pytest


class SmallDisk:
    """`enter` are the words that put a program into its namespace, where it is `folder`; `outside` is the same from here."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        folder.mkdir()
        self.folder = folder
        script = f"mount -t tmpfs -o size={megabytes}m tradebus {folder} && echo mounted && exec sleep infinity"
        self._holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "mounted\n":
            self.close()
            pytest.skip("a full disk is not tried: no mount namespace can be made here (needs root)")
        self.outside = Path(f"/proc/{self._holder.pid}/root{folder}")
        self.enter = ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt"]
        self._filler = self.outside / "filler"

    def fill(self) -> None:
        """Until nothing more can be written there."""
        with self._filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def make_room(self) -> None:
        """What fill() took is free again."""
        self._filler.unlink()

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()
