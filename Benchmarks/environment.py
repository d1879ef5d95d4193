"""The virtual environment with the peers, the built programs, and commands run in it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALWAYS = ("numpy", "pandas", "polars")


def note(text):
    print(text, file=sys.stderr, flush=True)


def python(packages, given=None):
    """An interpreter that has the packages; those that cannot be installed are said and left out."""
    if given:
        return given
    folder = HERE / ".venv"
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        note("making .venv …")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    for package in dict.fromkeys(ALWAYS + tuple(packages)):
        mark = folder / f".has-{hashlib.sha256(package.encode()).hexdigest()[:12]}"
        if mark.exists():
            continue
        note(f"installing {package} …")
        done = subprocess.run([str(interpreter), "-m", "pip", "install", "-q", package], stdout=sys.stderr)
        if done.returncode == 0:
            mark.touch()
        else:
            note(f"{package} could not be installed; its rows say so.")
    return str(interpreter)


def build(package, product):
    """A Swift product built for release; returns its path."""
    note(f"building {product} …")
    arguments = ["swift", "build", "-c", "release", "--package-path", str(package), "--product", product]
    subprocess.run(arguments, check=True, stdout=sys.stderr)
    shown = subprocess.run(arguments[:-2] + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return str(Path(shown.stdout.strip()) / product)


def lines(command, threads=None, timeout=3600):
    """The JSON lines a command prints; a failure becomes a line that says so."""
    environment = dict(os.environ)
    if threads:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
            environment[name] = str(threads)
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=timeout)
    except subprocess.TimeoutExpired:
        return [{"unavailable": f"no answer within {timeout} s"}]
    except OSError as error:
        return [{"unavailable": str(error)}]
    found = []
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            try:
                found.append(json.loads(line))
            except ValueError:
                pass
    if not found:
        tail = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        return [{"unavailable": tail[0][:200]}]
    return found
