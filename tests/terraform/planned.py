"""What `terraform test` planned, run by run, as data."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workplace import Answer, Terraform


@dataclass(frozen=True)
class Resource:
    """One planned resource with its arguments; lists of single blocks stay lists."""

    address: str
    type: str
    values: dict

    @property
    def policy(self) -> list[dict]:
        """The statements of its policy, with actions and resources as lists."""
        statements = json.loads(self.values["policy"])["Statement"]
        return [
            {
                **statement,
                "Action": _listed(statement["Action"]),
                "Resource": _listed(statement.get("Resource", [])),
            }
            for statement in statements
        ]


class Plan(list[Resource]):
    """The resources of one run."""

    def of(self, kind: str, part: str = "") -> Plan:
        """Those of a type whose address contains `part`."""
        return Plan(resource for resource in self if resource.type == kind and part in resource.address)

    def one(self, kind: str, part: str) -> Resource:
        """The only one of a type whose address contains `part`."""
        found = self.of(kind, part)
        assert len(found) == 1, f"{part}: {[resource.address for resource in found]}"
        return found[0]


class Plans(dict[str, Plan]):
    """All runs by name, `file/run`, and what became of their assertions."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        self._failed: set[str] = set()
        self._said: list[tuple[str, str]] = []

    @property
    def faults(self) -> list[str]:
        """What was said about runs that failed; expected failures are said, too, and count as passed."""
        texts = [f"{run}: {text}" for run, text in self._said if run in self._failed]
        return texts + sorted(self._failed - {run for run, _ in self._said})

    @classmethod
    def of(cls, terraform: Terraform, folder: Path) -> Plans:
        """Runs all tests of the module in the folder."""
        terraform.init(folder)

        def tested(files: list[str]) -> Answer:
            chosen = [f"-filter={file}" for file in files]
            return terraform(folder, "test", "-json", "-verbose", "-no-color", *chosen)

        plans = cls()
        # Terraform does one run after the other, so two of it take half the time.
        with ThreadPoolExecutor() as pool:
            for answer in pool.map(tested, _halves(folder)):
                for line in answer.out.splitlines():
                    plans._take(json.loads(line))
                assert plans, answer.out + answer.err
        return plans

    def _take(self, event: dict) -> None:
        run = f"{Path(event.get('@testfile', '')).name.removesuffix('.tftest.hcl')}/{event.get('@testrun')}"
        if event["type"] == "test_plan":
            self[run] = Plan(
                Resource(change["address"], change["type"], change["change"]["after"])
                for change in event["test_plan"].get("resource_changes", [])
                if change["mode"] == "managed" and change["change"]["after"] is not None
            )
        elif event["type"] == "diagnostic":
            fault = event["diagnostic"]
            self._said.append((run, f"{fault['summary']}: {fault['detail']}"))
        elif event["type"] == "test_run" and event["test_run"].get("status") in ("fail", "error"):
            self._failed.add(run)
        elif event["type"] == "test_summary":
            self.passed += event["test_summary"]["passed"]


def _halves(folder: Path) -> list[list[str]]:
    """The files of tests below a folder, in two lists with about as many runs each."""
    runs = {
        str(file.relative_to(folder)): file.read_text().count('\nrun "')
        for file in folder.glob("tests/*.tftest.hcl")
    }
    halves: list[list[str]] = [[], []]
    for file in sorted(runs, key=lambda file: -runs[file]):
        min(halves, key=lambda half: sum(runs[file] for file in half)).append(file)
    return halves


def _listed(value) -> list:
    return value if isinstance(value, list) else [value]
