"""The boot script of the bridge's instance: its parts run here, with stand-ins for what is AWS's."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from planned import Plans

# Keeps what is published, one file for each secret; everything else of the machine is left alone.
STAND_INS = {
    "aws": """#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in
    --secret-id) secret=$2 ;;
    --secret-string) cp "${2#file://}" "$PUBLISHED/${secret//[:\\/]/_}" ;;
  esac
  shift
done
""",
    "chown": "#!/bin/bash\n",
    "systemctl": '#!/bin/bash\necho "$@" >>"$PUBLISHED/systemctl"\n',
}


class Machine:
    """A folder in place of the data volume, and the scripts of the instance."""

    def __init__(self, folder: Path, script: str) -> None:
        self.home = folder / "home"
        self.secrets = self.home / "secrets"
        self.secrets.mkdir(parents=True)
        self.published = folder / "published"
        self.published.mkdir()
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name, text in STAND_INS.items():
            self._program(name, text)
        for name, text in re.findall(r"cat >/usr/local/sbin/([\w-]+) <<'SCRIPT'\n(.*?)\nSCRIPT\n", script, re.S):
            self._program(name, text.replace("/var/lib/tidewatch", str(self.home)))

    def _program(self, name: str, text: str) -> None:
        file = self.programs / name
        file.write_text(text)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def run(self, name: str) -> None:
        environment = {
            **os.environ,
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PUBLISHED": str(self.published),
        }
        done = subprocess.run(
            [self.programs / name], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def secret(self, part: str) -> str:
        """What was published under a name that contains `part`."""
        [file] = [file for file in self.published.iterdir() if part in file.name]
        return file.read_text()

    def keys(self) -> dict[str, dict]:
        """The keys file of the bridge, by name."""
        keys = tomllib.loads((self.secrets / "keys.toml").read_text())["key"]
        assert len({key["access_key_id"] for key in keys}) == len(keys)
        return {key["name"]: key for key in keys}


@pytest.fixture
def script(plans: Plans) -> str:
    text = plans["tenants/the_same_on_a_bridge"].one("aws_instance", "module.bridge").values["user_data"]
    # The names of the secrets are values of the mock; what follows only needs them to differ.
    secrets = plans["tenants/the_same_on_a_bridge"].of("aws_secretsmanager_secret", "module.bridge")
    for secret in secrets:
        text = text.replace(secret.values["arn"], secret.values["name"])
    return text


@pytest.fixture
def machine(script: str, tmp_path: Path) -> Machine:
    return Machine(tmp_path, script)


def test_syntax(script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"%\{|\$\{[a-z_]+\.", script), "the template left something of its own behind"


def test_certificate(machine: Machine) -> None:
    machine.run("tidewatch-certificate")
    authority = (machine.secrets / "authority.pem").read_text()
    assert machine.secret("bridge-ca") == authority
    assert "PRIVATE KEY" not in authority

    for address in ("10.83.0.10", "127.0.0.1"):
        verified = subprocess.run(
            ["openssl", "verify", "-CAfile", "authority.pem", "-verify_ip", address, "-purpose", "sslserver", "server.pem"],
            cwd=machine.secrets,
            capture_output=True,
            text=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr

    # A second run finds everything in order and changes nothing.
    before = (machine.secrets / "server.pem").read_text()
    machine.run("tidewatch-certificate")
    assert (machine.secrets / "server.pem").read_text() == before
    assert (machine.secrets / "authority.pem").read_text() == authority

    # A certificate that is about to end is renewed, by the same authority.
    subprocess.run(
        ["openssl", "req", "-x509", "-key", "server.key", "-days", "3", "-subj", "/CN=old", "-out", "server.pem"],
        cwd=machine.secrets,
        check=True,
        capture_output=True,
    )
    machine.run("tidewatch-certificate")
    assert (machine.secrets / "server.pem").read_text() != before
    assert (machine.secrets / "authority.pem").read_text() == authority
    assert "reload tidewatch" in (machine.published / "systemctl").read_text()


def test_keys(machine: Machine) -> None:
    machine.run("tidewatch-keys")
    first = machine.keys()
    assert {name: (key["actions"], key["databases"]) for name, key in first.items()} == {
        "admin": (["read", "write", "admin"], ["*"]),
        "writer": (["read", "write"], ["*"]),
        "reader-all": (["read"], ["*"]),
        "reader-CPTMonitoring_acme": (["read"], ["CPTMonitoring_acme"]),
    }
    assert stat.S_IMODE((machine.secrets / "keys.toml").stat().st_mode) == 0o400
    for key in first.values():
        assert re.fullmatch(r"[A-Z0-9]{4,128}", key["access_key_id"])
        assert len(key["secret_access_key"]) >= 32
    published = json.loads(machine.secret("bridge-writer"))
    assert published == {name: first["writer"][name] for name in ("access_key_id", "secret_access_key")}
    assert json.loads(machine.secret("acme"))["access_key_id"] == first["reader-CPTMonitoring_acme"]["access_key_id"]

    # The former keys stay good for one change, so that nobody is locked out.
    machine.run("tidewatch-keys")
    second = machine.keys()
    assert second["writer-former"]["access_key_id"] == first["writer"]["access_key_id"]
    assert second["writer"]["access_key_id"] != first["writer"]["access_key_id"]
    assert json.loads(machine.secret("bridge-writer"))["access_key_id"] == second["writer"]["access_key_id"]
    machine.run("tidewatch-keys")
    assert first["writer"]["access_key_id"] not in {key["access_key_id"] for key in machine.keys().values()}
    assert len(machine.keys()) == 8


class Bridge:
    """A real bridge on the files of a machine, with the settings of the unit in the script."""

    def __init__(self, machine: Machine, script: str) -> None:
        self.machine = machine
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        text = script.replace("/var/lib/tidewatch", str(machine.home)).replace("8086", str(self.port))
        self.tables = text[text.index("# ---- databases and tables") :]
        definitions = re.search(r"cat >/etc/tidewatch/monitors.yaml <<'MONITORS'\n(.*?)MONITORS", text, re.S)
        assert definitions
        (machine.home / "monitors.yaml").write_text(definitions.group(1))
        settings = dict(line.split("=", 1) for line in re.findall(r"^Environment=(TIDEWATCH_.*)$", text, re.M))
        settings |= {
            "TIDEWATCH_DEFINITIONS": str(machine.home / "monitors.yaml"),
            "TIDEWATCH_BRIDGE_LISTEN": f"127.0.0.1:{self.port}",
            "TIDEWATCH_LISTEN": "127.0.0.1:0",
        }
        self.process = subprocess.Popen(
            [os.environ["TIDEWATCH_BIN"], "up"],
            env={**os.environ, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # The real aws CLI, which is installed beside the runner of these tests.
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }

    def __enter__(self) -> Bridge:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def make_tables(self) -> None:
        """The last part of the script, which waits for the bridge first."""
        made = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"home={self.machine.home}\n{self.tables}"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr

    def ask(self, name: str, service: str, *arguments: str) -> dict:
        """One call of the aws CLI with a key of the machine."""
        key = self.machine.keys()[name]
        answer = subprocess.run(
            ["aws", service, "--endpoint-url", f"https://127.0.0.1:{self.port}", *arguments],
            env={
                **self.environment,
                "AWS_ACCESS_KEY_ID": key["access_key_id"],
                "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
                "AWS_CA_BUNDLE": str(self.machine.secrets / "authority.pem"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def databases(self, name: str) -> set[str]:
        """The databases that a key shows."""
        answer = self.ask(name, "timestream-write", "list-databases")
        return {database["DatabaseName"] for database in answer["Databases"]}


# Where every commit is checked it must not be left out.
needs_binary = pytest.mark.skipif(
    "TIDEWATCH_BIN" not in os.environ and "CI" not in os.environ,
    reason="TIDEWATCH_BIN names no built binary",
)


@needs_binary
def test_the_bridge_runs_with_it(machine: Machine, script: str) -> None:
    machine.run("tidewatch-certificate")
    machine.run("tidewatch-keys")
    with Bridge(machine, script) as bridge:
        # Twice, as after a replaced instance: what is there stays.
        bridge.make_tables()
        bridge.make_tables()

        assert {"CPTMonitoring", "CPTMonitoring_acme"} <= bridge.databases("reader-all")
        assert bridge.databases("reader-CPTMonitoring_acme") == {"CPTMonitoring_acme"}
        names = {
            (table["DatabaseName"], table["TableName"])
            for table in bridge.ask("reader-all", "timestream-write", "list-tables")["Tables"]
        }
        assert {
            (database, table + attempts)
            for attempts in ("", "_Attempts")
            for database, table in (
                ("CPTMonitoring", "WebsiteMonitoringData"),
                ("CPTMonitoring", "WebsiteMonitoringData_bolt"),
                ("CPTMonitoring_acme", "WebsiteMonitoringData"),
            )
        } <= names
        of_bolt = ["--database-name", "CPTMonitoring", "--table-name", "WebsiteMonitoringData_bolt"]
        table = bridge.ask("writer", "timestream-write", "describe-table", *of_bolt)["Table"]
        assert table["RetentionProperties"] == {
            "MemoryStoreRetentionPeriodInHours": 12,
            "MagneticStoreRetentionPeriodInDays": 30,
        }
        assert table["Schema"]["CompositePartitionKey"] == [
            {"Type": "DIMENSION", "Name": "monitor_id", "EnforcementInRecord": "REQUIRED"}
        ]


@needs_binary
def test_a_snapshot_is_restored(machine: Machine, script: str, tmp_path: Path) -> None:
    """The volume as a crash leaves it, copied, under another instance: every acknowledged row is there."""
    machine.run("tidewatch-certificate")
    machine.run("tidewatch-keys")
    of_acme = ["--database-name", "CPTMonitoring_acme", "--table-name", "WebsiteMonitoringData"]
    records = [
        {
            "Dimensions": [{"Name": "monitor_id", "Value": f"shop-{number}"}],
            "MeasureName": "latency",
            "MeasureValue": str(number),
            "MeasureValueType": "DOUBLE",
            "Time": str(int(time.time() * 1000)),
        }
        for number in range(50)
    ]
    with Bridge(machine, script) as bridge:
        bridge.make_tables()
        written = bridge.ask(
            "writer", "timestream-write", "write-records", *of_acme, "--records", json.dumps(records)
        )
        assert written["RecordsIngested"]["Total"] == 50
        # Leaving kills the process where it stands.

    restored = Machine(tmp_path / "restored", script)
    shutil.rmtree(restored.home)
    shutil.copytree(machine.home, restored.home)
    with Bridge(restored, script) as bridge:
        # What the boot of the new instance does: it finds everything, and makes nothing anew.
        restored.run("tidewatch-certificate")
        bridge.make_tables()
        assert (restored.secrets / "authority.pem").read_text() == (machine.secrets / "authority.pem").read_text()
        answer = bridge.ask(
            "reader-CPTMonitoring_acme",
            "timestream-query",
            "query",
            "--query-string",
            'SELECT count(*) FROM "CPTMonitoring_acme"."WebsiteMonitoringData" WHERE time > ago(1h)',
        )
        assert answer["Rows"][0]["Data"][0]["ScalarValue"] == "50"
