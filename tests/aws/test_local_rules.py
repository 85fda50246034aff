"""One machine without a Grafana: a real target goes down, the shipped rules find it, people hear of
it by SNS and by mail, once, and of its end; a power cut in the middle changes nothing."""

import email
import email.policy
import http.server
import json
import queue
import socketserver
import subprocess
import threading

import pytest

from conftest import ACCOUNT, REGION, REPOSITORY
from local_mode import PATIENCE, announced, command

#: Rules are evaluated and groups told of as often as Grafana can.
QUICKER = {"    interval: 1m": "    interval: 10s", "group_wait: 10s": "group_wait: 0s", "group_interval: 1m": "group_interval: 10s"}


class Site:
    """A web server whose health the test decides."""

    def __init__(self):
        site = self
        self.status = 200

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(site.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


class Mailbox:
    """An SMTP server that takes every mail."""

    def __init__(self):
        self.mails = mails = queue.Queue()

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 mailbox\r\n")
                for line in self.rfile:
                    verb = line.strip().upper()
                    if verb.startswith(b"EHLO"):
                        self.wfile.write(b"250 mailbox\r\n")
                    elif verb == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        text = b""
                        while (line := self.rfile.readline()) not in (b".\r\n", b""):
                            text += line.removeprefix(b".")
                        mails.put(email.message_from_bytes(text, policy=email.policy.default))
                        self.wfile.write(b"250 taken\r\n")
                    elif verb == b"QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return
                    else:
                        self.wfile.write(b"250 fine\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]

    def subject(self):
        """The subject of the next mail."""
        return self.mails.get(timeout=2 * PATIENCE)["Subject"]


@pytest.fixture
def site():
    site = Site()
    yield site
    site.server.shutdown()


@pytest.fixture
def mailbox():
    mailbox = Mailbox()
    yield mailbox
    mailbox.server.shutdown()


@pytest.fixture
def topic(client):
    """A topic, and a queue with what it delivers."""
    arn = client("sns").create_topic(Name="tidewatch-critical")["TopicArn"]
    inbox = client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
    client("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:inbox")
    return arn, inbox


def rules(folder):
    text = (REPOSITORY / "grafana/provisioning/alerting/rules.yaml").read_text()
    for slow, quick in QUICKER.items():
        assert slow in text
        text = text.replace(slow, quick)
    path = folder / "rules.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def start(binary, environment, moto, site, mailbox, topic, tmp_path):
    """Starts the product on one folder; gives the process once it serves."""
    definitions = tmp_path / "monitors.yaml"
    definitions.write_text(json.dumps({"monitors": [
        {"tenant": "acme", "monitor_id": "shop", "target": site.url, "interval": "1s", "severity": "critical"},
    ]}))
    settings = tmp_path / "tidewatch.toml"
    settings.write_text(f"""
[alerts]
rules = ["{rules(tmp_path)}"]
gather-seconds = 0

[[alerts.channels]]
kind = "sns"
name = "topic"
topic = "{topic[0]}"
endpoint = "{moto}"

[[alerts.channels]]
kind = "mail"
name = "operators"
host = "127.0.0.1"
port = {mailbox.port}
tls = "none"
from = "tidewatch@example.com"
to = ["operators@example.com"]
""")
    processes = []

    def run():
        options = ("--config", str(settings))
        command_line = command(binary("tidewatch"), tmp_path, *options, definitions=definitions)
        process = subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True, env=environment)
        processes.append(process)
        announced(process, "alerts")
        return process

    yield run
    for process in processes:
        process.kill()
        process.wait(PATIENCE)


def delivered(client, inbox):
    """Subjects of what the topic delivered."""
    messages = client("sqs").receive_message(QueueUrl=inbox, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["Subject"] for message in messages]


def test_an_outage_is_told_by_sns_and_mail_once_and_so_is_its_end(start, site, mailbox, topic, client):
    process = start()
    site.status = 503
    opened = mailbox.subject()
    assert opened.startswith("[CRITICAL] DOWN acme/shop since "), opened
    process.terminate()
    process.wait(PATIENCE)
    process = start()
    site.status = 200
    ended = mailbox.subject()
    assert "acme/shop" in ended and "DOWN" not in ended, ended
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert mailbox.mails.empty()
    assert delivered(client, topic[1]) == [opened, ended]
