"""The story of the README, from an entry in DynamoDB to a message to people.

Every function is a built binary; the events between them are handed over as AWS would.
"""

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import tick
from monitors_table import ENTRIES, TABLE

IN_STEP = {"batchItemFailures": []}


class Shop:
    """A web shop on loopback that can be broken."""

    def __init__(self):
        self.status = 200
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                body = b"<h1>Shop</h1>"
                self.send_response(shop.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop():
    shop = Shop()
    yield shop
    shop.stop()


@pytest.fixture
def writer(runtime, client, bridge, queue_named):
    """The writer function, which tells people itself; and its alert queue."""
    client("dynamodb").create_table(
        TableName="tidewatch-state",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "bucket", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "bucket", "AttributeType": "S"}],
    )
    alerts = queue_named("tidewatch-alerts")
    function = runtime(
        "writer",
        TIDEWATCH_STATE_TABLE="tidewatch-state",
        TIDEWATCH_STORE_ENDPOINT=bridge,
        TIDEWATCH_REJECTED_QUEUE_URL=queue_named("tidewatch-rejected").url,
        TIDEWATCH_ALERT_SOURCE="writer",
        TIDEWATCH_ALERT_QUEUE_URL=alerts.url,
    )
    return function, alerts


@pytest.fixture
def people(runtime, client, queue_named):
    """The sending function, and what arrives at a subscriber of its topic."""
    client("dynamodb").create_table(
        TableName="tidewatch-incidents",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "incident", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "incident", "AttributeType": "S"}],
    )
    sns, inbox = client("sns"), queue_named("inbox")
    topic = sns.create_topic(Name="tidewatch-critical")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn)

    def start(alerts, results):
        function = runtime(
            "alert-webhook",
            TIDEWATCH_WEBHOOK_ROLE="send",
            TIDEWATCH_INCIDENTS_TABLE="tidewatch-incidents",
            TIDEWATCH_TOPICS=json.dumps({"critical": topic, "warning": topic, "info": topic}),
            TIDEWATCH_ALERT_QUEUE_URL=alerts.url,
            TIDEWATCH_RESULTS_QUEUE_URL=results.url,
        )
        return function, inbox

    return start


def only_message(inbox):
    """The one message that SNS put into the inbox."""
    (envelope,) = inbox.take()
    return json.loads(envelope["Message"])


def minutes_ago(minutes):
    """The slot of that minute, as EventBridge writes the time of a tick."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    return (now - datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_from_an_entry_to_a_message(aws, config, table, rules, results, runtime, writer, people, shop, rows, bridge):
    # An operator loads the entries, and adds the shop.
    aws("dynamodb", "batch-write-item", "--request-items", ENTRIES.as_uri())
    shop_item = {
        "tenant": {"S": "story"}, "monitor_id": {"S": "shop"}, "name": {"S": "Web shop"},
        "target": {"S": shop.url}, "interval": {"S": "10m"}, "attempts": {"N": "2"},
        "severity": {"S": "critical"}, "runbook_url": {"S": "https://runbooks.example/shop"},
    }
    aws("dynamodb", "put-item", "--table-name", TABLE, "--item", json.dumps(shop_item))
    any_address = json.dumps({"demo": {"addresses": "any"}, "story": {"addresses": "any"}})
    configure = config(TIDEWATCH_TENANTS=any_address)
    assert configure.invoke(table.event()).ok() == IN_STEP
    planned = rules()
    assert len(planned) == 23

    # The writer gets the rows of the definitions.
    write, alerts = writer
    assert write.invoke(results.event()).ok() == IN_STEP
    defined = rows(
        "SELECT monitor_id, name, interval_s FROM CPTMonitoring.WebsiteMonitoringData "
        "WHERE measure_name = 'monitor' AND tenant = 'story'"
    )
    assert [(row["name"], float(row["interval_s"])) for row in defined] == [("Web shop", 600.0)]

    # The rule ticks: the shop is fine, breaks, and is repaired.
    probe = runtime(
        "monitor", TIDEWATCH_RESULTS_QUEUE_URL=results.url, TIDEWATCH_TENANTS=any_address,
        TIDEWATCH_MONITORS_TABLE=TABLE,
    )

    def round_at(minutes, status):
        shop.status = status
        (event,) = tick(planned["story/shop, every 600 s"], slot=minutes_ago(minutes))
        probe.invoke(event).ok()
        assert write.invoke(results.event()).ok() == IN_STEP

    round_at(6, 200)
    assert alerts.take() == []
    round_at(5, 503)
    round_at(4, 503)
    probes = rows(
        "SELECT outcome, status_code, error_class, location FROM CPTMonitoring.WebsiteMonitoringData "
        "WHERE measure_name = 'probe' AND tenant = 'story' AND monitor_id = 'shop' ORDER BY time"
    )
    assert [(row["outcome"], row["status_code"]) for row in probes] == [("ok", "200"), ("fail", "503"), ("fail", "503")]
    assert {row["location"] for row in probes} == {"eu-west-1"}
    states = rows(
        "SELECT state FROM CPTMonitoring.WebsiteMonitoringData WHERE measure_name = 'state' "
        "AND tenant = 'story' AND monitor_id = 'shop' AND location = '_all' ORDER BY time"
    )
    assert states[-1]["state"] == "down", states

    # One outage is one message, and so is its end.
    tell, inbox = people(alerts, results)
    assert tell.invoke(alerts.event()).ok() == IN_STEP
    opened = only_message(inbox)
    assert opened["kind"] == "opened" and "DOWN story/shop" in opened["subject"]
    ((alert,),) = [notice["alerts"] for notice in opened["notices"]]
    assert alert["annotations"]["cause"] == "status_mismatch"
    assert "503" in alert["annotations"]["cause_text"]
    assert alert["annotations"]["runbook_url"] == "https://runbooks.example/shop"
    round_at(3, 200)
    round_at(2, 200)
    assert tell.invoke(alerts.event()).ok() == IN_STEP
    resolved = only_message(inbox)
    assert resolved["kind"] == "resolved"
    assert resolved["notices"][0]["incident"] == opened["notices"][0]["incident"]
    assert resolved["notices"][0]["duration_s"] > 0

    # A redelivery of a batch changes nothing.
    shop.status = 200
    (event,) = tick(planned["story/shop, every 600 s"], slot=minutes_ago(1))
    probe.invoke(event).ok()
    batch = results.event()
    write.invoke(batch).ok()
    count = "SELECT count(*) AS n FROM CPTMonitoring.WebsiteMonitoringData WHERE measure_name = 'probe' AND tenant = 'story'"
    before = rows(count)
    write.invoke(batch).ok()
    assert rows(count) == before == [{"n": "6"}]

    # The operator deletes the entry: no rule, and a row that says so.
    aws("dynamodb", "delete-item", "--table-name", TABLE, "--key", json.dumps({"tenant": {"S": "story"}, "monitor_id": {"S": "shop"}}))
    assert configure.invoke(table.event()).ok() == IN_STEP
    assert "story/shop, every 600 s" not in rules()
    write.invoke(results.event()).ok()
    gone = rows(
        "SELECT deleted FROM CPTMonitoring.WebsiteMonitoringData WHERE measure_name = 'monitor' "
        "AND tenant = 'story' AND monitor_id = 'shop' ORDER BY time DESC LIMIT 1"
    )
    assert gone == [{"deleted": "true"}]
