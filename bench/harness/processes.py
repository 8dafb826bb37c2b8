"""Child processes that never outlive the benchmark, pinned or free, spoken to in lines."""

import ctypes
import json
import os
import selectors
import signal
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Unmeasured(Exception):
    """Something could not be measured; the text says what and why."""


class Child:
    """One process. Its standard error is kept for the error message."""

    def __init__(self, argv, cpu=None):
        self.name = os.path.basename(argv[0])
        self._errors = tempfile.TemporaryFile()
        self._pending = b""
        self._lines = []

        def before_exec():
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})

        try:
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
                                            start_new_session=True, preexec_fn=before_exec)
        except OSError as error:
            raise Unmeasured(f"can't start {argv[0]}: {error}") from error
        self.pid = self.process.pid

    def line(self, prefix, timeout):
        """The next line that begins with `prefix`; other lines are skipped."""
        deadline = time.monotonic() + timeout
        while True:
            while self._lines:
                text = self._lines.pop(0)
                if text.startswith(prefix):
                    return text
            self._read(prefix, deadline)

    def _read(self, wanted, deadline):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(max(0, deadline - time.monotonic())):
                raise Unmeasured(f"{self.name}: no \"{wanted}\" in time{self.errors()}")
        data = os.read(self.process.stdout.fileno(), 65536)
        if not data:
            raise Unmeasured(f"{self.name} ended before \"{wanted}\"{self.errors()}")
        *lines, self._pending = (self._pending + data).split(b"\n")
        self._lines += [line.decode(errors="replace") for line in lines]

    def say(self, word):
        try:
            self.process.stdin.write(word.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise Unmeasured(f"{self.name} ended early{self.errors()}") from error

    def result(self, timeout):
        """The JSON line that a measuring program ends with."""
        return json.loads(self.line("{", timeout))

    def errors(self):
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 600))
        text = self._errors.read().decode(errors="replace").strip()
        return f": {text}" if text else ""

    def stop(self):
        """Ends and reaps it: SIGTERM, after 3 s SIGKILL."""
        if self._errors.closed:
            return
        self.process.stdout.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait()
        self._errors.close()


class Children:
    """The processes of one measurement, ended together."""

    def __init__(self, cpu=None):
        self.cpu = cpu
        self._all = []

    def start(self, argv):
        child = Child([str(word) for word in argv], self.cpu)
        self._all.append(child)
        return child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self._all):
            child.stop()


def endpoints(ready_line):
    """`ready stream=E command=E ...` as a dict."""
    return dict(word.split("=", 1) for word in ready_line.split() if "=" in word)
