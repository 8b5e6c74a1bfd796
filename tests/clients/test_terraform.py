"""Terraform with a real AWS provider: apply, plan without a difference, destroy.

The provider comes in a wheel; `SPAREKEY_TERRAFORM_PROVIDER` names the file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.clients.endpoint import Endpoint

TERRAFORM = shutil.which("terraform")
WHEEL = os.environ.get("SPAREKEY_TERRAFORM_PROVIDER")
pytestmark = pytest.mark.skipif(
    not (TERRAFORM and WHEEL),
    reason="needs terraform on PATH and SPAREKEY_TERRAFORM_PROVIDER (a wheel with a provider)",
)
PROVIDER = "cloudrail/terraform_plugins/terraform-provider-aws_3.39.0_linux_amd64.zip"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the provider's program."""
    assert WHEEL is not None
    folder = tmp_path_factory.mktemp("provider")
    with zipfile.ZipFile(WHEEL) as wheel, wheel.open(PROVIDER) as packed, zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            if name.startswith("terraform-provider-aws"):
                program = Path(archive.extract(name, folder))
                program.rename(folder / "terraform-provider-aws").chmod(0o755)
    return folder


def terraform(endpoint: Endpoint, folder: Path, *arguments: str, expect: int = 0) -> str:
    """Run terraform as the account's root user; its output."""
    assert TERRAFORM is not None
    done = subprocess.run(
        [TERRAFORM, *arguments, "-no-color", "-input=false"],
        cwd=folder,
        env=endpoint.environment(
            folder,
            AWS_ACCESS_KEY_ID=endpoint.access_key_id,
            AWS_SECRET_ACCESS_KEY=endpoint.secret_access_key,
            TF_CLI_CONFIG_FILE=str(folder / "terraform.rc"),
            TF_VAR_endpoint=endpoint.url,
            CHECKPOINT_DISABLE="1",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


def test_identities_are_applied_planned_without_a_difference_and_destroyed(
    endpoint: Endpoint, provider: Path, tmp_path: Path
) -> None:
    shutil.copy(Path(__file__).parent / "terraform" / "main.tf", tmp_path)
    (tmp_path / "terraform.rc").write_text(
        f'provider_installation {{\n  dev_overrides {{ "hashicorp/aws" = "{provider}" }}\n  direct {{}}\n}}\n'
    )
    applied = terraform(endpoint, tmp_path, "apply", "-auto-approve")
    assert 'account = "123456789012"' in applied
    iam = endpoint.client("iam")
    assert iam.get_role(RoleName="deploy")["Role"]["MaxSessionDuration"] == 7200
    terraform(endpoint, tmp_path, "plan", "-detailed-exitcode")  # 0: no difference
    terraform(endpoint, tmp_path, "destroy", "-auto-approve")
    assert iam.list_roles()["Roles"] == []
    assert iam.list_users()["Users"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
