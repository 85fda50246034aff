"""The built Lambda functions as whole binaries.

``TIDEWATCH_BIN_DIR`` names the folder with ``tidewatch`` and ``tidewatch-lambda-*``; ``run`` sets
it. moto stands for AWS, ``runtime.py`` for Lambda, ``faults.py`` for a bad day, and the bridge of
the built ``tidewatch`` for Timestream. Nothing but loopback is talked to.
"""

import functools
import json
import logging
import os
import pathlib
import socket
import subprocess
import sys
import urllib.request

import boto3
import pytest
from moto.server import ThreadedMotoServer

from alerting import Alerting
from faults import Faults
from local_mode import announced, command, running
from monitors_table import TABLE, MonitorsTable
from runtime import ACCOUNT, PATIENCE, REGION, Function

#: The alias that rules call.
MONITOR_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:tidewatch-monitor:live"
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def pytest_configure(config):
    if "TIDEWATCH_BIN_DIR" not in os.environ:
        pytest.exit("set TIDEWATCH_BIN_DIR to the folder of the binaries, or use tests/aws/run")
    # One line for each request to moto would hide what failed.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Nothing of the machine's own AWS settings.
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


@pytest.fixture(scope="session")
def binary():
    """The path of a built binary."""
    folder = pathlib.Path(os.environ["TIDEWATCH_BIN_DIR"])

    def find(name):
        path = folder / name
        if not path.exists():
            pytest.fail(f"{path} is not there; build it: cargo build --workspace")
        return path

    return find


@pytest.fixture(scope="session")
def moto_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto(moto_server):
    """The URL of moto, which knows nothing yet."""
    request = urllib.request.Request(f"{moto_server}/moto-api/reset", method="POST")
    urllib.request.urlopen(request, timeout=PATIENCE).close()
    return moto_server


@pytest.fixture
def faults(moto):
    """A scripted endpoint in front of moto."""
    faults = Faults(moto)
    yield faults
    faults.stop()


@pytest.fixture
def environment(moto):
    """Variables of functions and of the aws CLI: moto is AWS."""
    return {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": moto,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="session")
def clients():
    """boto3 clients by service and endpoint: making one costs more than most tests."""
    session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION)
    return functools.cache(lambda service, endpoint: session.client(service, endpoint_url=endpoint))


@pytest.fixture
def client(moto, clients):
    """A boto3 client, of moto unless another endpoint is named."""
    return lambda service, endpoint_url=moto: clients(service, endpoint_url)


@pytest.fixture
def aws(moto, environment):
    """Runs the aws CLI against moto; gives its output."""

    def run(*arguments):
        command = [sys.executable, "-m", "awscli", *arguments, "--output", "json", "--endpoint-url", moto]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE,
            env={**environment, "PATH": os.environ["PATH"]},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


@pytest.fixture
def runtime(binary, environment):
    """Starts functions: ``runtime("config", TIDEWATCH_...="...")``; all end with the test.

    A variable that is None is not set.
    """
    functions = []

    def start(function, **variables):
        merged = {name: value for name, value in {**environment, **variables}.items() if value is not None}
        started = Function(binary(f"tidewatch-lambda-{function}"), merged, name=f"tidewatch-{function}")
        functions.append(started)
        return started

    yield start
    for function in functions:
        function.stop()


@pytest.fixture
def xray():
    """A UDP port in place of the X-Ray daemon."""
    listener = Xray()
    yield listener
    listener.socket.close()


class Xray:
    """Takes datagrams of the X-Ray daemon's protocol: a header line, then a JSON document."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def segments(self, until, timeout=PATIENCE):
        """Documents as they came, up to the first for which ``until`` is true."""
        self.socket.settimeout(timeout)
        found = []
        while True:
            datagram = self.socket.recv(65_536)
            header, document = datagram.split(b"\n", 1)
            assert json.loads(header) == {"format": "json", "version": 1}
            found.append(json.loads(document))
            if until(found[-1]):
                return found


@pytest.fixture(scope="session")
def bridge(binary, tmp_path_factory):
    """The URL of a bridge on a folder of its own."""
    with running(command(binary("tidewatch"), tmp_path_factory.mktemp("tidewatch"))) as process:
        yield announced(process, "bridge")


@pytest.fixture
def rows(bridge, client):
    """Asks the bridge; gives rows as maps of column names to texts."""
    query = client("timestream-query", endpoint_url=bridge)

    def run(statement):
        found = []
        for page in query.get_paginator("query").paginate(QueryString=statement):
            names = [column["Name"] for column in page["ColumnInfo"]]
            for row in page["Rows"]:
                texts = [datum.get("ScalarValue") for datum in row["Data"]]
                found.append(dict(zip(names, texts)))
        return found

    return run


@pytest.fixture
def table(client):
    """The table of monitor entries, empty."""
    return MonitorsTable(client, REGION)


@pytest.fixture
def queue_named(client):
    """Makes queues."""
    sqs = client("sqs")
    return lambda name: Queue(sqs, sqs.create_queue(QueueName=name)["QueueUrl"])


@pytest.fixture
def results(queue_named):
    """The queue of results."""
    return queue_named("tidewatch-results")


class Queue:
    """A queue between functions."""

    def __init__(self, sqs, url):
        self.sqs = sqs
        self.url = url

    @property
    def arn(self):
        return self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def take(self):
        """All messages, parsed, taken off the queue."""
        return [json.loads(message["Body"]) for message in self._receive()]

    def event(self):
        """All messages as Lambda hands them to a function, taken off the queue."""
        return {"Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": self.arn,
                "awsRegion": REGION,
            }
            for message in self._receive()
        ]}

    def _receive(self):
        found = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"])
            messages = answer.get("Messages", [])
            if not messages:
                return found
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            found += messages


@pytest.fixture
def alerting(client):
    """What the webhook's functions work with."""
    return Alerting(client)


@pytest.fixture
def config(runtime, table, results):
    """Starts the config function on the table and the queue."""

    def start(**variables):
        return runtime("config", **{
            "TIDEWATCH_MONITORS_TABLE": TABLE,
            "TIDEWATCH_MONITOR_FUNCTION_ARN": MONITOR_ARN,
            "TIDEWATCH_RESULTS_QUEUE_URL": results.url,
            "TIDEWATCH_TENANTS": json.dumps({"demo": {"addresses": "any"}}),
            **variables,
        })

    return start


@pytest.fixture
def rules(client):
    """The schedule rules by description, with their targets."""
    events = client("events")

    def read(prefix="tidewatch-"):
        found = {}
        for page in events.get_paginator("list_rules").paginate(**({"NamePrefix": prefix} if prefix else {})):
            for rule in page["Rules"]:
                targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
                found[rule["Description"]] = {**rule, "Targets": targets}
        return found

    return read


def tick(rule, slot="2026-11-22T13:00:00Z"):
    """The inputs that a rule's targets get at ``slot``, as EventBridge makes them."""
    inputs = []
    for target in rule["Targets"]:
        transformer = target["InputTransformer"]
        assert transformer["InputPathsMap"] == {"slot": "$.time"}
        inputs.append(json.loads(transformer["InputTemplate"].replace("<slot>", json.dumps(slot))))
    return inputs
