"""The monitor function: what it probes, what it hands on, and what it does on a bad day."""

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SEND = "AmazonSQS.SendMessageBatch"
TENANTS = json.dumps({"demo": {"addresses": "any"}})
TABLE = "monitors"


@pytest.fixture
def target():
    """A web server on loopback that remembers its requests."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def do_GET(self):
            seen.append((self.path, dict(self.headers)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/"
    server.seen = seen
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def queues(client):
    """URLs of a results queue and a slots queue."""
    sqs = client("sqs")
    return {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("results", "slots")}


@pytest.fixture
def monitor(runtime, queues):
    """Starts the function with both queues."""

    def start(**variables):
        return runtime("monitor", **{
            "TIDEWATCH_RESULTS_QUEUE_URL": queues["results"],
            "TIDEWATCH_SLOTS_QUEUE_URL": queues["slots"],
            "TIDEWATCH_TENANTS": TENANTS,
            **variables,
        })

    return start


@pytest.fixture
def received(client, queues):
    """The messages of a queue, which are gone from it then."""

    def receive(name="results"):
        sqs, url, found = client("sqs"), queues[name], []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    return receive


@pytest.fixture
def table(client):
    """The table of entries with its index; puts items given in plain form."""
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("tenant", "monitor_id", "schedule_bucket")],
        KeySchema=[{"AttributeName": "tenant", "KeyType": "HASH"}, {"AttributeName": "monitor_id", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "schedule_bucket",
            "KeySchema": [{"AttributeName": "schedule_bucket", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    )

    def put(**fields):
        def attribute(value):
            match value:
                case bool():
                    return {"BOOL": value}
                case int():
                    return {"N": str(value)}
                case str():
                    return {"S": value}
                case list():
                    return {"L": [attribute(element) for element in value]}
                case dict():
                    return {"M": {name: attribute(inner) for name, inner in value.items()}}

        dynamodb.put_item(TableName=TABLE, Item={name: attribute(value) for name, value in fields.items()})

    return put


def slot(seconds_ago=0):
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def entry(url, name="shop", **more):
    return {"tenant": "demo", "monitor_id": name, "target": url, "attempts": 1, **more}


def for_entry(entry, seconds_ago=0, bucket=7, **more):
    return {"v": 1, "kind": "monitor", "slot": slot(seconds_ago), "interval": 60, "bucket": bucket, "monitor": entry, **more}


def for_bucket(name="60#7"):
    return {"v": 1, "kind": "bucket", "slot": slot(), "interval": 60, "bucket": name}


def refused_port(target):
    """An address at which nobody listens any more."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}/"


def as_records(*bodies):
    return {"Records": [{"messageId": f"m{index}", "body": body, "eventSource": "aws:sqs"} for index, body in enumerate(bodies)]}


def keys(messages):
    return sorted(result["monitor_id"] for message in messages for result in message["results"])


def measures(row):
    return {name: value for name, _, value in row["measures"]}


def test_an_entry_is_probed_and_its_result_sent_with_the_definition(monitor, received, target):
    function = monitor()
    answer = function.invoke(for_entry(entry(target.url, attempts=2)))
    assert answer.ok() == {"probes": 1, "missed": 0, "messages": 1}
    [message] = received()
    assert (message["v"], message["kind"], message["location"], message["bucket"]) == (1, "results", "eu-west-1", 7)
    [definition] = message["monitors"]
    assert (definition["target"], definition["interval"]) == (target.url, "1m")
    [result] = message["results"]
    assert (result["tenant"], result["monitor_id"]) == ("demo", "shop")
    assert [sample["status_code"] for sample in result["samples"]] == [200, 200]
    assert all("causes" not in sample for sample in result["samples"])
    assert len(target.seen) == 2
    [row] = message["rows"]
    assert (row["tenant"], row["measure_name"], measures(row)["probes"]) == ("_system", "ops", "1")
    assert function.metrics()[0]["probes"] == 1


