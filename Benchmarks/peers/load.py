"""Load on one address: `load.py URL BODIES` prints requests a second, the 99th percentile and failures.

Uses wrk where it is installed, else 32 connections of its own. BODIES holds a JSON body a line.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

CONNECTIONS, SECONDS = 32, 5


def by_wrk(url, bodies):
    script = (
        "local bodies, n = {}, 0\n"
        f"for line in io.lines({json.dumps(bodies)}) do n = n + 1; bodies[n] = line end\n"
        "local i = 0\nwrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\n"
        "request = function() i = i % n + 1; return wrk.format(nil, nil, nil, bodies[i]) end\n")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        text = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", file.name, url],
            capture_output=True, text=True, check=True).stdout
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "requests_per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "p99_ms": float(slow.group(1)) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[slow.group(2)],
        "failed": int(failed.group(1)) if failed else 0, "tool": "wrk",
    }


async def connection(host, port, requests, until, spent):
    reader, writer = await asyncio.open_connection(host, port)
    failed, turn = 0, 0
    while time.perf_counter() < until:
        start = time.perf_counter()
        writer.write(requests[turn % len(requests)])
        turn += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length.group(1)) if length else 0)
        spent.append(time.perf_counter() - start)
        failed += head.split(b" ", 2)[1] != b"200"
    writer.close()
    return failed


async def by_hand(url, bodies):
    parts = urllib.parse.urlsplit(url)
    with open(bodies, "rb") as file:
        lines = [line.strip() for line in file if line.strip()]
    requests = [
        b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (parts.path.encode(), parts.netloc.encode(), len(body), body) for body in lines]
    spent = []
    until = time.perf_counter() + SECONDS
    failed = await asyncio.gather(
        *[connection(parts.hostname, parts.port, requests, until, spent) for _ in range(CONNECTIONS)])
    spent.sort()
    return {
        "requests_per_second": len(spent) / SECONDS, "p99_ms": spent[int(len(spent) * 0.99)] * 1000,
        "failed": sum(failed), "tool": "python",
    }


def measure(url, bodies):
    return by_wrk(url, bodies) if shutil.which("wrk") else asyncio.run(by_hand(url, bodies))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2])))
