"""Unmodified AWS clients against the bridge.

    tests/clients/run target/debug/tidewatch

``TIDEWATCH_BRIDGE_URL`` names a bridge that runs already; when it is unset, the binary named by
``TIDEWATCH_BIN`` is started on a folder of its own and stopped at the end. Every test makes its
own database and removes it, so a bridge in use is left as it was.
"""

import json
import os
import subprocess
import sys
import time
import uuid

import boto3
import pytest
import trustme

from local_mode import PATIENCE, announced, command, running

#: Keys of the bridge that asks for them: an operator, two tenants, and somebody who only reads.
KEYS = """
[[key]]
name = "operator"
access_key_id = "TWOPERATOR"
secret_access_key = "secret-of-TWOPERATOR"
actions = ["read", "write", "admin"]
databases = ["*"]

[[key]]
name = "acme"
access_key_id = "TWACME"
secret_access_key = "${env:TIDEWATCH_SECRET_ACME}"
actions = ["read", "write", "admin"]
databases = ["acme"]

[[key]]
name = "globex"
access_key_id = "TWGLOBEX"
secret_access_key = "secret-of-TWGLOBEX"
actions = ["read", "write", "admin"]
databases = ["globex"]

[[key]]
name = "acme-dashboards"
access_key_id = "TWREADER"
secret_access_key = "secret-of-TWREADER"
actions = ["read"]
tables = ["acme/t"]
"""


@pytest.fixture(scope="session")
def bridge_url(tmp_path_factory):
    """The address of a running bridge."""
    url = os.environ.get("TIDEWATCH_BRIDGE_URL")
    if url:
        yield url.rstrip("/")
        return
    binary = os.environ.get("TIDEWATCH_BIN")
    if not binary:
        pytest.fail("set TIDEWATCH_BRIDGE_URL to a running bridge, or TIDEWATCH_BIN to the binary to start")
    folder = tmp_path_factory.mktemp("tidewatch")
    with running(command(binary, folder)) as process:
        yield announced(process, "bridge")


@pytest.fixture(scope="session")
def guarded(tmp_path_factory):
    """A bridge with keys and a certificate of a private authority: its URL and the authority's file."""
    binary = os.environ.get("TIDEWATCH_BIN")
    if not binary:
        # A bridge that runs already has keys of its own. Where every commit is checked there is none.
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("TIDEWATCH_BIN names no binary to start with keys")
    folder = tmp_path_factory.mktemp("guarded")
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    keys = folder / "keys.toml"
    keys.write_text(KEYS)
    keys.chmod(0o600)
    command_line = command(
        binary, folder,
        "--bridge-listen", "0.0.0.0:0",
        "--keys", str(keys),
        "--tls-cert", str(folder / "cert.pem"),
        "--tls-key", str(folder / "key.pem"),
    )
    environment = os.environ | {"TIDEWATCH_SECRET_ACME": "secret-of-TWACME"}
    with running(command_line, env=environment) as process:
        port = announced(process, "bridge").rsplit(":", 1)[1]
        yield f"https://localhost:{port}", str(folder / "ca.pem")


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """Credentials that mean nothing, and nothing of the machine's own AWS settings."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def write(bridge_url, environment):
    """A client of the Write API."""
    return boto3.Session().client("timestream-write", endpoint_url=bridge_url)


@pytest.fixture
def query(bridge_url, environment):
    """A client of the Query API."""
    return boto3.Session().client("timestream-query", endpoint_url=bridge_url)


@pytest.fixture
def rows(query):
    """Runs a statement; gives its rows as lists of texts."""

    def run(statement):
        pages = query.get_paginator("query").paginate(QueryString=statement)
        return [cells(row) for page in pages for row in page["Rows"]]

    return run


def cells(row):
    """The texts of a row, None where there is no value."""
    return [datum.get("ScalarValue") for datum in row["Data"]]


@pytest.fixture
def database(write):
    """A database of the test's own."""
    name = f"clients-{uuid.uuid4().hex[:12]}"
    write.create_database(DatabaseName=name)
    yield name
    for table in write.list_tables(DatabaseName=name)["Tables"]:
        write.delete_table(DatabaseName=name, TableName=table["TableName"])
    write.delete_database(DatabaseName=name)


@pytest.fixture
def table(write, database):
    """A table of the test's own that keeps a day in memory and takes older rows."""
    write.create_table(
        DatabaseName=database,
        TableName="t",
        RetentionProperties={"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 365},
        MagneticStoreWriteProperties={"EnableMagneticStoreWrites": True},
    )
    return "t"


@pytest.fixture
def put(write, database, table):
    """Writes records into the test's table."""

    def run(records, **more):
        return write.write_records(DatabaseName=database, TableName=table, Records=records, **more)

    return run


@pytest.fixture
def source(database, table):
    """The test's table as statements name it."""
    return f'"{database}"."{table}"'


@pytest.fixture(scope="session")
def now():
    """A millisecond of the present, the same for the whole run."""
    return int(time.time() * 1000)


@pytest.fixture
def aws(bridge_url, environment):
    """Runs the aws CLI; gives its output, or the error text when it fails."""

    def run(*arguments, endpoint=bridge_url):
        command = [sys.executable, "-m", "awscli", *arguments, "--output", "json"]
        if endpoint:
            command += ["--endpoint-url", endpoint]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode != 0:
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run
