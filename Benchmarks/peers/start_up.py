"""MLflow: its command, its server, the memory of all its processes, the size of what is installed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from common import attempt, emit, timed

PORT = 5791
program = Path(sys.executable).parent / "mlflow"


def resident(group):
    """Megabytes held by all processes of a group."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) == group:
                lines = status.read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
        except (OSError, ValueError):
            pass
    return total / 1000


def server():
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(program), "server", "--port", str(PORT), "--backend-store-uri", f"sqlite:///{folder}/mlflow.db"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=folder)
        try:
            while time.perf_counter() - start < 120:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=1)
                    break
                except OSError:
                    time.sleep(0.02)
            else:
                raise RuntimeError("the server did not start within 120 s")
            emit("mlflow", time.perf_counter() - start, part="server")
            time.sleep(1)
            emit("mlflow", resident(process.pid), part="memory")
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def command():
    seconds, _ = timed(lambda: subprocess.run([str(program), "--help"], capture_output=True, check=True))
    emit("mlflow", seconds * 1000, part="command")


def size():
    import mlflow
    names = closure("mlflow")
    total = 0
    from importlib import metadata
    for name in names:
        try:
            total += sum(Path(file.locate()).stat().st_size for file in metadata.files(name) or []
                         if Path(file.locate()).exists())
        except metadata.PackageNotFoundError:
            pass
    emit("mlflow", total / 1e6, part="size")


def closure(name, seen=None):
    """A package and all it requires."""
    import re
    from importlib import metadata
    seen = set() if seen is None else seen
    if name.lower() in seen:
        return seen
    seen.add(name.lower())
    try:
        wanted = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return seen
    for requirement in wanted:
        if "extra ==" not in requirement:
            closure(re.match(r"[A-Za-z0-9._-]+", requirement).group(), seen)
    return seen


for body in (command, server, size):
    attempt("mlflow", body)
