"""An endpoint between a function and moto that fails as it is told to.

It forwards everything to moto. Calls are known by their ``X-Amz-Target``, like
``AWSEvents.PutTargets``.
"""

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Faults:
    """A scripted endpoint: what it is told comes first, moto after that."""

    def __init__(self, upstream):
        self.calls = []
        self._scripts = []
        self._lock = threading.Lock()
        self._released = threading.Event()
        faults = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                self._forward(b"")

            def do_POST(self):
                self._forward(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def _forward(self, body):
                target = (self.headers.get("X-Amz-Target") or self.path).replace("_20120810", "")
                action = faults._next(target, body)
                if action == "hang":
                    faults._released.wait()
                    self.close_connection = True
                    return self.connection.close()
                if action == "cut":
                    self.close_connection = True
                    return self.connection.close()
                if action and "status" in action:
                    return self._reply(action["status"], json.dumps(action["body"]).encode(), "application/x-amz-json-1.1")
                request = body
                if action and "request" in action:
                    request = json.dumps(action["request"](json.loads(body))).encode()
                status, answer, kind = faults._ask(upstream, self.command, self.path, dict(self.headers), request)
                if action and "answer" in action:
                    answer = json.dumps(action["answer"](json.loads(body), json.loads(answer))).encode()
                self._reply(status, answer, kind)

            def _reply(self, status, body, kind):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("x-amzn-RequestId", "test")
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, target, code, status=400, times=1, message="scripted"):
        """The next calls of ``target`` fail with an error code of the service."""
        self._script(target, times, {"status": status, "body": {"__type": code, "message": message}})

    def answer(self, target, status, body, times=1):
        """The next calls of ``target`` get this answer and never reach moto."""
        self._script(target, times, {"status": status, "body": body})

    def cut(self, target, times=1):
        """The connection is closed in place of an answer."""
        self._script(target, times, "cut")

    def hang(self, target, times=1):
        """The call is answered with nothing for as long as the test lasts."""
        self._script(target, times, "hang")

    def change(self, target, request=None, answer=None, times=1):
        """Changes a request on its way to moto, or moto's answer.

        ``request(sent)`` gives what moto gets, ``answer(sent, answered)`` what the function gets.
        """
        action = {}
        if request:
            action["request"] = request
        if answer:
            action["answer"] = answer
        self._script(target, times, action)

    def count(self, target):
        """How often ``target`` was called."""
        with self._lock:
            return sum(called == target for called, _ in self.calls)

    def left(self):
        """What was told and did not happen."""
        with self._lock:
            return [target for target, _ in self._scripts]

    def clear(self):
        """Forgets what was told and did not happen."""
        with self._lock:
            self._scripts.clear()

    def stop(self):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def _script(self, target, times, action):
        with self._lock:
            self._scripts += [(target, action)] * times

    def _next(self, target, body):
        with self._lock:
            self.calls.append((target, body))
            for index, (wanted, action) in enumerate(self._scripts):
                if wanted == target:
                    del self._scripts[index]
                    return action
        return None

    @staticmethod
    def _ask(upstream, method, path, headers, body):
        kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length", "connection")}
        request = urllib.request.Request(upstream + path, data=body or None, headers=kept, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read(), answer.headers.get("Content-Type", "application/json")
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers.get("Content-Type", "application/json")