def test_a_dead_target_is_a_result(monitor, received, target):
    dead = entry(refused_port(target), timeouts={"attempt": 1, "probe": 2}, interval=10)
    answer = monitor().invoke(for_entry(dead, expanded=True))
    assert answer.ok()["probes"] == 1
    [message] = received()
    [sample] = message["results"][0]["samples"]
    assert sample["causes"][0]["class"] == "connect_refused"
    assert message["results"][0]["retry"]["causes"][0]["class"] == "connect_refused"


def test_inner_addresses_are_refused_unless_the_tenant_may(monitor, received, target):
    function = monitor(TIDEWATCH_TENANTS=json.dumps({"demo": {"addresses": ["10.0.0.0/8"]}, "lab": {"addresses": "any"}}))
    assert function.invoke(for_entry(entry(target.url))).ok()["probes"] == 1
    [sample] = received()[0]["results"][0]["samples"]
    assert sample["causes"][0]["class"] == "blocked_address"
    other = function.invoke(for_entry({**entry(target.url), "tenant": "other"}))
    assert other.error["errorType"] == "InvalidEntry"
    assert "loopback" in other.error["errorMessage"]
    assert target.seen == []
    function.invoke(for_entry({**entry(target.url), "tenant": "lab"})).ok()
    assert len(target.seen) == 1


def test_a_bucket_is_read_from_the_table(monitor, received, table, target):
    for name, more in [
        ("a", {}), ("b", {"bucket": 3}), ("paused", {"enabled": False}),
        ("elsewhere", {"locations": ["us-east-1"]}), ("wrong", {"interval": "never"}),
        ("next", {"schedule_bucket": "60#8"}),
    ]:
        table(**{**entry(target.url, name), "schedule_bucket": "60#7", "bucket": 7, "status": "ok", **more})
    function = monitor(TIDEWATCH_MONITORS_TABLE=TABLE)
    assert function.invoke(for_bucket()).ok() == {"probes": 2, "missed": 0, "messages": 2}
    messages = received()
    assert {message["bucket"]: keys([message]) for message in messages} == {7: ["a"], 3: ["b"]}
    function.stop()
    [line] = [json.loads(line) for line in function.logs if "is not probed" in line]
    assert (line["tenant"], line["monitor"]) == ("demo", "wrong")
    assert "demo/wrong" in line["message"] and "interval" in line["message"]


def test_an_entry_can_be_named_by_its_key(monitor, received, table, target):
    secret = {"headers": {"x-api-key": "in-clear-text"}}
    table(**entry(target.url, request=secret), schedule_bucket="60#7", bucket=7)
    function = monitor(TIDEWATCH_MONITORS_TABLE=TABLE)
    call = for_entry(None)
    del call["monitor"]
    call["key"] = {"tenant": "demo", "monitor_id": "shop"}
    assert function.invoke(call).ok()["probes"] == 1
    assert target.seen[0][1]["x-api-key"] == "in-clear-text"
    assert "in-clear-text" not in json.dumps(received()) + function.log_text()
    call["key"]["monitor_id"] = "gone"
    assert function.invoke(call).ok() == {"probes": 0, "missed": 0, "messages": 0}


def test_a_slot_that_comes_too_late_is_missed_and_not_probed(monitor, received, target):
    answer = monitor().invoke(for_entry(entry(target.url), seconds_ago=75))
    assert answer.ok() == {"probes": 0, "missed": 1, "messages": 1}
    [message] = received()
    assert message["kind"] == "rows"
    told = {row["measure_name"]: measures(row) for row in message["rows"]}
    assert told["probe"]["outcome"] == "missed"
    assert told["ops"]["missed"] == "1"
    assert target.seen == []


