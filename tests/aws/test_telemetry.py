"""What the functions say of themselves: log lines, metrics, X-Ray subsegments.

What a function writes is read after it has ended, when all of it is there.
"""

import http.server
import json
import socket
import threading
import time

import pytest

from alerting import alert, request
from monitors_table import TABLE

SETTINGS = {
    "config": {
        "TIDEWATCH_MONITORS_TABLE": "monitors",
        "TIDEWATCH_MONITOR_FUNCTION_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:monitor:live",
    },
    "monitor": {"TIDEWATCH_STORE_ENDPOINT": "http://127.0.0.1:9"},
    "writer": {"TIDEWATCH_STATE_TABLE": "state", "TIDEWATCH_STORE_ENDPOINT": "http://127.0.0.1:9"},
}
PING = {"v": 1, "kind": "ping"}
NONSENSE = {"v": 1, "kind": "nonsense"}
PARENT = "53995c3f42cd8ad8"


def header(sampled="1"):
    """A trace that began now, as Lambda sends it, and its id."""
    trace = f"1-{int(time.time()):08x}-0123456789abcdef01234567"
    return trace, f"Root={trace};Parent={PARENT};Sampled={sampled}"


def ended(function):
    """The objects that a function wrote, all of them."""
    function.stop()
    return [json.loads(line) for line in function.logs]


def is_invocation(segment):
    return segment["name"] == "invocation"


@pytest.fixture(params=sorted(SETTINGS))
def each(request):
    """The name of each function in turn."""
    return request.param


