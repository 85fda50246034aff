"""The provider of the tests knows the schema: planted mistakes are found, each for its reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workplace import Terraform

FAULTS = Path(__file__).parent / "faults" / "faults.tf"

HEAD = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "secret" {
  type      = string
  default   = ""
  ephemeral = true
}
"""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unknown_argument", 'An argument named "visibility_timeout" is not expected here'),
        ("missing_argument", 'The argument "role" is required'),
        ("wrong_type", "a number is required"),
        ("unknown_block", 'Blocks of type "retention" are not expected here'),
        ("secret_in_state", "ephemeral"),
    ],
)
def test_fault(name: str, said: str, terraform: Terraform, tmp_path: Path) -> None:
    blocks = re.split(r"(?m)^(?=resource )", FAULTS.read_text())
    block = next(block for block in blocks if f'"{name}"' in block)
    (tmp_path / "main.tf").write_text(HEAD + block)
    terraform.init(tmp_path)
    answer = terraform(tmp_path, "validate", "-no-color")
    assert answer.code != 0 and said in answer.text, answer.out + answer.err
