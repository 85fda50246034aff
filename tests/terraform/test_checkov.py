"""checkov has nothing to say, or the resource says why."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path


def test_checkov(workplace: Path) -> None:
    done = subprocess.run(
        [
            os.environ["TIDEWATCH_CHECKOV"],
            *("--directory", ".", "--framework", "terraform", "--skip-download"),
            *("--output", "json", "--compact", "--quiet"),
        ],
        cwd=workplace / "terraform",
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    findings = [
        f"{check['check_id']} {check['resource']} ({check['file_path']}): {check['check_name']}"
        for check in report["results"]["failed_checks"]
    ]
    assert not findings, "\n".join(findings)
    assert report["summary"]["passed"] > 300, report["summary"]
    reasonless = [
        check["resource"]
        for check in report["results"].get("skipped_checks", [])
        if len(check["check_result"].get("suppress_comment", "")) < 20
    ]
    assert not reasonless, reasonless
