"""The config function: entries in, schedule rules out."""

import json
import uuid

from conftest import MONITOR_ARN, tick
from monitors_table import ENTRIES, TABLE

IN_STEP = {"batchItemFailures": []}
RECONCILE = {"v": 1, "kind": "reconcile"}


def put_sample(aws):
    aws("dynamodb", "batch-write-item", "--request-items", ENTRIES.as_uri())


def step(function, table):
    """Hands the function what the stream has."""
    return function.invoke(table.event()).ok()


def monitor_rows(messages):
    """The measures of the rows of definitions in messages, by monitor."""
    rows = [row for message in messages for row in message["rows"] if row["measure_name"] == "monitor"]
    assert all(row["destination"] == "main" and row["tenant"] == "demo" for row in rows)
    measures = lambda row: {name: text for name, _, text in row["measures"]}
    return {dict(row["dimensions"])["monitor_id"]: measures(row) for row in rows}


def test_the_sample_entries_become_rules_with_inputs_of_their_own(aws, config, table, rules, results):
    put_sample(aws)
    function = config()
    assert step(function, table) == IN_STEP

    listed = aws("events", "list-rules", "--name-prefix", "tidewatch-")["Rules"]
    assert len(listed) == 22
    (rule,) = [rule for rule in listed if rule["Description"] == "demo/github-api, every 300 s"]
    rule["Targets"] = aws("events", "list-targets-by-rule", "--rule", rule["Name"])["Targets"]
    found = rules()
    assert found[rule["Description"]] == rule
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert rule["State"] == "ENABLED"
    (target,) = rule["Targets"]
    assert target["Arn"] == MONITOR_ARN
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300}
    (event,) = tick(rule)
    assert event["v"] == 1 and event["kind"] == "monitor" and event["interval"] == 300
    assert event["slot"] == "2026-11-22T13:00:00Z"
    assert event["monitor"]["target"] == "https://api.github.com/zen"
    item = table.item("github-api")
    assert item["status"] == {"S": "ok"}
    assert item["bucket"] == {"N": str(event["bucket"])}
    assert item["schedule_bucket"] == {"S": f"300#{event['bucket']}"}
    # A child is judged with its parent.
    assert table.item("wikipedia-api")["bucket"] == table.item("wikipedia")["bucket"]
    # Below a minute the rule ticks every minute and says so.
    own = found["demo/tidewatch, every 10 s"]
    assert own["ScheduleExpression"] == "rate(1 minute)"
    assert tick(own)[0]["interval"] == 10

    messages = results.take()
    assert len(monitor_rows(messages)) == 22
    # What the function noted in the items comes back through the stream and changes nothing.
    assert step(function, table) == IN_STEP
    assert results.take() == []
    # The same again, as streams do: nothing to change.
    again = config(TIDEWATCH_LOG="info")
    assert again.invoke(RECONCILE).ok() == {
        "v": 1, "kind": "reconciled", "monitors": 22, "invalid": 0, "rules": 22, "drift": 0,
    }


def test_an_edit_changes_its_rule_and_nothing_else(config, table, rules, results):
    table.put("shop")
    table.put("blog")
    function = config()
    step(function, table)
    before = rules()
    results.take()

    table.set("shop", "interval", {"S": "5m"})
    assert step(function, table) == IN_STEP
    after = rules()
    assert after["demo/blog, every 60 s"] == before["demo/blog, every 60 s"]
    assert "demo/shop, every 60 s" not in after
    assert after["demo/shop, every 300 s"]["ScheduleExpression"] == "rate(5 minutes)"
    assert after["demo/shop, every 300 s"]["Name"] == before["demo/shop, every 60 s"]["Name"]
    assert table.item("shop")["schedule_bucket"]["S"].startswith("300#")
    assert list(monitor_rows(results.take())) == ["shop"]


def test_disabled_and_deleted_entries_have_no_rule(config, table, rules, results):
    for name in ("shop", "blog", "stays"):
        table.put(name)
    function = config()
    step(function, table)
    results.take()

    table.set("shop", "enabled", {"BOOL": False})
    table.delete("blog")
    assert step(function, table) == IN_STEP
    assert list(rules()) == ["demo/stays, every 60 s"]
    rows = monitor_rows(results.take())
    assert set(rows) == {"shop", "blog"}
    assert (rows["shop"]["enabled"], rows["shop"]["deleted"]) == ("false", "false")
    assert (rows["blog"]["enabled"], rows["blog"]["deleted"]) == ("false", "true")
    assert table.item("blog") is None, "nothing is noted in an item that is gone"

    table.set("shop", "enabled", {"BOOL": True})
    step(function, table)
    assert set(rules()) == {"demo/stays, every 60 s", "demo/shop, every 60 s"}


