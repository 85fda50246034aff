"""Functions straight to Timestream, in accounts that have it: its endpoints are discovered."""

import json
import time
import uuid

import pytest

from runtime import REGION
from timestream import Timestream

TABLE = '"CPTMonitoring"."WebsiteMonitoringData"'


@pytest.fixture
def timestream(bridge, tmp_path):
    timestream = Timestream(bridge, REGION, tmp_path)
    yield timestream
    timestream.stop()


@pytest.fixture
def tenant():
    """A tenant of this test alone: the bridge is shared."""
    return "t" + uuid.uuid4().hex[:12]


def slot(seconds_ago=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))


def test_the_monitor_function_without_a_queue_writes_to_the_cell_that_it_finds(runtime, timestream, rows, tenant):
    function = runtime("monitor", TIDEWATCH_TENANTS=json.dumps({tenant: {"addresses": "any"}}), **timestream.environment)
    # Nobody listens there: a result all the same.
    entry = {"tenant": tenant, "monitor_id": "shop", "target": "http://127.0.0.1:9/", "attempts": 1}
    call = {"v": 1, "kind": "monitor", "slot": slot(), "interval": 60, "bucket": 7, "monitor": entry}
    assert function.invoke(call).ok()["probes"] == 1
    assert timestream.calls[0] == ("ingest", "DescribeEndpoints")
    assert set(timestream.calls[1:]) == {("ingest-cell2", "WriteRecords")}
    found = rows(f"SELECT measure_name, error_class FROM {TABLE} WHERE tenant = '{tenant}' AND time > ago(10m)")
    assert found == [{"measure_name": "probe", "error_class": "connect_refused"}]


def test_the_writer_writes_and_asks_each_at_its_cell(runtime, timestream, rows, tenant, client, moto):
    client("dynamodb").create_table(
        TableName="judging",
        KeySchema=[{"AttributeName": "bucket", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "bucket", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    function = runtime(
        "writer", TIDEWATCH_STATE_TABLE="judging", AWS_ENDPOINT_URL_DYNAMODB=moto, **timestream.environment,
    )
    at = int(time.time()) // 60 * 60 - 300
    missed = {
        "destination": "main", "tenant": tenant, "measure_name": "monitor", "time": at * 10**9, "version": 1,
        "dimensions": [["tenant", tenant], ["monitor_id", "shop"], ["location", "_all"], ["kind", "http"]],
        "measures": [["name", "varchar", "Shop"]],
    }
    body = json.dumps({
        "v": 1, "kind": "results", "location": REGION, "bucket": 7, "monitors": [], "results": [], "rows": [missed],
    })
    message = {"messageId": "m0", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {}}
    assert function.invoke({"Records": [message]}).ok() == {"batchItemFailures": []}
    assert function.invoke({"v": 1, "kind": "rollup"}).ok()["v"] == 1
    assert {call for call in timestream.calls} == {
        ("ingest", "DescribeEndpoints"), ("ingest-cell2", "WriteRecords"),
        ("query", "DescribeEndpoints"), ("query-cell2", "Query"),
    }
    found = rows(f"SELECT name FROM {TABLE} WHERE tenant = '{tenant}' AND time > ago(1h)")
    assert found == [{"name": "Shop"}]


def test_a_start_that_finds_no_endpoint_says_what_to_set(runtime):
    # A proxy at which nobody listens.
    function = runtime("monitor", HTTPS_PROXY="http://127.0.0.1:9", AWS_ENDPOINT_URL=None)
    function.start_error()
    assert "TIDEWATCH_STORE_ENDPOINT" in function.log_text()
