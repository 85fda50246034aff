"""Every module and example is formatted, valid, and does what its tests say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from planned import Plans
from tables import blocks, text
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


@pytest.mark.parametrize("module", modules())
def test_every_validation_refuses_something(module: str) -> None:
    folder = CONFIGURATION / module
    runs = "\n".join(file.read_text() for file in folder.glob("tests/*.tftest.hcl"))
    for name, body in blocks(folder, "variable").items():
        validations = body.get("validation", [])
        refused = re.findall(rf"expect_failures = \[[^\]]*\bvar\.{name}\b", runs)
        assert len(refused) >= len(validations), f"{module}: {name} has more validations than wrong values in tests"
        for validation in validations:
            said = text(validation["error_message"])
            assert len(said) > 20 and said.endswith((".", ")")), f"{module}: {name}: {said}"


@pytest.mark.parametrize(
    ("module", "said", "remedy"),
    [
        ("modules/function", "There is no package at", "Run `make package`"),
        ("modules/store/bridge", "There is no tidewatch binary at", "Build it with `cargo build --release"),
    ],
)
def test_what_was_not_built_is_named(
    module: str, said: str, remedy: str, terraform: Terraform, workplace: Path, tmp_path: Path
) -> None:
    """Beside this copy of the configuration there is no `target` folder."""
    shutil.copytree(workplace / "terraform", tmp_path / "terraform", symlinks=True)
    folder = tmp_path / "terraform" / module
    terraform.init(folder)
    answer = terraform(folder, "test", "-no-color")
    assert answer.code != 0 and said in answer.text and remedy in answer.text, answer.text
