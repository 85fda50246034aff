"""Every variable and output is documented, tables are fresh, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planned import Plans
from tables import blocks, refreshed, text
from workplace import CONFIGURATION, ROOT, modules

PAGES = [
    *sorted((ROOT / "docs" / "aws").glob("*.md")),
    *(CONFIGURATION / module / "README.md" for module in modules()),
]


@pytest.mark.parametrize("module", modules())
def test_described(module: str) -> None:
    folder = CONFIGURATION / module
    for name, body in blocks(folder, "variable").items():
        assert len(text(body.get("description"))) > 10, f"{module}: variable {name}"
        assert "type" in body, f"{module}: variable {name} has no type"
    for name, body in blocks(folder, "output").items():
        assert len(text(body.get("description"))) > 10, f"{module}: output {name}"


@pytest.mark.parametrize("module", modules())
def test_tables(module: str) -> None:
    folder = CONFIGURATION / module
    page = (folder / "README.md").read_text()
    assert page == refreshed(folder), f"{module}/README.md is stale; run tests/terraform/tables.py --write"
    if not module.startswith("examples"):
        assert "<!-- variables -->" in page, module
        assert "<!-- outputs -->" in page or not blocks(folder, "output"), module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", page.read_text()):
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{target} leads nowhere"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", file.read_text(), re.M)
            anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor[1:] in anchors, f"{target}{anchor} leads nowhere"


def test_unused_variables() -> None:
    for module in modules():
        folder = CONFIGURATION / module
        program = "\n".join(
            re.sub(r"#[^\n]*", "", file.read_text()) for file in folder.glob("*.tf")
        )
        for name in blocks(folder, "variable"):
            uses = re.findall(rf"\bvar\.{name}\b", program)
            assert uses, f"{module}: variable {name} is used nowhere"


def test_alarms_are_in_the_runbook(plans: Plans) -> None:
    runbook = (ROOT / "docs" / "aws" / "operations.md").read_text()
    sections = set(re.findall(r"^##+ (.*)$", runbook, re.M))
    for name in ("minimal/defaults", "bridge/connection"):
        for alarm in plans[name].of("aws_cloudwatch_metric_alarm"):
            described = re.search(r'See "(.*)" in docs/aws/operations\.md', alarm.values["alarm_description"])
            assert described, alarm.address
            assert described.group(1) in sections, f"{alarm.address}: {described.group(1)}"


def test_variables_in_the_pages_exist() -> None:
    known = set(blocks(CONFIGURATION, "variable")) | set(blocks(CONFIGURATION, "output"))
    for page in PAGES:
        if ROOT / "docs" not in page.parents:
            continue
        for block in re.findall(r"```hcl\n(.*?)```", page.read_text(), re.S):
            for name in re.findall(r"^([a-z_]+)\s*=", block, re.M):
                assert name in known, f"{page.relative_to(ROOT)} names the variable {name}, which is none"
        for name in re.findall(r"terraform output (?:-raw |-json )?([a-z_]+)", page.read_text()):
            assert name in known, f"{page.relative_to(ROOT)} names the output {name}, which is none"
