"""The aws command line, with profiles, roles and MFA."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b32decode
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from sparekey.services.directory.one_time_codes import code_at
from tests.clients.endpoint import Endpoint
from tests.clients.test_boto3 import allow, with_key

AWS = os.environ.get("SPAREKEY_AWS_CLI") or shutil.which("aws")
pytestmark = pytest.mark.skipif(not AWS, reason="the aws command line is not installed (pip install awscli)")


def aws(endpoint: Endpoint, home: Path, *arguments: str) -> Any:
    """Run `aws`, and read what it prints."""
    assert AWS is not None
    done = subprocess.run(
        [AWS, *arguments, "--output", "json"],
        env=endpoint.environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def profiles(home: Path, config: str, **keys: dict[str, str]) -> None:
    """Write an AWS configuration with access keys by profile."""
    (home / "config").write_text(config)
    (home / "credentials").write_text(
        "".join(
            f"[{name}]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
            for name, key in keys.items()
        )
    )


def root_key(endpoint: Endpoint) -> dict[str, str]:
    return {"AccessKeyId": endpoint.access_key_id, "SecretAccessKey": endpoint.secret_access_key}


def test_a_profile_assumes_a_role_through_its_source_profile(endpoint: Endpoint, tmp_path: Path) -> None:
    key = with_key(endpoint, "deployer", allow("sts:AssumeRole"))
    profiles(
        tmp_path,
        "[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/Deploy\nsource_profile = base\n",
        base=key,
        default=root_key(endpoint),
    )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:user/deployer"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    aws(
        endpoint,
        tmp_path,
        "iam",
        "create-role",
        "--role-name",
        "Deploy",
        "--assume-role-policy-document",
        json.dumps(trust),
    )
    told = aws(endpoint, tmp_path, "--profile", "deploy", "sts", "get-caller-identity")
    assert told["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/Deploy/")


def test_a_role_that_asks_for_mfa_is_assumed_with_a_code(endpoint: Endpoint, tmp_path: Path) -> None:
    key = with_key(endpoint, "careful", allow("sts:AssumeRole"))
    iam = endpoint.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="careful")["VirtualMFADevice"]
    seed = b32decode(device["Base32StringSeed"])
    step = _now(endpoint) // 30
    iam.enable_mfa_device(
        UserName="careful",
        SerialNumber=device["SerialNumber"],
        AuthenticationCode1=code_at(seed, step - 1),
        AuthenticationCode2=code_at(seed, step),
    )
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
    iam.create_role(RoleName="Careful", AssumeRolePolicyDocument=json.dumps(trust))
    role = "role_arn = arn:aws:iam::123456789012:role/Careful\nsource_profile = base\n"
    profiles(
        tmp_path,
        f"[profile with]\n{role}mfa_serial = {device['SerialNumber']}\n[profile without]\n{role}",
        base=key,
    )
    assert AWS is not None
    refused = subprocess.run(
        [AWS, "--profile", "without", "sts", "get-caller-identity"],
        env=endpoint.environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "AccessDenied" in refused.stderr
    answer = _typing(
        [AWS, "--profile", "with", "sts", "get-caller-identity", "--output", "json"],
        endpoint.environment(tmp_path),
        code_at(seed, step + 1),
    )
    assert ":assumed-role/Careful/" in answer


def _now(endpoint: Endpoint) -> int:
    headers = endpoint.client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"]
    return int(parsedate_to_datetime(headers["date"]).timestamp())


def _typing(command: list[str], environment: dict[str, str], answer: str) -> str:
    """Run a command on a terminal of its own, and type an answer to its first question."""
    terminal = Path(__file__).parent / "terminal.py"
    return subprocess.run(
        [sys.executable, str(terminal), answer, *command], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_a_whole_day_with_the_command_line(endpoint: Endpoint, tmp_path: Path) -> None:
    profiles(tmp_path, "", default=root_key(endpoint))
    aws(endpoint, tmp_path, "iam", "create-group", "--group-name", "ops")
    made = aws(
        endpoint, tmp_path, "iam", "create-policy", "--policy-name", "ops", "--policy-document", allow("iam:List*")
    )
    aws(endpoint, tmp_path, "iam", "attach-group-policy", "--group-name", "ops", "--policy-arn", made["Policy"]["Arn"])
    aws(endpoint, tmp_path, "iam", "create-user", "--user-name", "olga", "--tags", "Key=team,Value=ops")
    aws(endpoint, tmp_path, "iam", "add-user-to-group", "--group-name", "ops", "--user-name", "olga")
    simulated = aws(
        endpoint,
        tmp_path,
        *("iam", "simulate-principal-policy", "--policy-source-arn", "arn:aws:iam::123456789012:user/olga"),
        *("--action-names", "iam:ListUsers", "iam:DeleteUser"),
    )
    assert [each["EvalDecision"] for each in simulated["EvaluationResults"]] == ["allowed", "implicitDeny"]
    details = aws(endpoint, tmp_path, "iam", "get-account-authorization-details", "--filter", "User", "Group")
    assert next(u for u in details["UserDetailList"] if u["UserName"] == "olga")["GroupList"] == ["ops"]
