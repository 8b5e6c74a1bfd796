"""A server of its own process, for stock clients to call."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

REGION = "eu-central-1"


@dataclass
class Endpoint:
    """A running server: where it listens, and how its root user signs in."""

    process: subprocess.Popen[str]
    url: str
    state: Path
    access_key_id: str
    secret_access_key: str

    def client(self, service: str, credentials: Mapping[str, str] | None = None, region: str = REGION) -> Any:
        """A boto3 client; ``credentials`` are what IAM or STS answered, or the root user's."""
        given = credentials or {"AccessKeyId": self.access_key_id, "SecretAccessKey": self.secret_access_key}
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given.get("SessionToken"),
            config=Config(retries={"max_attempts": 1}, connect_timeout=10, read_timeout=30),
        )

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """The environment of a client process: nothing of this machine's own AWS settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            "HOME": str(home),
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **more,
        }

    def kill(self) -> None:
        """End the server as a power failure would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def stop(self) -> int:
        """Ask the server to stop; its exit status."""
        self.process.terminate()
        self.process.communicate(timeout=30)
        return self.process.returncode


def start(state: Path, *options: str, **environment: str) -> Endpoint:
    """Start a server on a free port of loopback, and wait until it says that it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sparekey", "serve", "--port", "0", "--state", str(state), *options],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "http" in line:
            break
    else:
        raise AssertionError(f"the server ended with {process.wait()}: {''.join(said)}")
    told = json.loads(
        subprocess.run(
            [sys.executable, "-m", "sparekey", "env", "--state", str(state), "--shell", "json", *_database(options)],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    return Endpoint(process, told["AWS_ENDPOINT_URL"], state, told["AWS_ACCESS_KEY_ID"], told["AWS_SECRET_ACCESS_KEY"])


def _database(options: tuple[str, ...]) -> list[str]:
    return ["--database", options[options.index("--database") + 1]] if "--database" in options else []


@contextmanager
def running(state: Path, *options: str, **environment: str) -> Iterator[Endpoint]:
    """A server for the length of a block."""
    endpoint = start(state, *options, **environment)
    try:
        yield endpoint
    finally:
        if endpoint.process.poll() is None:
            endpoint.stop()
