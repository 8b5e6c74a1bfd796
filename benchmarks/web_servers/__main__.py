"""``python -m benchmarks.web_servers``: requests a second and times of answers of web servers, taken in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from benchmarks.load import free_port, load, raw, wait_for

ROOT = Path(__file__).parents[2]
_PLACE = "benchmarks.web_servers.applications"
_GRANIAN = ["-m", "granian", "--http", "1", "--no-ws", "--no-log", "--workers", "1"]
_UVICORN = ["-m", "uvicorn", "--http", "httptools", "--loop", "uvloop", "--lifespan", "off", "--log-level", "critical"]
SERVERS = {
    "uvicorn, ASGI": [*_UVICORN, f"{_PLACE}:asgi"],
    "granian, ASGI": [*_GRANIAN, "--interface", "asginl", f"{_PLACE}:asgi"],
    "granian, ASGI, threads": [*_GRANIAN, "--interface", "asginl", f"{_PLACE}:asgi_threads"],
    "granian, WSGI, 1 thread": [*_GRANIAN, "--interface", "wsgi", "--blocking-threads", "1", f"{_PLACE}:wsgi"],
    "granian, WSGI, 16 threads": [*_GRANIAN, "--interface", "wsgi", "--blocking-threads", "16", f"{_PLACE}:wsgi"],
}
BODY = b"Action=GetCallerIdentity&Version=2011-06-15&" + b"x" * 400
COUNT = 4000


def _request(path: str) -> bytes:
    headers = [("Host", "localhost"), ("Content-Type", "application/x-www-form-urlencoded"), ("X-Amz-Date", "x" * 16)]
    return raw("POST", path, headers, BODY)


def main() -> None:
    """Start every server, and load them in turn, three rounds; print the best of each."""
    servers = {name: command for name, command in SERVERS.items() if find_spec(command[1]) is not None}
    ports = {name: free_port() for name in servers}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = []
    try:
        for name, command in servers.items():
            started = subprocess.Popen([sys.executable, *command, "--port", str(ports[name])], env=environment)
            running.append(started)
            print(f"  {name:<28} listens after {wait_for(ports[name]) * 1e3:5.0f} ms")
        for path, connections in (("/", 1), ("/", 8), ("/", 64), ("/wait", 8), ("/wait", 64)):
            kind = "computes and waits 2 ms" if path == "/wait" else "computes"
            print(f"\n{kind}, {connections} connections")
            best = dict.fromkeys(servers, "")
            rates = dict.fromkeys(servers, 0.0)
            for _ in range(3):
                for name, port in ports.items():
                    found = load(port, [_request(path)], connections=connections, count=COUNT if path == "/" else 1500)
                    if found.rate > rates[name]:
                        rates[name], best[name] = found.rate, str(found)
            for name, line in best.items():
                print(f"  {name:<28}{line}")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(10)


main()
