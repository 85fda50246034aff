"""The webhook's functions: signed requests of Grafana in, messages of SNS topics out."""

import json
import os
import signal
import subprocess
import time
import urllib.request

import pytest

from alerting import KEY, alert, request
from faults import Faults
from runtime import ACCOUNT, REGION

DONE = {"batchItemFailures": []}
#: A call of SNS: its protocol names the operation in the body.
SNS = "/"
PUT = "DynamoDB.PutItem"


def test_a_signed_request_becomes_a_message_and_the_recovery_says_how_long(runtime, alerting):
    receive, send = alerting.receive(runtime), alerting.send(runtime)
    answer = receive.invoke(request([alert()])).ok()
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"accepted": 1, "refused": []})
    assert send.invoke(alerting.waiting()).ok() == DONE
    (told,) = alerting.told()
    assert told.subject == "[CRITICAL] DOWN acme/shop since 07:00 UTC"
    assert told.topic == "critical"
    assert told.json["notices"][0]["incident"] == "acme/shop#7"
    assert told.attributes["severity"] == "critical" and told.attributes["monitor_id"] == "shop"
    assert told.attributes["team"] == "payments" and told.attributes["kind"] == "opened"

    # The same again, in base64 as API Gateway may have it, and then the end.
    receive.invoke(request([alert()], encoded=True)).ok()
    assert send.invoke(alerting.waiting()).ok() == DONE
    assert alerting.told() == []
    receive.invoke(request([alert(status="resolved")])).ok()
    assert send.invoke(alerting.waiting()).ok() == DONE
    (told,) = alerting.told()
    assert told.subject == "[CRITICAL] RECOVERED acme/shop after 12 min 3 s"
    assert told.json["notices"][0]["duration_s"] == 723.0

    rows = [row for message in alerting.take(alerting.results) for row in json.loads(message["Body"])["rows"]]
    assert {row["measure_name"] for row in rows} == {"notification", "ops"}
    kinds = [value for row in rows for name, _, value in row["measures"] if name == "message_kind"]
    assert kinds == ["opened", "resolved"]


def test_requests_that_are_not_grafanas_reach_nobody(runtime, alerting):
    receive = alerting.receive(runtime)
    for event, status in [
        (request([alert()], key="f" * 32), 401),
        (request([alert()], seconds=time.time() - 301), 401),
        ({**request([alert()]), "body": "{}"}, 401),
        ({**request([alert()]), "headers": {}}, 401),
        (request("none"), 422),
        (request([{"status": "odd"}]), 422),
    ]:
        assert receive.invoke(event).ok()["statusCode"] == status
    assert alerting.waiting() == {"Records": []}


def test_secrets_that_can_be_guessed_keep_the_function_from_starting(runtime, alerting, client):
    client("secretsmanager").create_secret(Name="short", SecretString='{"hmac":["short"]}')
    function = runtime(
        "alert-webhook", TIDEWATCH_WEBHOOK_ROLE="receive", TIDEWATCH_ALERT_QUEUE_URL=alerting.alerts,
        TIDEWATCH_WEBHOOK_SECRET="short",
    )
    # It ends without having asked for an event.
    function.process.wait(60)
    assert function.process.returncode != 0
    assert "use at least 32" in function.log_text()


def test_a_queue_that_refuses_is_said(runtime, alerting):
    receive = alerting.receive(runtime)
    alerting.sqs.delete_queue(QueueUrl=alerting.alerts)
    answer = receive.invoke(request([alert()])).ok()
    assert answer["statusCode"] == 503 and "queue" not in answer["body"]


def test_many_outages_at_once_are_one_message(runtime, alerting):
    receive, send = alerting.receive(runtime), alerting.send(runtime)
    for number in range(8):
        receive.invoke(request([alert(f"m{number}")])).ok()
    assert send.invoke(alerting.waiting()).ok() == DONE
    (told,) = alerting.told()
    assert told.subject == "[CRITICAL] 8 alerts (acme): 8 down"
    assert len(told.json["notices"]) == 8


def test_a_large_request_is_divided_and_nothing_is_lost(runtime, alerting):
    receive, send = alerting.receive(runtime), alerting.send(runtime)
    text = {"summary": "s" * 1_900, "description": "d" * 1_900}
    receive.invoke(request([alert(f"m{number}", annotations=text) for number in range(150)])).ok()
    batch = alerting.waiting()
    assert len(batch["Records"]) > 1
    assert send.invoke(batch).ok() == DONE
    told = alerting.told()
    # A digest has at most a hundred.
    assert len(told) == 2
    shown = sum(len(notice["alerts"]) for one in told for notice in one.json["notices"])
    assert shown + sum(one.json["left_out"] for one in told) == 150


def test_the_watchdog_is_counted_and_tells_nobody(runtime, alerting):
    receive, send = alerting.receive(runtime), alerting.send(runtime)
    labels = {"alertname": "Watchdog", "rule": "watchdog", "severity": "info"}
    receive.invoke(request([alert(labels=labels)])).ok()
    assert send.invoke(alerting.waiting()).ok() == DONE
    assert alerting.told() == []
    assert '"heartbeats":1' in send.log_text().replace(" ", "").replace("1.0", "1")


def test_what_cannot_be_read_comes_again_and_stops_no_other(runtime, alerting):
    receive, send = alerting.receive(runtime), alerting.send(runtime)
    receive.invoke(request([alert()])).ok()
    batch = alerting.waiting()
    batch["Records"].insert(0, {**batch["Records"][0], "messageId": "bad", "body": "{}"})
    assert send.invoke(batch).ok() == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(alerting.told()) == 1


