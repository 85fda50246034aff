"""What the webhook's functions work with: requests of Grafana, and queue, table and topics in moto."""

import base64
import hashlib
import hmac
import json
import time

from runtime import ACCOUNT, REGION

KEY = "0123456789abcdef0123456789abcdef"
SIGNATURE = "X-Grafana-Alerting-Signature"
TIMESTAMP = "X-Grafana-Alerting-Timestamp"


def alert(monitor="shop", status="firing", epoch=7, **more):
    return {
        "status": status,
        "labels": {
            "alertname": "Monitor down", "rule": "down", "severity": "critical", "team": "payments",
            "tenant": "acme", "monitor_id": monitor, "epoch": str(epoch),
        },
        "annotations": {"summary": f"acme/{monitor} is down", "runbook_url": "https://docs.example/down.md"},
        "startsAt": "2026-11-22T07:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-22T07:12:03Z",
        "fingerprint": f"{monitor}-{epoch}",
        "values": {"A": 12},
        **more,
    }


def request(alerts, key=KEY, encoded=False, seconds=None):
    """The event of an HTTP API for the request that Grafana would send."""
    body = json.dumps({"receiver": "tidewatch", "status": "firing", "alerts": alerts})
    stamp = str(int(seconds or time.time()))
    signature = hmac.new(key.encode(), f"{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/grafana",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", SIGNATURE.lower(): signature, TIMESTAMP.lower(): stamp},
        "requestContext": {
            "accountId": ACCOUNT, "apiId": "api", "domainName": "api.example", "domainPrefix": "api",
            "http": {"method": "POST", "path": "/grafana", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "Grafana"},
            "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:07:00:00 +0000", "timeEpoch": 1795330800000,
        },
        "body": base64.b64encode(body.encode()).decode() if encoded else body,
        "isBase64Encoded": encoded,
    }


class Alerting:
    """Queue, table and topics in moto, and a queue that is subscribed to the topics."""

    def __init__(self, client):
        self.sqs, self.sns, self.dynamodb = client("sqs"), client("sns"), client("dynamodb")
        self.alerts = self.sqs.create_queue(QueueName="alerts")["QueueUrl"]
        self.results = self.sqs.create_queue(QueueName="results")["QueueUrl"]
        self.inbox = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        self.dynamodb.create_table(
            TableName="incidents",
            KeySchema=[{"AttributeName": "incident", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "incident", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        inbox = f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox"
        self.topics = {}
        for name in ("critical", "warning"):
            arn = self.sns.create_topic(Name=f"tidewatch-{name}")["TopicArn"]
            self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=inbox)
            self.topics[name] = arn
        client("secretsmanager").create_secret(
            Name="tidewatch/webhook", SecretString=json.dumps({"hmac": [KEY]})
        )

    def receive(self, runtime, **more):
        return runtime(
            "alert-webhook", TIDEWATCH_WEBHOOK_ROLE="receive", TIDEWATCH_ALERT_QUEUE_URL=self.alerts,
            TIDEWATCH_WEBHOOK_SECRET="tidewatch/webhook", **more,
        )

    def send(self, runtime, **more):
        return runtime(
            "alert-webhook", TIDEWATCH_WEBHOOK_ROLE="send", TIDEWATCH_ALERT_QUEUE_URL=self.alerts,
            TIDEWATCH_INCIDENTS_TABLE="incidents", TIDEWATCH_TOPICS=json.dumps(self.topics),
            TIDEWATCH_RESULTS_QUEUE_URL=self.results, **more,
        )

    def waiting(self):
        """What the event source would hand to the function: all that waits, as one batch."""
        taken = self.take(self.alerts)
        return {"Records": [
            {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
             "attributes": {}, "messageAttributes": {}, "md5OfBody": message["MD5OfBody"], "eventSource": "aws:sqs",
             "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:alerts", "awsRegion": REGION}
            for message in taken
        ]}

    def take(self, queue):
        """Takes all messages out of a queue."""
        taken = []
        while more := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in more:
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            taken += more
        return taken

    def told(self):
        """What the topics delivered: subject, JSON for machines and attributes."""
        deliveries = [json.loads(message["Body"]) for message in self.take(self.inbox)]
        return [Told(delivery) for delivery in deliveries]


class Told:
    def __init__(self, delivery):
        self.subject = delivery["Subject"]
        self.json = unpacked(delivery["Message"])
        self.attributes = {name: value["Value"] for name, value in delivery["MessageAttributes"].items()}
        self.topic = delivery["TopicArn"].rsplit(":", 1)[1].removeprefix("tidewatch-")

    def __repr__(self):
        return f"{self.topic}: {self.subject}"


def unpacked(message):
    """The form for machines. SNS picks it out; some fakes hand over all forms."""
    content = json.loads(message)
    return json.loads(content["default"]) if "default" in content else content
