"""Where things are, and how Terraform is called."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "terraform"

# What the configuration reads: itself, and the files that it renders for Grafana.
PARTS = ("terraform", "grafana/provisioning", "dashboards")

# What it deploys, and the tests need not build.
PACKAGES = (
    "target/lambda/config.zip",
    "target/lambda/monitor.zip",
    "target/lambda/writer.zip",
    "target/lambda/alert-webhook.zip",
    "target/lambda/arm64/config.zip",
    "target/lambda/arm64/monitor.zip",
    "target/lambda/arm64/writer.zip",
    "target/lambda/arm64/alert-webhook.zip",
    "target/release/tidewatch",
    "target/aarch64-unknown-linux-gnu/release/tidewatch",
)


def modules() -> list[str]:
    """All modules and examples, as paths below `terraform/`; `.` is the root module."""
    folders = {file.parent for file in CONFIGURATION.rglob("versions.tf")}
    return sorted(str(folder.relative_to(CONFIGURATION)) for folder in folders if ".terraform" not in folder.parts)


@dataclass
class Answer:
    """What a call of Terraform came to."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that was said, lines joined as Terraform broke them."""
        return " ".join((self.out + self.err).replace("│", " ").split())


@dataclass
class Terraform:
    """The command line, with an environment that leads to the provider of the tests."""

    command: list[str]
    environment: dict[str, str]

    def __call__(self, folder: Path, *arguments: str) -> Answer:
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def init(self, folder: Path) -> None:
        """Makes a folder ready; a configuration that cannot be loaded fails here."""
        answer = self(folder, "init", "-input=false", "-no-color")
        assert answer.code == 0, answer.out + answer.err
