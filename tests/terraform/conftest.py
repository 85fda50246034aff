"""A copy of the configuration to work in, a provider that knows the schema, and plans to look at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from planned import Plans
from workplace import PACKAGES, PARTS, ROOT, Terraform


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a copy of what Terraform reads, with packages to deploy."""
    folder = tmp_path_factory.mktemp("terraform")
    for part in PARTS:
        ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "node_modules")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    for package in PACKAGES:
        file = folder / package
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"PK\x05\x06" + bytes(18))  # an empty archive
    return folder


@pytest.fixture(scope="session")
def terraform(workplace: Path, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Terraform, with the schema of the AWS provider behind it."""
    folder = tmp_path_factory.mktemp("provider")
    probes = Path(__file__).parent / "faults"
    command = [
        sys.executable,
        str(Path(__file__).parent / "provider" / "serve.py"),
        os.environ["TIDEWATCH_PROVIDER_PACKAGE"],
        str(folder / "socket"),
        str(workplace / "terraform"),
        str(probes),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as provider:
        try:
            assert provider.stdout is not None
            reattach = provider.stdout.readline().strip()
            assert reattach, "the provider of the tests did not start"
            empty = folder / "terraform.rc"
            empty.touch()
            environment = {
                **os.environ,
                "TF_REATTACH_PROVIDERS": reattach,
                "TF_CLI_CONFIG_FILE": str(empty),
                "TF_IN_AUTOMATION": "1",
            }
            yield Terraform(os.environ["TIDEWATCH_TERRAFORM_COMMAND"].split(), environment)
        finally:
            provider.terminate()


@pytest.fixture(scope="session")
def plans(terraform: Terraform, workplace: Path) -> Plans:
    """What the root module plans in each case of its tests."""
    return Plans.of(terraform, workplace / "terraform")