@pytest.fixture
def target():
    """A server that answers 200 on every path but `/gone`; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404 if self.path == "/gone" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_invocation_is_a_subsegment_of_the_function(runtime, xray, each):
    function = runtime(each, **SETTINGS[each], AWS_XRAY_DAEMON_ADDRESS=xray.address)
    for cold in [True, False]:
        trace, sampled = header()
        function.invoke(PING, trace=sampled).ok()
        [segment] = xray.segments(until=is_invocation)
        assert segment["type"] == "subsegment"
        assert segment["trace_id"] == trace
        assert segment["parent_id"] == PARENT
        assert segment["annotations"]["cold_start"] is cold
        assert "fault" not in segment and "error" not in segment
        assert segment["start_time"] <= segment["end_time"] <= time.time()


def test_a_failure_is_a_fault_and_one_line(runtime, xray, each):
    function = runtime(each, **SETTINGS[each], AWS_XRAY_DAEMON_ADDRESS=xray.address)
    trace, sampled = header()
    answer = function.invoke(NONSENSE, trace=sampled)
    assert "nonsense" in answer.error["errorMessage"]
    [segment] = xray.segments(until=is_invocation)
    assert segment["fault"] is True
    assert "nonsense" in segment["cause"]["exceptions"][0]["message"]
    lines = [line for line in ended(function) if line.get("level") == "ERROR"]
    [line] = lines
    assert "nonsense" in line["message"]
    assert line["requestId"] == segment["annotations"]["requestId"]
    assert line["cold_start"] is True
    assert line["trace"] == trace
    assert line["function"] == f"tidewatch-{each}"
    assert line["version"] == "$LATEST"
    assert line["timestamp"].endswith("Z")


def test_what_is_not_sampled_is_not_sent(runtime, xray, each):
    function = runtime(each, **SETTINGS[each], AWS_XRAY_DAEMON_ADDRESS=xray.address)
    for trace in [header("0")[1], None]:
        function.invoke(PING, trace=trace).ok()
        function.invoke(NONSENSE, trace=trace)
    # The first that is sampled is the first to arrive.
    trace, sampled = header()
    function.invoke(PING, trace=sampled).ok()
    [segment] = xray.segments(until=lambda _: True)
    assert segment["annotations"]["cold_start"] is False
    assert segment["trace_id"] == trace


def test_no_daemon_makes_no_difference(runtime, each):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        nobody = "127.0.0.1:%d" % free.getsockname()[1]
    for address in [nobody, "nonsense", "[::1]:2000"]:
        function = runtime(each, **SETTINGS[each], AWS_XRAY_DAEMON_ADDRESS=address)
        for _ in range(3):
            function.invoke(PING, trace=header()[1]).ok()
        lines = [line for line in ended(function) if line.get("target", "").startswith("tidewatch_telemetry")]
        warnings = [line for line in lines if line["level"] == "WARN"]
        assert bool(warnings) == (address != nobody), warnings
        assert all("daemon" in line["message"].lower() for line in warnings)


def test_calls_of_services_are_subsegments_with_their_status(runtime, xray):
    function = runtime("config", **SETTINGS["config"], AWS_XRAY_DAEMON_ADDRESS=xray.address)
    trace, sampled = header()
    function.invoke({"v": 1, "kind": "reconcile"}, trace=sampled)
    *calls, invocation = xray.segments(until=is_invocation)
    assert calls
    for call in calls:
        assert call["type"] == "subsegment"
        assert call["namespace"] == "aws"
        assert call["trace_id"] == trace
        assert call["parent_id"] == invocation["id"]
    # There is no such table.
    [scan] = [call for call in calls if call["name"] == "DynamoDB"]
    assert scan["aws"]["operation"] == "Scan"
    assert scan["http"]["response"]["status"] == 400
    assert scan["error"] is True
    assert "ResourceNotFoundException" in json.dumps(scan["metadata"])
    for rules in [call for call in calls if call["name"] == "EventBridge"]:
        assert rules["http"]["response"]["status"] == 200
        assert "error" not in rules and "fault" not in rules


@pytest.mark.parametrize("path, flag", [("/", None), ("/gone", "fault")])
def test_probes_are_subsegments_and_counted(runtime, xray, client, target, path, flag):
    queue = client("sqs").create_queue(QueueName="results")["QueueUrl"]
    function = runtime(
        "monitor",
        AWS_XRAY_DAEMON_ADDRESS=xray.address,
        TIDEWATCH_RESULTS_QUEUE_URL=queue,
        TIDEWATCH_TENANTS=json.dumps({"acme": {"addresses": "any"}}),
    )
    now = int(time.time())
    function.invoke(
        {
            "v": 1, "kind": "monitor", "interval": 60, "bucket": 7,
            "slot": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "monitor": {"tenant": "acme", "monitor_id": "shop", "target": f"http://{target}{path}", "attempts": 1},
        },
        trace=header()[1],
    ).ok()
    *inner, invocation = xray.segments(until=is_invocation)
    [probe] = [segment for segment in inner if segment.get("namespace") == "remote"]
    assert probe["parent_id"] == invocation["id"]
    assert probe["name"] == target.split(":")[0]
    assert probe["annotations"] == {"tenant": "acme", "monitor": "shop"}
    failed = {name for name in ("fault", "error") if probe.get(name)}
    assert bool(failed) == bool(flag), probe
    [sent] = [segment for segment in inner if segment["name"] == "SQS"]
    assert sent["aws"]["operation"].startswith("SendMessage")
    lines = ended(function)
    [metrics] = [line for line in lines if "_aws" in line]
    [directive] = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Tidewatch"
    assert directive["Dimensions"] == [["function", "location"]]
    assert metrics["function"] == "tidewatch-monitor"
    assert metrics["location"] == "eu-west-1"
    assert metrics["probes"] == 1
    for metric in directive["Metrics"]:
        assert isinstance(metrics[metric["Name"]], (int, float))
    assert abs(metrics["_aws"]["Timestamp"] / 1000 - now) < 600


def test_what_is_said_of_an_entry_names_tenant_and_monitor(runtime, client, table):
    for name in ("blog", "shop"):
        table.put(name)
    queue = client("sqs").create_queue(QueueName="results")["QueueUrl"]
    function = runtime("config", **{
        **SETTINGS["config"], "TIDEWATCH_MONITORS_TABLE": TABLE, "TIDEWATCH_RESULTS_QUEUE_URL": queue,
        "TIDEWATCH_RULE_LIMIT": "1",
    })
    function.invoke(table.event()).ok()
    [line] = [line for line in ended(function) if "is not scheduled" in json.dumps(line)]
    assert line["tenant"] == "demo" and line["monitor"] in ("blog", "shop")
    assert line["requestId"] and line["function"] == "tidewatch-config"


@pytest.fixture
def webhook(runtime, alerting, xray):
    """Starts the halves of the webhook function: ``webhook.receive()``, ``webhook.send()``."""
    alerting.started = lambda half, **more: getattr(alerting, half)(
        runtime, AWS_XRAY_DAEMON_ADDRESS=xray.address, **more,
    )
    return alerting


def calls_below(segments, invocation):
    """The calls of services, each with the trace and the parent of the invocation."""
    for segment in segments:
        assert segment["type"] == "subsegment" and segment["namespace"] == "aws"
        assert (segment["trace_id"], segment["parent_id"]) == (invocation["trace_id"], invocation["id"])
    return [(segment["name"], segment["aws"]["operation"]) for segment in segments]


def flags(segment):
    return {name for name in ("fault", "error", "throttle") if segment.get(name)}


def test_a_request_and_the_queue_it_goes_to_are_subsegments(webhook, xray):
    function = webhook.started("receive")
    trace, sampled = header()
    assert function.invoke(request([alert()]), trace=sampled).ok()["statusCode"] == 200
    *calls, invocation = xray.segments(until=is_invocation)
    assert (invocation["trace_id"], invocation["parent_id"]) == (trace, PARENT)
    assert calls_below(calls, invocation) == [("SQS", "SendMessageBatch")]
    assert not flags(invocation) and not flags(calls[0])
    # A stranger is no fault of ours.
    assert function.invoke(request([alert()], key="f" * 32), trace=header()[1]).ok()["statusCode"] == 401
    [refused] = xray.segments(until=is_invocation)
    assert not flags(refused)
    webhook.sqs.delete_queue(QueueUrl=webhook.alerts)
    assert function.invoke(request([alert()]), trace=header()[1]).ok()["statusCode"] == 503
    *calls, invocation = xray.segments(until=is_invocation)
    assert [flags(call) for call in calls] == [{"error"}]
    assert "QueueDoesNotExist" in json.dumps(calls[0]["metadata"])


def test_what_is_sent_is_traced_to_the_topic(webhook, xray, faults):
    webhook.started("receive").invoke(request([alert()])).ok()
    batch = webhook.waiting()
    function = webhook.started("send", AWS_ENDPOINT_URL_SNS=faults.url)
    faults.answer("/", 503, {}, times=20)
    trace, sampled = header()
    assert function.invoke(batch, trace=sampled).ok()["batchItemFailures"]
    *calls, invocation = xray.segments(until=is_invocation)
    assert (invocation["trace_id"], invocation["parent_id"]) == (trace, PARENT)
    names = calls_below(calls, invocation)
    assert ("DynamoDB", "GetItem") in names and ("DynamoDB", "PutItem") in names
    publishing = [call for call in calls if call["name"] == "SNS"]
    assert publishing and all(flags(call) == {"fault"} for call in publishing)
    assert all(call["http"]["response"]["status"] == 503 for call in publishing)
    faults.clear()
    assert function.invoke(batch, trace=header()[1]).ok() == {"batchItemFailures": []}
    *calls, invocation = xray.segments(until=is_invocation)
    [published] = [call for call in calls if call["name"] == "SNS"]
    assert published["aws"]["operation"].startswith("Publish") and not flags(published)
    lines = ended(function)
    metrics = [line for line in lines if "_aws" in line]
    assert [line.get("notifications_failed") for line in metrics][0] == 1
    assert [line.get("notifications_sent") for line in metrics][-1] == 1


@pytest.mark.parametrize("half", ["receive", "send"])
def test_the_webhook_that_cannot_start_says_why(runtime, half):
    function = runtime("alert-webhook", TIDEWATCH_WEBHOOK_ROLE=half)
    function.start_error()
    [line] = [line for line in ended(function) if line.get("level") == "ERROR"]
    assert "TIDEWATCH_ALERT_QUEUE_URL" in line["error"]
    assert line["function"] == "tidewatch-alert-webhook"


def test_levels_are_lambdas_own(runtime, each):
    quiet = runtime(each, **SETTINGS[each], AWS_LAMBDA_LOG_LEVEL="FATAL")
    quiet.invoke(PING).ok()
    quiet.invoke(NONSENSE)
    assert {line["level"] for line in ended(quiet) if "_aws" not in line} == {"ERROR"}


def test_text_where_text_is_asked_for(runtime, each):
    function = runtime(each, **SETTINGS[each], AWS_LAMBDA_LOG_FORMAT="Text")
    function.invoke(NONSENSE)
    function.stop()
    [line] = [line for line in function.logs if "nonsense" in line]
    assert "ERROR" in line and "requestId=" in line
    assert "\x1b" not in line


def test_a_start_that_fails_says_why(runtime, each):
    variable = {"config": "TIDEWATCH_MONITORS_TABLE", "writer": "TIDEWATCH_STATE_TABLE", "monitor": "AWS_REGION"}[each]
    function = runtime(each, **{**SETTINGS[each], variable: ""})
    function.start_error()
    [line] = [line for line in ended(function) if line.get("level") == "ERROR"]
    assert variable in line["error"]
    assert function.process.returncode == 1


def test_outside_of_lambda_a_function_says_where_it_belongs(runtime, each):
    function = runtime(each, **SETTINGS[each], AWS_LAMBDA_RUNTIME_API="")
    function.start_error()
    [line] = ended(function)
    assert "AWS_LAMBDA_RUNTIME_API" in line["error"] and "Lambda function" in line["error"]