def test_an_invalid_edit_keeps_the_last_good_rule_and_says_so(config, table, rules, results):
    table.put("shop")
    function = config()
    step(function, table)
    before = rules()
    results.take()

    table.set("shop", "interval", {"S": "5 parsecs"})
    assert step(function, table) == IN_STEP
    assert rules() == before
    status = table.status("shop")
    assert status.startswith("invalid: interval: ") and "5 parsecs" in status, status
    assert results.take() == []
    # A reconciliation leaves it alone as well.
    answer = function.invoke(RECONCILE).ok()
    assert answer["invalid"] == 1 and answer["drift"] == 0
    assert rules() == before

    table.set("shop", "interval", {"S": "2m"})
    step(function, table)
    assert table.status("shop") == "ok"
    assert list(rules()) == ["demo/shop, every 120 s"]


def test_only_monitors_of_the_own_location_are_planned(config, table, rules):
    table.put("everywhere")
    table.put("here", locations={"L": [{"S": "eu-west-1"}, {"S": "us-east-1"}]})
    table.put("there", locations={"L": [{"S": "us-east-1"}]})
    function = config()
    assert step(function, table) == IN_STEP
    assert set(rules()) == {"demo/everywhere, every 60 s", "demo/here, every 60 s"}
    assert table.status("there") == "ok"

    table.set("here", "locations", {"L": [{"S": "us-east-1"}]})
    step(function, table)
    assert set(rules()) == {"demo/everywhere, every 60 s"}


def test_a_family_moves_with_its_topmost_ancestor(config, table):
    table.put("gateway")
    table.put("shop", parent={"S": "gateway"})
    table.put("cart", parent={"S": "shop"})
    function = config()
    step(function, table)
    bucket = lambda name: table.item(name)["bucket"]
    assert bucket("cart") == bucket("shop") == bucket("gateway")

    # Only the middle one is edited; the one below follows.
    names = [f"other-{number}" for number in range(20)]
    for name in names:
        table.put(name)
    step(function, table)
    elsewhere = next(name for name in names if bucket(name) != bucket("gateway"))
    table.set("shop", "parent", {"S": elsewhere})
    assert step(function, table) == IN_STEP
    assert bucket("cart") == bucket("shop") == bucket(elsewhere) != bucket("gateway")


def test_a_reconciliation_repairs_drift(client, config, table, rules, results):
    for name in ("shop", "blog", "gone"):
        table.put(name)
    function = config()
    step(function, table)
    whole = rules()
    results.take()

    events = client("events")
    shop, blog = whole["demo/shop, every 60 s"]["Name"], whole["demo/blog, every 60 s"]["Name"]
    target = whole["demo/shop, every 60 s"]["Targets"][0]["Id"]
    events.remove_targets(Rule=shop, Ids=[target])
    events.delete_rule(Name=shop)
    events.disable_rule(Name=blog)
    events.put_targets(Rule=blog, Targets=[{"Id": "stranger", "Arn": MONITOR_ARN}])
    # Somebody deleted an entry while nobody listened to the stream.
    table.delete("gone")
    table.event()

    answer = function.invoke(RECONCILE).ok()
    assert answer["drift"] == 3, answer
    del whole["demo/gone, every 60 s"]
    assert strip(rules()) == strip(whole)
    rows = monitor_rows(results.take())
    assert set(rows) == {"shop", "blog", "gone"}
    assert function.invoke(RECONCILE).ok()["drift"] == 0


def test_the_figures_of_a_reconciliation_are_metrics_and_a_row(config, table, rules, results, client):
    table.put("shop")
    table.put("broken", interval={"S": "5 parsecs"})
    function = config()
    step(function, table)
    results.take()
    (rule,) = rules().values()
    client("events").disable_rule(Name=rule["Name"])
    function.invoke(RECONCILE).ok()
    (own,) = [row for message in results.take() for row in message["rows"] if row["measure_name"] == "ops"]
    assert (own["tenant"], dict(own["dimensions"])["monitor_id"]) == ("_system", "config")
    told = {name: text for name, _, text in own["measures"]}
    assert (told["monitors"], told["monitors_invalid"], told["rules"], told["rules_changed"]) == ("1", "1", "1", "1")
    function.stop()
    last = function.metrics()[-1]
    assert (last["monitors"], last["monitors_invalid"], last["rules"], last["drift"]) == (1, 1, 1, 1)


def test_without_a_queue_definitions_go_to_the_store(config, table, bridge, rows):
    tenant = "t" + uuid.uuid4().hex[:12]
    table.put("shop", tenant=tenant, name={"S": "Shop"})
    function = config(TIDEWATCH_RESULTS_QUEUE_URL=None, TIDEWATCH_STORE_ENDPOINT=bridge)
    assert step(function, table) == IN_STEP
    found = rows(
        'SELECT name, enabled FROM "CPTMonitoring"."WebsiteMonitoringData" '
        f"WHERE tenant = '{tenant}' AND measure_name = 'monitor' AND time > ago(5m)"
    )
    assert found == [{"name": "Shop", "enabled": "true"}]
    table.delete("shop", tenant=tenant)
    assert step(function, table) == IN_STEP
    gone = rows(
        'SELECT deleted FROM "CPTMonitoring"."WebsiteMonitoringData" '
        f"WHERE tenant = '{tenant}' AND measure_name = 'monitor' AND time > ago(5m) ORDER BY time DESC LIMIT 1"
    )
    assert gone == [{"deleted": "true"}]


