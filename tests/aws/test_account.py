"""``tidewatch doctor --aws``: what it finds in an account, by the variables of the functions."""

import json
import os
import subprocess

import pytest

from conftest import ACCOUNT, PATIENCE

HASH_AND_RANGE = ["HASH", "RANGE"]


@pytest.fixture
def doctor(binary, environment, tmp_path):
    """Runs the command; gives its exit code and its findings by what was looked at."""

    def run(**variables):
        done = subprocess.run(
            [str(binary("tidewatch")), "doctor", "--aws", "--json"],
            capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path,
            env={**environment, "PATH": os.environ["PATH"], **variables},
        )
        assert done.stdout, done.stderr
        return done.returncode, {check["check"]: check for check in json.loads(done.stdout)["checks"]}

    return run


def create_table(client, name, *keys, **more):
    client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in {*keys, *more.pop("others", ())}],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, HASH_AND_RANGE)],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


@pytest.fixture
def installation(client):
    """Everything that Terraform would make; the variables of the functions."""
    create_table(
        client, "monitors", "tenant", "monitor_id",
        others=["schedule_bucket"],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        GlobalSecondaryIndexes=[{
            "IndexName": "schedule_bucket",
            "KeySchema": [{"AttributeName": "schedule_bucket", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    )
    create_table(client, "state", "bucket")
    create_table(client, "incidents", "incident")
    timestream = client("timestream-write")
    timestream.create_database(DatabaseName="CPTMonitoring")
    timestream.create_table(
        DatabaseName="CPTMonitoring",
        TableName="WebsiteMonitoringData",
        Schema={"CompositePartitionKey": [
            {"Type": "DIMENSION", "Name": "monitor_id", "EnforcementInRecord": "REQUIRED"},
        ]},
        RetentionProperties={"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 400},
        MagneticStoreWriteProperties={"EnableMagneticStoreWrites": True},
    )
    return {
        "TIDEWATCH_MONITORS_TABLE": "monitors",
        "TIDEWATCH_STATE_TABLE": "state",
        "TIDEWATCH_INCIDENTS_TABLE": "incidents",
        "TIDEWATCH_RESULTS_QUEUE_URL": client("sqs").create_queue(QueueName="results")["QueueUrl"],
    }


def test_a_whole_installation_is_fit(doctor, installation, client):
    client("events").put_rule(Name="tidewatch-abc", ScheduleExpression="rate(1 minute)")
    code, found = doctor(**installation)
    assert {check["status"] for check in found.values()} == {"ok"}, found
    assert code == 0
    assert found["account"]["measured"] == ACCOUNT
    assert "1 of 300" in found["schedule rules"]["measured"]
    assert "CPTMonitoring.WebsiteMonitoringData" in found["store's table"]["measured"]


def test_an_empty_account_is_told_what_is_missing(doctor, environment):
    queue = f"{environment['AWS_ENDPOINT_URL']}/{ACCOUNT}/results"
    code, found = doctor(TIDEWATCH_MONITORS_TABLE="monitors", TIDEWATCH_RESULTS_QUEUE_URL=queue)
    assert code == 1
    for check in ["monitors table", "queue", "store's table"]:
        assert found[check]["status"] == "fail", found
        assert found[check]["remedy"]
    assert found["account"]["status"] == "ok"


def test_a_table_whose_edits_would_be_lost_is_no_good(doctor, client):
    create_table(client, "silent", "tenant", "monitor_id")
    code, found = doctor(TIDEWATCH_MONITORS_TABLE="silent")
    assert code == 1
    assert "no stream" in found["monitors table"]["measured"]
    assert "NEW_AND_OLD_IMAGES" in found["monitors table"]["remedy"]


def test_without_credentials_only_that_is_said(doctor):
    code, found = doctor(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert code == 1
    assert set(found) == {"region", "credentials"}
    assert "AWS_PROFILE" in found["credentials"]["remedy"]
