"""``tidewatch monitors diff|push|pull`` and ``up --definitions dynamodb:TABLE`` against a table."""

import json
import os
import subprocess
import time
import urllib.request

import pytest

from local_mode import PATIENCE, announced, command, running

TABLE = "entries"
#: Nothing listens there: what is probed makes no difference here.
SHOP = {"tenant": "demo", "monitor_id": "shop", "target": "https://shop.example/", "interval": "1m"}
API = {"tenant": "demo", "monitor_id": "api", "target": "https://api.example/", "enabled": False}


@pytest.fixture
def table(client):
    """An empty table of entries."""
    dynamodb = client("dynamodb")
    keys = [("tenant", "HASH"), ("monitor_id", "RANGE")]
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


@pytest.fixture
def monitors(binary, environment, tmp_path):
    """Runs ``tidewatch monitors``; gives exit code, standard output and standard error."""

    def run(*arguments):
        done = subprocess.run(
            [str(binary("tidewatch")), "monitors", *arguments, "--table", TABLE],
            capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path,
            env={**environment, "PATH": os.environ["PATH"]},
        )
        return done.returncode, done.stdout, done.stderr

    return run


def watched(status):
    """The monitors on a status page, once there are any."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{status}/api/status", timeout=PATIENCE) as answer:
            if monitors := json.load(answer)["monitors"]:
                return sorted(one["monitor_id"] for one in monitors)
    pytest.fail("no monitor on the status page")


def definitions(folder, *entries):
    path = folder / "monitors.yaml"
    path.write_text(json.dumps({"monitors": list(entries)}))
    return str(path)


def test_files_are_pushed_compared_and_pulled(table, monitors, tmp_path):
    both = definitions(tmp_path, SHOP, API)
    code, out, err = monitors("diff", both, "--json")
    assert code == 1, err
    assert sorted(json.loads(out)["added"]) == ["demo/api", "demo/shop"]

    code, out, err = monitors("push", both, "--dry-run")
    assert code == 0, err
    assert table.scan(TableName=TABLE)["Count"] == 0

    code, out, err = monitors("push", both, "--json")
    assert (code, json.loads(out)["written"]) == (0, 2), err
    code, out, err = monitors("diff", both)
    assert code == 0, out + err

    # The same time, written otherwise, is no difference; a longer one is.
    code, out, _ = monitors("diff", definitions(tmp_path, {**SHOP, "interval": 60}, API))
    assert code == 0, out
    edited = definitions(tmp_path, {**SHOP, "interval": "5m"})
    code, out, _ = monitors("diff", edited, "--json")
    told = json.loads(out)
    assert code == 1
    assert [change["monitor"] for change in told["changed"]] == ["demo/shop"]
    assert told["removed"] == ["demo/api"]

    code, out, err = monitors("push", edited)
    assert code == 0, err
    assert table.scan(TableName=TABLE)["Count"] == 2, "nothing is deleted unasked"
    code, out, err = monitors("push", edited, "--delete", "--json")
    assert (code, json.loads(out)["deleted"]) == (0, 1), err

    code, out, err = monitors("pull")
    assert code == 0, err
    [request] = json.loads(out)[TABLE]
    assert request["PutRequest"]["Item"]["interval"] == {"S": "5m"}
    pulled = tmp_path / "pulled.yaml"
    code, _, err = monitors("pull", "--output", str(pulled))
    assert code == 0, err
    code, out, _ = monitors("diff", str(pulled))
    assert code == 0, out


def test_faulty_files_and_missing_tables_are_told(table, monitors, tmp_path):
    code, _, err = monitors("push", definitions(tmp_path, {**SHOP, "interval": "1s"}))
    assert code == 1 and "interval" in err, err
    assert table.scan(TableName=TABLE)["Count"] == 0
    table.delete_table(TableName=TABLE)
    code, _, err = monitors("pull")
    assert code == 1 and TABLE in err and "help:" in err, err


def test_the_local_mode_watches_what_a_table_says(table, monitors, binary, environment, tmp_path):
    code, _, err = monitors("push", definitions(tmp_path, SHOP, API))
    assert code == 0, err
    command_line = command(binary("tidewatch"), tmp_path, definitions=f"dynamodb:{TABLE}")
    with running(command_line, cwd=tmp_path, env={**environment, "PATH": os.environ["PATH"]}) as process:
        assert watched(announced(process, "status")) == ["api", "shop"]