def test_slots_below_a_minute_come_back_through_the_queue(monitor, received, faults, target):
    function = monitor(AWS_ENDPOINT_URL=faults.url)
    fast = entry(target.url, interval=20)
    assert function.invoke(for_entry(fast)).ok()["probes"] == 1
    requests = [json.loads(body) for called, body in faults.calls if called == SEND]
    [entries] = [request["Entries"] for request in requests if "slots" in request["QueueUrl"]]
    delays = [each["DelaySeconds"] for each in entries]
    assert len(delays) == 2 and 15 <= delays[0] <= 20 and 35 <= delays[1] <= 40
    received()
    # SQS hands the messages to the same function; one slot is due, the other one is long gone.
    due, gone = (json.loads(each["MessageBody"]) for each in entries)
    due["slot"], gone["slot"] = slot(), slot(seconds_ago=25)
    answer = function.invoke(as_records(json.dumps(due), json.dumps(gone)))
    assert answer.ok() == {"batchItemFailures": []}
    [message] = received()
    assert len(message["results"]) == 1
    assert [measures(row)["outcome"] for row in message["rows"]] == ["missed"]
    assert faults.count(SEND) == 3


def test_secrets_come_from_aws_and_go_to_the_target_only(monitor, received, client, target):
    client("ssm").put_parameter(Name="/tidewatch/demo/token", Value="s3cret", Type="SecureString")
    client("secretsmanager").create_secret(Name="/tidewatch/demo/key", SecretString="k3y")
    headers = {"authorization": "Bearer ${ssm:/tidewatch/demo/token}", "x-api-key": "${secretsmanager:/tidewatch/demo/key}"}
    function = monitor()
    function.invoke(for_entry(entry(target.url, request={"headers": headers}))).ok()
    sent = target.seen[0][1]
    assert (sent["authorization"], sent["x-api-key"]) == ("Bearer s3cret", "k3y")
    told = json.dumps(received()) + function.log_text()
    assert "s3cret" not in told and "k3y" not in told

    headers = {"authorization": "Bearer ${ssm:/tidewatch/demo/none}"}
    function.invoke(for_entry(entry(target.url, request={"headers": headers}))).ok()
    [cause] = received()[0]["results"][0]["samples"][0]["causes"]
    assert cause["class"] == "auth_failed" and "does not exist in this region" in cause["text"]
    foreign = {"authorization": "Bearer ${ssm:/tidewatch/other/token}"}
    answer = function.invoke(for_entry(entry(target.url, request={"headers": foreign})))
    assert answer.error["errorType"] == "InvalidEntry"
    assert len(target.seen) == 1


def test_without_a_queue_probe_rows_go_to_the_store(runtime, bridge, rows, target):
    function = runtime("monitor", TIDEWATCH_TENANTS=TENANTS, TIDEWATCH_STORE_ENDPOINT=bridge)
    name = "straight-to-the-store"
    assert function.invoke(for_entry(entry(target.url, name))).ok()["probes"] == 1
    assert function.invoke(for_entry(entry(target.url, name), seconds_ago=70)).ok()["missed"] == 1
    found = rows(
        'SELECT measure_name, outcome FROM "CPTMonitoring"."WebsiteMonitoringData" '
        f"WHERE monitor_id = '{name}' AND time > ago(10m) ORDER BY time DESC"
    )
    assert found == [{"measure_name": "probe", "outcome": outcome} for outcome in ("ok", "missed")]


def test_throttling_and_server_errors_of_the_queue_are_ridden_out(monitor, received, faults, target):
    function = monitor(AWS_ENDPOINT_URL=faults.url)
    faults.fail(SEND, "ThrottlingException", status=400, times=2)
    faults.fail(SEND, "InternalFailure", status=500)
    faults.cut(SEND)
    assert function.invoke(for_entry(entry(target.url))).ok()["messages"] == 1
    assert faults.left() == []
    assert len(received()) == 1
    assert len(target.seen) == 1


def test_what_a_half_failed_batch_left_out_is_sent_again_and_nothing_else(monitor, received, faults, table, target):
    for name, bucket in [("a", 1), ("b", 2), ("c", 3)]:
        table(**entry(target.url, name), schedule_bucket="60#7", bucket=bucket)
    function = monitor(AWS_ENDPOINT_URL=faults.url, TIDEWATCH_MONITORS_TABLE=TABLE)

    def take_the_first(sent):
        return {**sent, "Entries": sent["Entries"][:1]}

    def fail_the_others(sent, answered):
        failed = [{"Id": each["Id"], "Code": "InternalError", "SenderFault": False, "Message": "scripted"} for each in sent["Entries"][1:]]
        return {**answered, "Failed": failed}

    faults.change(SEND, request=take_the_first, answer=fail_the_others, times=2)
    assert function.invoke(for_bucket()).ok() == {"probes": 3, "missed": 0, "messages": 3}
    messages = received()
    assert len(messages) == 3 and keys(messages) == ["a", "b", "c"]
    assert function.metrics()[0]["write_retries"] == 3