def test_nothing_is_lost_and_nothing_repeated_while_sns_is_down(runtime, alerting, moto):
    faults = Faults(moto)
    try:
        receive = alerting.receive(runtime)
        send = alerting.send(runtime, AWS_ENDPOINT_URL_SNS=faults.url)
        receive.invoke(request([alert()])).ok()
        batch = alerting.waiting()
        faults.answer(SNS, 503, {}, times=20)
        failures = send.invoke(batch).ok()["batchItemFailures"]
        assert [failure["itemIdentifier"] for failure in failures] == [batch["Records"][0]["messageId"]]
        assert alerting.told() == []
        # It ends meanwhile; then SNS is back, and the first batch comes again.
        receive.invoke(request([alert(status="resolved")])).ok()
        faults.stop()
        healthy = alerting.send(runtime)
        assert healthy.invoke(batch).ok() == DONE
        assert healthy.invoke(alerting.waiting()).ok() == DONE
        assert [told.subject.split()[1] for told in alerting.told()] == ["DOWN", "RECOVERED"]
        assert healthy.invoke(batch).ok() == DONE
        assert alerting.told() == []
    finally:
        faults.stop()


def test_one_topic_that_fails_does_not_repeat_to_the_other(runtime, alerting):
    alerting.topics["teams"] = {"payments": f"arn:aws:sns:{REGION}:{ACCOUNT}:later"}
    receive, send = alerting.receive(runtime), alerting.send(runtime)
    receive.invoke(request([alert()])).ok()
    batch = alerting.waiting()
    assert len(send.invoke(batch).ok()["batchItemFailures"]) == 1
    assert len(alerting.told()) == 1
    later = alerting.sns.create_topic(Name="later")["TopicArn"]
    alerting.sns.subscribe(TopicArn=later, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox")
    assert send.invoke(batch).ok() == DONE
    (told,) = alerting.told()
    assert told.topic == "later"


def test_a_crash_between_publishing_and_marking_repeats_with_the_same_id(runtime, alerting, faults):
    receive = alerting.receive(runtime)
    send = alerting.send(runtime, AWS_ENDPOINT_URL_DYNAMODB=faults.url)
    receive.invoke(request([alert()])).ok()
    batch = alerting.waiting()

    def die(item):
        os.kill(send.process.pid, signal.SIGKILL)
        return item

    # The first change is the decision, the second says that the message is out.
    faults.change(PUT, request=lambda item: item)
    faults.change(PUT, request=lambda item: die({**item, "TableName": "gone"}))
    with pytest.raises(AssertionError):
        send.invoke(batch, timeout=10, remaining=1)
    (first,) = alerting.told()

    # The claim of the dead ends shortly after its time limit.
    again = alerting.send(runtime)
    answer = again.invoke(batch).ok()
    until = time.monotonic() + 60
    while answer != DONE:
        assert time.monotonic() < until, again.log_text()
        answer = again.invoke(batch).ok()
    (second,) = alerting.told()
    assert second.json["dedupe_id"] == first.json["dedupe_id"]
    assert second.subject == first.subject
    assert again.invoke(batch).ok() == DONE
    assert alerting.told() == []


@pytest.fixture
def service(binary, tmp_path):
    """The binary as a service, outside of Lambda."""
    started = []

    def start(settings, **variables):
        path = tmp_path / "alerts.json"
        path.write_text(json.dumps(settings))
        process = subprocess.Popen(
            [str(binary("tidewatch-lambda-alert-webhook"))],
            env={
                "PATH": os.environ["PATH"],
                "TIDEWATCH_WEBHOOK_SETTINGS": str(path),
                "TIDEWATCH_WEBHOOK_DIR": str(tmp_path / "data"),
                "TIDEWATCH_WEBHOOK_LISTEN": "127.0.0.1:0",
                **variables,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def address(process):
    for line in process.stderr:
        if "taking alerts in" in line:
            return next(word.split("=")[1] for word in line.split() if "127.0.0.1:" in word)
    raise AssertionError("the service did not say where it listens")


def post(where, alerts, key=KEY):
    event = request(alerts, key=key)
    sent = urllib.request.Request(f"http://{where}/grafana", data=event["body"].encode(), headers=event["headers"])
    with urllib.request.urlopen(sent, timeout=30) as answer:
        return answer.status


def test_outside_of_lambda_an_alert_survives_kill_9(service, tmp_path):
    written = tmp_path / "told"
    settings = {
        "gather-seconds": 3_600,
        "channels": [{"kind": "command", "name": "file", "command": ["sh", "-c", f"echo \"$TIDEWATCH_SUBJECT\" >> {written}"]}],
    }
    first = service(settings, TIDEWATCH_SECRET_WEBHOOK=KEY)
    assert post(address(first), [alert()]) == 200
    first.kill()
    first.wait()
    assert not written.exists()
    second = service({**settings, "gather-seconds": 0}, TIDEWATCH_SECRET_WEBHOOK=KEY)
    address(second)
    until = time.monotonic() + 60
    while not written.exists() or not written.read_text():
        assert time.monotonic() < until
    assert written.read_text() == "[CRITICAL] DOWN acme/shop since 07:00 UTC\n"


def test_outside_of_lambda_nobody_listens_to_the_world_without_a_secret(service):
    process = service({}, TIDEWATCH_WEBHOOK_LISTEN="0.0.0.0:0")
    _, text = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "name a secret" in text
