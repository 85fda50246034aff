"""A fake of the Lambda runtime API, which runs a built function and hands it events.

API: AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes" (version
2018-06-01).
"""

import fcntl
import json
import os
import queue
import select
import struct
import subprocess
import termios
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: How long a function may take to start or to answer, in seconds. Generous: nothing waits for it.
PATIENCE = 60
REGION = "eu-west-1"
#: The account that moto plays.
ACCOUNT = "123456789012"
PREFIX = "/2018-06-01/runtime"


class Answer:
    """What a function answered: a payload, or an error."""

    def __init__(self, payload=None, error=None):
        self.payload = payload
        self.error = error

    def __repr__(self):
        return f"Answer(payload={self.payload!r}, error={self.error!r})"

    def ok(self):
        """The payload; a failure of the test when it is an error."""
        assert self.error is None, self.error
        return self.payload


class Function:
    """A built function that is running, in an execution environment of its own."""

    def __init__(self, binary, environment, name=None, memory=256):
        self._events = queue.Queue()
        self._answers = {}
        self._arrived = threading.Condition()
        self._reading = threading.Lock()
        self._ended = None
        self.name = name or binary.name
        self.logs = []
        function = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                if self.path != f"{PREFIX}/invocation/next":
                    return self._reply(404, b"{}")
                event = function._events.get()
                if event is None:
                    # The environment is being shut down.
                    self.close_connection = True
                    return self.connection.close()
                identifier, payload, headers = event
                self._reply(200, payload, {"Lambda-Runtime-Aws-Request-Id": identifier, **headers})

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or self._chunks()
                parts = self.path[len(PREFIX):].strip("/").split("/")
                if parts == ["init", "error"]:
                    function._end(body.decode())
                elif parts[0] == "invocation" and parts[2] in ("response", "error"):
                    function._arrive(parts[1], parts[2], body)
                self._reply(202, b'{"status":"OK"}')

            def _chunks(self):
                body = b""
                if "chunked" not in (self.headers.get("Transfer-Encoding") or ""):
                    return body
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def _reply(self, status, body, headers={}):
                self.send_response(status)
                for header, value in headers.items():
                    self.send_header(header, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.process = subprocess.Popen(
            [str(binary)],
            env={
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
                "AWS_LAMBDA_FUNCTION_NAME": self.name,
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
                "AWS_LAMBDA_LOG_FORMAT": "JSON",
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def invoke(self, event, timeout=PATIENCE, trace=None, remaining=30):
        """Hands over an event and waits for the answer.

        ``trace`` is the value of the header with the X-Ray trace, ``remaining`` the seconds that
        the function is told to have.
        """
        identifier = self.hand_over(event, trace, remaining)
        until = time.monotonic() + timeout
        with self._arrived:
            while identifier not in self._answers:
                assert self._ended is None, f"{self.name} ended: {self._ended}\n{self.log_text()}"
                left = until - time.monotonic()
                assert left > 0, f"{self.name} did not answer within {timeout} s:\n{self.log_text()}"
                self._arrived.wait(left)
            return self._answers.pop(identifier)

    def hand_over(self, event, trace=None, remaining=30):
        """Hands over an event and goes on; gives the identifier of the invocation."""
        identifier = str(uuid.uuid4())
        headers = {
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + remaining) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}",
        }
        if trace:
            headers["Lambda-Runtime-Trace-Id"] = trace
        self._events.put((identifier, json.dumps(event).encode(), headers))
        return identifier

    def start_error(self, timeout=PATIENCE):
        """What the function said when it could not start."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: self._ended is not None, timeout), self.log_text()
            return self._ended

    def log_text(self):
        """Everything that the function wrote so far."""
        return "".join(self._read_so_far())

    def metrics(self):
        """The metrics in the log, one map for each invocation that told some."""
        lines = [json.loads(line) for line in self._read_so_far() if line.startswith("{") and '"_aws"' in line]
        names = lambda line: [metric["Name"] for group in line["_aws"]["CloudWatchMetrics"] for metric in group["Metrics"]]
        return [{name: line[name] for name in names(line)} for line in lines]

    def kill(self):
        """Ends the process as a crash would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self):
        """Ends the process and the API."""
        self._events.put(None)
        self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._server.shutdown()
        self._server.server_close()

    def _arrive(self, identifier, kind, body):
        value = json.loads(body) if body.strip() else None
        answer = Answer(error=value) if kind == "error" else Answer(payload=value)
        with self._arrived:
            self._answers[identifier] = answer
            self._arrived.notify_all()

    def _end(self, reason):
        with self._arrived:
            self._ended = self._ended or reason
            self._arrived.notify_all()

    def _read(self):
        output, rest = self.process.stdout.fileno(), b""
        while True:
            select.select([output], [], [])
            with self._reading:
                chunk = os.read(output, 65_536)
                *lines, rest = (rest + chunk).split(b"\n")
                if not chunk and rest:
                    lines.append(rest)
                self.logs += [line.decode(errors="replace") + "\n" for line in lines]
            if not chunk:
                return self._end(f"exit code {self.process.wait()}")

    def _read_so_far(self):
        """The lines, once nothing waits in the pipe that the function wrote before it answered."""
        while True:
            with self._reading:
                waiting = struct.unpack("i", fcntl.ioctl(self.process.stdout, termios.FIONREAD, b"\0" * 4))[0]
                if waiting == 0:
                    return list(self.logs)