def strip(rules):
    """Rules without what a new one has anew."""
    return {name: {key: rule[key] for key in ("Name", "State", "ScheduleExpression", "Targets")} for name, rule in rules.items()}


def test_rules_of_others_are_left_alone(client, config, table, rules):
    events = client("events")
    events.put_rule(Name="backup", ScheduleExpression="rate(1 day)", Description="backup")
    events.put_rule(Name="tidewatch-reconcile", ScheduleExpression="rate(1 hour)", Description="own")
    staging = "tidewatch-staging-jkfkbufegjvxmvm5p7mnkzxdjn"
    events.put_rule(Name=staging, ScheduleExpression="rate(1 minute)", Description="staging")
    table.put("shop")
    function = config()
    step(function, table)
    function.invoke(RECONCILE).ok()
    assert set(rules(prefix="")) == {"backup", "own", "staging", "demo/shop, every 60 s"}


def test_in_buckets_many_monitors_share_few_rules(config, table, rules):
    for number in range(60):
        table.put(f"m{number}")
    function = config(TIDEWATCH_RULE_LAYOUT="buckets")
    assert step(function, table) == IN_STEP
    found = rules()
    assert len(found) == 4
    inputs = [event for rule in found.values() for event in tick(rule)]
    assert all(event["kind"] == "bucket" and event["interval"] == 60 for event in inputs)
    named = {event["bucket"] for event in inputs}
    noted = {table.item(f"m{number}")["schedule_bucket"]["S"] for number in range(60)}
    assert named == noted

    # One more entry of another interval adds what it needs and disturbs nothing.
    table.put("slow", interval={"S": "1h"})
    step(function, table)
    assert len(rules()) == 5
    # A bucket that nobody is in any more goes with the next reconciliation.
    table.delete("slow")
    step(function, table)
    assert function.invoke(RECONCILE).ok()["drift"] == 1
    assert rules() == found


def test_the_layout_can_be_changed(config, table, rules):
    for number in range(7):
        table.put(f"m{number}")
    step(config(), table)
    assert len(rules()) == 7
    answer = config(TIDEWATCH_RULE_LAYOUT="buckets", TIDEWATCH_BUCKETS="1").invoke(RECONCILE).ok()
    assert answer["rules"] == 1
    (rule,) = rules().values()
    assert [event["bucket"] for event in tick(rule)] == ["60#0"]
    config(TIDEWATCH_BUCKETS="1").invoke(RECONCILE).ok()
    assert len(rules()) == 7


def test_what_has_no_room_is_told(config, table, rules):
    for number in range(4):
        table.put(f"m{number}")
    function = config(TIDEWATCH_RULE_LIMIT="3")
    assert step(function, table) == IN_STEP
    assert len(rules()) == 3
    refused = [number for number in range(4) if table.status(f"m{number}") != "ok"]
    assert len(refused) == 1
    status = table.status(f"m{refused[0]}")
    assert "TIDEWATCH_RULE_LIMIT" in status and "buckets" in status, status


def test_long_entries_are_named_by_their_key(config, table, rules):
    table.put("long", request={"M": {"method": {"S": "POST"}, "body": {"S": "x" * 9000}}})
    table.put("markup", assertions={"L": [{"M": {"on": {"S": "body"}, "contains": {"S": "<title>"}}}]})
    function = config()
    assert step(function, table) == IN_STEP
    for name in ("long", "markup"):
        (event,) = tick(rules()[f"demo/{name}, every 60 s"])
        assert event["key"] == {"tenant": "demo", "monitor_id": name}
        assert "monitor" not in event


def test_a_batch_that_was_given_up_and_a_ping(config, table, rules):
    table.put("shop")
    table.event()
    function = config()
    given_up = {"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": json.dumps({"DDBStreamBatchInfo": {}})}]}
    function.invoke(given_up).ok()
    assert len(rules()) == 1
    pong = function.invoke({"v": 1, "kind": "ping"}).ok()
    assert pong["kind"] == "pong" and pong["location"] == "eu-west-1" and pong["table"] == TABLE
    error = function.invoke({"v": 1, "kind": "what"}).error
    assert error["errorType"] == "UnknownEvent" and "reconcile" in error["errorMessage"]


def test_bad_settings_are_told_all_at_once(runtime):
    function = runtime("config", TIDEWATCH_BUCKETS="12", TIDEWATCH_RULE_LAYOUT="one")
    reason = function.start_error()
    text = reason + function.log_text()
    for variable in ("TIDEWATCH_MONITORS_TABLE", "TIDEWATCH_MONITOR_FUNCTION_ARN", "TIDEWATCH_BUCKETS", "TIDEWATCH_RULE_LAYOUT"):
        assert variable in text, text
