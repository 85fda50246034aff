"""The writer function: messages in, rows of the bridge, state and alerts out."""

import json
import time
import uuid

import pytest

from faults import Faults

TABLE = '"CPTMonitoring"."WebsiteMonitoringData"'
STATES = "tidewatch-judging"
WRITE = "Timestream_20181101.WriteRecords"
COMMIT = "DynamoDB.PutItem"
#: The first slot of the stories, half an hour ago.
START = int(time.time()) // 60 * 60 - 1800


@pytest.fixture
def tenant():
    """A tenant of this test alone: the bridge is shared."""
    return "t" + uuid.uuid4().hex[:12]


@pytest.fixture
def store(bridge):
    """A scripted endpoint in front of the bridge."""
    faults = Faults(bridge)
    yield faults
    faults.stop()


@pytest.fixture
def states(client):
    """The table of judging state, empty."""
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=STATES,
        KeySchema=[{"AttributeName": "bucket", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "bucket", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def read(bucket):
        item = dynamodb.get_item(TableName=STATES, Key={"bucket": {"S": str(bucket)}}).get("Item")
        return item and {name: int(value["N"]) for name, value in item.items() if "N" in value}

    return read


class Queue:
    """A queue that a function sends to."""

    def __init__(self, sqs, name):
        self.sqs = sqs
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]

    def take(self):
        """All messages, parsed."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found


@pytest.fixture
def rejected(client):
    return Queue(client("sqs"), "tidewatch-rejected")


@pytest.fixture
def alerts(client):
    return Queue(client("sqs"), "tidewatch-alerts")


@pytest.fixture
def writer(runtime, states, rejected, alerts, store):
    """Starts writers, and waits until they are there."""

    def start(**variables):
        function = runtime("writer", **{
            "TIDEWATCH_STATE_TABLE": STATES,
            "TIDEWATCH_REJECTED_QUEUE_URL": rejected.url,
            "TIDEWATCH_ALERT_SOURCE": "writer",
            "TIDEWATCH_ALERT_QUEUE_URL": alerts.url,
            "TIDEWATCH_STORE_ENDPOINT": store.url,
            **variables,
        })
        function.invoke({"v": 1, "kind": "ping"}).ok()
        return function

    return start


def monitor(tenant, name, **fields):
    return {"tenant": tenant, "monitor_id": name, "target": f"https://www.{name}.example/", **fields}


def result(tenant, name, minute, failure=None):
    """A probe of one attempt; ``failure`` is the class of its error."""
    slot = (START + 60 * minute) * 10**9
    attempt = {
        "number": 1,
        "started_at": slot + 2_000_000,
        "connection": "fresh",
        "phases": {"wait": 90_000_000, "total": 90_000_000},
        "reached": "done",
        "body_bytes": 10,
        "status_code": 200,
    }
    if failure:
        attempt["reached"] = "assert"
        attempt["status_code"] = 503
        attempt["causes"] = [{"class": failure, "owner": "target", "text": "scripted"}]
    return {
        "tenant": tenant, "monitor_id": name, "kind": "http",
        "slot": slot, "started_at": slot + 2_000_000,
        "samples": [attempt], "skipped": 0,
    }


def results(monitors, found, location="eu-west-1", bucket=7, rows=()):
    message = {"v": 1, "kind": "results", "location": location, "bucket": bucket, "monitors": monitors, "results": found}
    return json.dumps({**message, "rows": list(rows)})


def batch(*bodies):
    """The event that SQS makes of messages."""
    return {"Records": [
        {
            "messageId": f"m{index}", "receiptHandle": "r", "body": body,
            "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
            "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
        }
        for index, body in enumerate(bodies)
    ]}


def again(function, event):
    """The messages that are to come again."""
    answer = function.invoke(event).ok()
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def figures(function):
    """The metrics of all invocations, added up; the function ends with that."""
    function.stop()
    total = {}
    for told in function.metrics():
        for name, value in told.items():
            total[name] = total.get(name, 0) + value
    return total


def outage(tenant, minutes=4):
    """A monitor that is up for two minutes and down after that."""
    found = [result(tenant, "shop", n, "status_mismatch" if n >= 2 else None) for n in range(minutes)]
    return results([monitor(tenant, "shop")], found)


@pytest.fixture
def written(rows, tenant):
    """What the store holds of the test's tenant: rows of a kind, in order of time."""

    def read(kind, location=None):
        place = f" AND location = '{location}'" if location else ""
        return rows(
            f"SELECT * FROM {TABLE} WHERE tenant = '{tenant}' AND measure_name = '{kind}'{place} "
            "AND time > ago(12h) ORDER BY time, monitor_id"
        )

    return read


def all_rows(written):
    """Rows that can be compared: every measure of every row."""
    return [written(kind) for kind in ("probe", "state")]


def test_an_outage_leaves_rows_a_state_and_one_alert(writer, tenant, written, states, alerts, rows):
    function = writer()
    assert again(function, batch(outage(tenant))) == []
    assert [row["outcome"] for row in written("probe")] == ["ok", "ok", "fail", "fail"]
    assert [row["latency_ms"] for row in written("probe")][:2] == ["90.0", "90.0"]
    everywhere = written("state", "_all")
    assert [row["state"] for row in everywhere] == ["up", "suspect", "down"]
    assert [row["epoch"] for row in everywhere] == ["0", "0", "1"]
    assert [row["state"] for row in written("state", "eu-west-1")] == ["up", "suspect", "down"]
    assert states(7) == {"version": 1, "delivered": 1}
    (alert,) = alerts.take()
    assert alert["source"] == "writer"
    assert alert["payload"]["alerts"][0]["labels"]["monitor_id"] == "shop"
    own = rows(f"SELECT * FROM {TABLE} WHERE tenant = '_system' AND monitor_id = 'writer' AND time > ago(5m)")
    assert any(row["probes"] == "4" for row in own)


def test_every_column_exists_from_the_first_batch(writer, rows):
    assert again(writer(), batch()) == []
    columns = {row["Column"] for row in rows(f"DESCRIBE {TABLE}")}
    assert {"error_class", "latency_le_6400", "notifications_failed"} <= columns


def test_what_comes_twice_late_and_in_disorder_is_told_once(writer, tenant, written, alerts):
    function = writer()
    pieces = [
        results([monitor(tenant, "shop")], [result(tenant, "shop", n, "status_mismatch" if n >= 2 else None)])
        for n in range(6)
    ]
    for order in ([0, 3], [2, 3, 1], [5, 4], [4, 5, 0]):
        assert again(function, batch(*(pieces[n] for n in order))) == []
    assert len(written("probe")) == 6
    everywhere = written("state", "_all")
    assert [row["state"] for row in everywhere][-1] == "down"
    assert {row["epoch"] for row in everywhere if row["state"] == "down"} == {"1"}
    # Since the first failure, however late it was known.
    assert int(everywhere[-1]["since"][14:16]) == time.gmtime(START + 120).tm_min
    assert [len(alert["payload"]["alerts"]) for alert in alerts.take()] == [1]


def test_one_of_three_places_is_no_outage(writer, tenant, written, alerts):
    function = writer()
    for n in range(4):
        bodies = [
            results([monitor(tenant, "shop")], [result(tenant, "shop", n, "status_mismatch" if place == "ap" else None)], place)
            for place in ("eu", "us", "ap")
        ]
        assert again(function, batch(*bodies)) == []
    last = written("state", "_all")[-1]
    assert (last["state"], last["overlays"], last["failing_locations"]) == ("up", "degraded", "ap")
    assert alerts.take() == []
    assert len(written("probe")) == 12


def test_poison_is_kept_with_the_reason_and_the_rest_goes_on(writer, tenant, written, rejected):
    function = writer()
    spoilt = result(tenant, "shop", 1)
    spoilt["slot"] = "yesterday"
    mixed = results([monitor(tenant, "shop")], [result(tenant, "shop", 0), spoilt])
    later = json.dumps({"v": 99, "kind": "results"})
    assert again(function, batch("not JSON", mixed, later)) == ["m2"]
    assert len(written("probe")) == 1
    letters = sorted(rejected.take(), key=lambda letter: letter["place"])
    assert [(letter["place"], letter["text"][:8]) for letter in letters] == [
        ("message", "not JSON"), ("results[1]", '{"tenant'),
    ]
    assert "slot" in letters[1]["reason"]
    assert figures(function)["refused"] == 2


def test_records_that_the_store_refuses_are_kept_one_by_one(writer, tenant, written, rejected):
    function = writer()
    found = [result(tenant, "shop", n) for n in range(3)]
    found[1]["slot"] -= 3 * 365 * 24 * 3600 * 10**9
    assert again(function, batch(results([monitor(tenant, "shop")], found))) == []
    assert len(written("probe")) == 2
    letters = rejected.take()
    assert {letter["kind"] for letter in letters} == {"row"}
    probes = [letter for letter in letters if letter["row"]["measure_name"] == "probe"]
    assert len(probes) == 1
    assert "time range" in probes[0]["reason"]
    told = figures(function)
    assert told["rows_rejected"] == len(letters)
    assert told["probes"] == 3 and told["rows_written"] > 0
    assert told["queue_age_ms"] > 1000 * (time.time() - START - 180)


def test_a_second_measurement_of_a_slot_is_a_repeat_and_the_first_stays(writer, tenant, written, rejected):
    function = writer()
    first, second = (result(tenant, "shop", 0) for _ in range(2))
    second["samples"][0]["phases"] = {"wait": 70_000_000, "total": 70_000_000}
    for found in (first, second):
        assert again(function, batch(results([monitor(tenant, "shop")], [found]))) == []
    assert [row["latency_ms"] for row in written("probe")] == ["90.0"]
    assert rejected.take() == []
    assert figures(function)["rows_duplicate"] == 1


def test_a_store_of_one_tenant_that_is_missing_stops_no_other(writer, tenant, written, rejected):
    own = tenant + "own"
    function = writer(TIDEWATCH_TENANTS=json.dumps({own: {"table": "Missing"}}))
    both = results(
        [monitor(tenant, "shop"), monitor(own, "shop")],
        [result(tenant, "shop", 0), result(own, "shop", 0)],
    )
    assert again(function, batch(both)) == []
    assert len(written("probe")) == 1
    letters = [letter for letter in rejected.take() if letter["row"]["measure_name"] == "probe"]
    assert [letter["row"]["tenant"] for letter in letters] == [own]
    assert "CPTMonitoring.Missing" in letters[0]["reason"]


@pytest.mark.parametrize("code, status", [("ThrottlingException", 400), ("InternalServerException", 500)])
def test_a_store_in_trouble_is_asked_again(writer, tenant, written, store, code, status):
    function = writer()
    store.fail(WRITE, code, status, times=2)
    assert again(function, batch(outage(tenant))) == []
    assert store.left() == []
    assert len(written("probe")) == 4


@pytest.mark.parametrize("trouble", ["cut", "hang"])
def test_a_store_that_does_not_answer_is_asked_again(writer, tenant, written, store, alerts, trouble):
    function = writer()
    # An attempt that hangs is given up after six seconds.
    getattr(store, trouble)(WRITE, times=1)
    assert again(function, batch(outage(tenant))) == []
    assert store.left() == []
    assert [row["state"] for row in written("state", "_all")] == ["up", "suspect", "down"]
    assert len(written("probe")) == 4
    assert len(alerts.take()) == 1


def test_a_store_that_hangs_for_good_keeps_the_messages_and_is_waited_for_once(writer, tenant, written, store, alerts):
    function = writer()
    store.hang(WRITE, times=60)
    assert again(function, batch(outage(tenant))) == ["m0"]
    # Six seconds for each attempt, twenty for all; the function's own row would be as many again.
    assert store.count(WRITE) <= 4
    assert alerts.take() == []
    told = figures(function)
    assert told["write_retries"] >= 1
    store.clear()
    assert again(writer(), batch(outage(tenant))) == []
    assert len(written("probe")) == 4
    assert len(alerts.take()) == 1


def test_a_start_does_not_wait_for_the_store(runtime, states, store):
    store.hang(WRITE, times=60)
    function = runtime("writer", TIDEWATCH_STATE_TABLE=STATES, TIDEWATCH_STORE_ENDPOINT=store.url)
    function.invoke({"v": 1, "kind": "ping"}).ok()
    assert store.calls == []


def test_a_store_that_stays_down_keeps_the_messages(writer, tenant, written, store, alerts):
    function = writer()
    store.cut(WRITE, times=60)
    assert again(function, batch(outage(tenant))) == ["m0"]
    assert written("state") == []
    assert alerts.take() == [], "nobody is called before the rows are there"
    store.clear()
    assert again(function, batch(outage(tenant))) == []
    assert [row["state"] for row in written("state", "_all")] == ["up", "suspect", "down"]
    assert len(alerts.take()) == 1


@pytest.mark.parametrize("code, status", [("ThrottlingException", 400), ("InternalServerError", 500)])
def test_a_state_table_in_trouble_is_asked_again(writer, tenant, written, faults, code, status):
    function = writer(AWS_ENDPOINT_URL_DYNAMODB=faults.url)
    faults.fail("DynamoDB.GetItem", code, status, times=1)
    faults.fail(COMMIT, code, status, times=2)
    assert again(function, batch(outage(tenant))) == []
    assert faults.left() == []
    assert len(written("probe")) == 4


def test_a_lost_race_is_judged_again(writer, tenant, written, faults, states):
    function = writer(AWS_ENDPOINT_URL_DYNAMODB=faults.url)
    faults.fail(COMMIT, "ConditionalCheckFailedException", times=2)
    assert again(function, batch(outage(tenant))) == []
    assert faults.count(COMMIT) == 3
    assert states(7)["version"] == 1
    assert len(written("state", "_all")) == 3


def test_two_buckets_do_not_share_their_faults(writer, tenant, written, faults):
    function = writer(AWS_ENDPOINT_URL_DYNAMODB=faults.url)

    def refuse_seven(sent):
        broken = dict(sent)
        if sent["Item"]["bucket"]["S"] == "7":
            broken["TableName"] = "nowhere"
        return broken

    faults.change(COMMIT, request=refuse_seven, times=2)
    seven = results([monitor(tenant, "a")], [result(tenant, "a", 0)])
    eight = results([monitor(tenant, "b")], [result(tenant, "b", 0)], bucket=8)
    assert again(function, batch(seven, eight)) == ["m0"]
    assert [row["monitor_id"] for row in written("probe")] == ["b"]


@pytest.mark.parametrize("place", ["before the commit", "after the commit", "before the rows", "after the rows", "after the answer"])
def test_a_writer_that_is_killed_loses_nothing_and_doubles_nothing(
    writer, tenant, written, faults, store, alerts, states, place,
):
    function = writer(AWS_ENDPOINT_URL_DYNAMODB=faults.url)

    def kill(*seen):
        function.kill()
        return seen[-1] if seen else None

    if place == "before the commit":
        faults.change(COMMIT, request=lambda sent: {**kill(sent), "TableName": "nowhere"})
    if place == "after the commit":
        faults.change(COMMIT, answer=kill)
    if place == "before the rows":
        store.change(WRITE, request=lambda sent: {**kill(sent), "TableName": "nowhere"})
    if place == "after the rows":
        store.change(WRITE, answer=kill)
    event = batch(outage(tenant))
    if place == "after the answer":
        # SQS has not deleted the message when the function ends.
        function.invoke(event).ok()
        kill()
    else:
        function.hand_over(event)
        function.process.wait(60)
    second = writer()
    assert again(second, event) == []
    assert len(written("probe")) == 4
    assert [row["state"] for row in written("state", "_all")] == ["up", "suspect", "down"]
    assert [row["state"] for row in written("state", "eu-west-1")] == ["up", "suspect", "down"]
    assert states(7)["version"] == 1
    # An alert may be queued twice, but it is the same: the consumer knows it by its identifier.
    found = alerts.take()
    assert 1 <= len(found) <= 2
    assert len({alert["id"] for alert in found}) == 1
    before = all_rows(written)
    assert again(second, event) == []
    assert all_rows(written) == before


def forget(client, bucket=7):
    client("dynamodb").delete_item(TableName=STATES, Key={"bucket": {"S": str(bucket)}})


@pytest.mark.parametrize("how", ["its bucket is lost", "it moves to another bucket"])
def test_a_monitor_that_the_state_has_lost_goes_on_with_its_outage(writer, tenant, written, alerts, client, how):
    function = writer()
    assert again(function, batch(outage(tenant))) == []
    assert len(alerts.take()) == 1
    bucket = 7
    if how == "its bucket is lost":
        forget(client)
    else:
        bucket = 8
    down = [result(tenant, "shop", n, "status_mismatch") for n in (4, 5)]
    assert again(function, batch(results([monitor(tenant, "shop")], down, bucket=bucket))) == []
    last = written("state", "_all")[-1]
    assert (last["state"], last["epoch"]) == ("down", "1")
    assert int(last["since"][14:16]) == time.gmtime(START + 120).tm_min
    assert alerts.take() == [], "people know of it"
    up = [result(tenant, "shop", n) for n in (6, 7)]
    assert again(function, batch(results([monitor(tenant, "shop")], up, bucket=bucket))) == []
    assert written("state", "_all")[-1]["state"] == "up"
    (end,) = alerts.take()
    assert [alert["status"] for alert in end["payload"]["alerts"]] == ["resolved"]
    again_down = [result(tenant, "shop", n, "status_mismatch") for n in (8, 9)]
    assert again(function, batch(results([monitor(tenant, "shop")], again_down, bucket=bucket))) == []
    assert written("state", "_all")[-1]["epoch"] == "2"


def test_a_lost_bucket_begins_anew_where_the_store_cannot_be_asked(writer, tenant, written, client, store):
    function = writer()
    assert again(function, batch(outage(tenant))) == []
    forget(client)
    store.fail("Timestream_20181101.Query", "AccessDeniedException", times=1)
    down = [result(tenant, "shop", n, "status_mismatch") for n in (4, 5)]
    assert again(function, batch(results([monitor(tenant, "shop")], down))) == []
    assert written("state", "_all")[-1]["epoch"] == "1"
    assert "begin as unknown" in function.log_text()


def test_a_monitor_that_is_gone_is_forgotten(writer, tenant, written, states):
    function = writer()
    assert again(function, batch(outage(tenant))) == []
    at = (START + 300) * 10**9
    row = {
        "destination": "main", "tenant": tenant, "measure_name": "monitor", "time": at, "version": 1,
        "dimensions": [["tenant", tenant], ["monitor_id", "shop"], ["location", "_all"], ["kind", "http"]],
        "measures": [["enabled", "boolean", "false"], ["deleted", "boolean", "true"]],
    }
    assert again(function, batch(results([], [], rows=[row]))) == []
    assert [row["deleted"] for row in written("monitor")] == ["true"]
    # It comes back as a monitor that nothing is known of, but that it had an outage before.
    back = [result(tenant, "shop", n, "status_mismatch" if n > 6 else None) for n in (6, 7, 8)]
    assert again(function, batch(results([monitor(tenant, "shop")], back))) == []
    assert [(row["state"], row["epoch"]) for row in written("state", "_all")][-3:] == [
        ("up", "1"), ("suspect", "1"), ("down", "2"),
    ]


def test_the_hour_before_is_rolled_up_once(writer, tenant, written):
    function = writer()
    hour = int(time.time()) // 3600 * 3600 - 3600
    first = (hour - START) // 60
    found = [result(tenant, "shop", first + n, "status_mismatch" if n < 6 else None) for n in range(60)]
    assert again(function, batch(results([monitor(tenant, "shop")], found))) == []
    written_first = function.invoke({"v": 1, "kind": "rollup"}).ok()
    assert written_first["rows"] >= 1
    (row,) = written("rollup")
    assert (row["good"], row["bad"]) == ("54", "6")
    assert function.invoke({"v": 1, "kind": "rollup"}).ok()["rows"] == 0
    # A late result changes the hour, and with it the row.
    late = result(tenant, "shop", first + 1, "status_mismatch")
    late["slot"] += 30 * 10**9
    assert again(function, batch(results([monitor(tenant, "shop")], [late]))) == []
    assert function.invoke({"v": 1, "kind": "rollup"}).ok()["rows"] == 1
    (row,) = written("rollup")
    assert (row["good"], row["bad"]) == ("54", "7")


def test_a_function_that_cannot_run_says_everything_that_is_wrong(runtime):
    function = runtime("writer", TIDEWATCH_ALERT_SOURCE="writer", TIDEWATCH_STORE_ENDPOINT="bridge:8086")
    function.start_error()
    error = function.log_text()
    for part in ("TIDEWATCH_STATE_TABLE is not set", "TIDEWATCH_ALERT_QUEUE_URL", "bridge:8086"):
        assert part in error, error