def test_a_queue_that_takes_nothing_fails_the_invocation_in_time(monitor, received, faults, target):
    function = monitor(AWS_ENDPOINT_URL=faults.url)
    faults.fail(SEND, "AWS.SimpleQueueService.NonExistentQueue", status=400, times=100)
    call = for_entry(entry(target.url, timeouts={"attempt": 1, "probe": 1}))
    answer = function.invoke(call, remaining=4)
    assert answer.error["errorType"] == "ResultsNotHandedOn"
    assert "NonExistentQueue" in answer.error["errorMessage"]
    # The messages of the slots queue come again.
    answer = function.invoke(as_records(json.dumps(call)), remaining=4)
    assert answer.ok() == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert received() == []


def test_a_deadline_that_is_nearly_over_leaves_a_row(monitor, received, target):
    answer = monitor().invoke(for_entry(entry(target.url)), remaining=3)
    assert answer.ok() == {"probes": 0, "missed": 1, "messages": 1}
    [message] = received()
    [text] = [measures(row)["error_text"] for row in message["rows"] if row["measure_name"] == "probe"]
    assert "the function's time was nearly over" in text
    assert target.seen == []


def test_a_target_that_never_answers_costs_no_batch(monitor, received, table, target):
    """One monitor takes longer than the function has; the others arrive all the same."""
    hanging = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    url = f"http://127.0.0.1:{hanging.server_port}/"
    slow = entry(url, "slow", timeouts={"attempt": 1, "probe": 30}, attempts=20)
    table(**slow, schedule_bucket="60#7", bucket=7)
    table(**entry(target.url, "quick", timeouts={"attempt": 1}), schedule_bucket="60#7", bucket=7)
    function = monitor(TIDEWATCH_MONITORS_TABLE=TABLE)
    assert function.invoke(for_bucket(), remaining=6).ok()["probes"] == 2
    hanging.server_close()
    results = {result["monitor_id"]: result for message in received() for result in message["results"]}
    assert "causes" not in results["quick"]["samples"][0]
    assert results["slow"]["samples"][0]["causes"][0]["class"] == "read_timeout_header"


def test_poison_is_a_clear_error_and_the_function_goes_on(monitor, received, target):
    function = monitor()
    for poison, error, text in [
        ({}, "InvalidInput", "missing field `v`"),
        ([], "InvalidInput", "invalid length 0"),
        ({"v": 9, "kind": "monitor"}, "InvalidInput", "version 1"),
        ({"Records": "none"}, "InvalidInput", "missing field `v`"),
        (for_entry({"tenant": "demo"}), "InvalidEntry", "monitor_id"),
        (for_bucket(), "EntriesUnreadable", "TIDEWATCH_MONITORS_TABLE"),
    ]:
        answer = function.invoke(poison)
        assert answer.error["errorType"] == error, answer
        assert text in answer.error["errorMessage"], answer
    good = json.dumps(for_entry(entry(target.url)))
    answer = function.invoke(as_records("not json", good, '{"v":1}'))
    assert answer.ok() == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]}
    assert keys(received()) == ["shop"]


def test_a_ping_is_answered(monitor):
    pong = monitor().invoke({"v": 1, "kind": "ping"}).ok()
    assert (pong["function"], pong["location"], pong["results"], pong["slots"]) == ("monitor", "eu-west-1", "queue", True)


def test_settings_that_cannot_be_used_are_named_together(runtime):
    function = runtime("monitor", TIDEWATCH_CONCURRENCY="many", TIDEWATCH_RESULTS_QUEUE_URL="results")
    function.start_error()
    assert "TIDEWATCH_CONCURRENCY" in function.log_text()
    assert "TIDEWATCH_RESULTS_QUEUE_URL" in function.log_text()
