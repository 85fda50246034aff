"""The local mode of a built ``tidewatch``, for tests that talk to it."""

import contextlib
import queue
import re
import subprocess
import threading

import pytest

#: How long it may take to start or to end, in seconds.
PATIENCE = 60
#: A line of the start-up output: a word, then the address of what it names.
ADDRESS = re.compile(r"^\s*(\w+)\s+.*?(https?://\S+)")


def command(binary, folder, *options, definitions=None):
    """The command line of a local mode on a folder, without monitors unless some are named.

    Ports are free ones of loopback.
    """
    if definitions is None:
        definitions = folder / "monitors.json"
        definitions.write_text("[]")
    return [
        str(binary), "up",
        "--data-dir", str(folder / "data"),
        "--listen", "127.0.0.1:0",
        "--alerts-listen", "127.0.0.1:0",
        "--definitions", str(definitions),
        *([] if "--bridge-listen" in options else ["--bridge-listen", "127.0.0.1:0"]),
        *options,
    ]


@contextlib.contextmanager
def running(command_line, **settings):
    """The process of a command line; it is ended in order."""
    process = subprocess.Popen(command_line, stdout=subprocess.PIPE, text=True, **settings)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def announced(process, wanted):
    """The address that the process prints behind a word."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    seen = []
    try:
        while (line := lines.get(timeout=PATIENCE)) is not None:
            seen.append(line)
            match = ADDRESS.match(line)
            if match and match[1] == wanted:
                return match[2].rstrip("/")
    except queue.Empty:
        pass
    pytest.fail(f"no address of `{wanted}` within {PATIENCE} s; the output was:\n{''.join(seen)}")
