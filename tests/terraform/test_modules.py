"""Every module and example is formatted, valid, and does what its tests say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planned import Plans
from workplace import CONFIGURATION, Terraform, modules


def test_formatting(terraform: Terraform) -> None:
    answer = terraform(CONFIGURATION, "fmt", "-check", "-recursive", "-diff", "-no-color")
    assert answer.code == 0, answer.out + answer.err


@pytest.mark.parametrize("module", modules())
def test_valid(module: str, terraform: Terraform, workplace: Path) -> None:
    folder = workplace / "terraform" / module
    terraform.init(folder)
    answer = terraform(folder, "validate", "-no-color")
    assert answer.code == 0 and "Warning" not in answer.out, answer.out + answer.err
    assert list(folder.glob("tests/*.tftest.hcl")), f"{module} has no tests"


@pytest.mark.parametrize("module", [module for module in modules() if module != "."])
def test_module(module: str, terraform: Terraform, workplace: Path) -> None:
    folder = workplace / "terraform" / module
    terraform.init(folder)
    answer = terraform(folder, "test", "-no-color")
    assert answer.code == 0 and " 0 failed" in answer.out, answer.out + answer.err
    assert not re.search(r"\b0 passed", answer.out), f"the tests of {module} run nothing"


def test_root_module(plans: Plans) -> None:
    assert not plans.faults, "\n\n".join(plans.faults)
    assert plans.passed > 40, plans.passed
