"""The JavaScript SDK, as a program of its own under Node.js, against both kinds of bridge."""

import os
import pathlib
import shutil
import subprocess
import uuid

import pytest

FOLDER = pathlib.Path(__file__).parent / "javascript"


@pytest.fixture(scope="session")
def installed():
    """What package-lock.json names, installed once."""
    if not shutil.which("npm"):
        pytest.fail("npm is needed for the JavaScript SDK; install Node.js 20 or newer")
    lock, stamp = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed"
    if not stamp.exists() or stamp.read_text() != lock.read_text():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=True)
        stamp.write_text(lock.read_text())


def story(**variables):
    """Runs the story; its output where it fails."""
    names = {"BRIDGE_DATABASE": f"js_{uuid.uuid4().hex[:12]}", "BRIDGE_KEY": "local", "BRIDGE_SECRET": "local"}
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", "story.test.js"], cwd=FOLDER, capture_output=True, text=True,
        env={**os.environ, **names, **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_on_this_machine_without_keys(installed, bridge_url):
    story(BRIDGE_URL=bridge_url)


def test_over_tls_with_a_key(installed, guarded):
    url, authority = guarded
    story(BRIDGE_URL=url, BRIDGE_CA=authority, BRIDGE_KEY="TWOPERATOR", BRIDGE_SECRET="secret-of-TWOPERATOR")
