"""The config function on bad days: nothing lost, nothing stuck, everything told."""

from conftest import tick
from faults import Faults

IN_STEP = {"batchItemFailures": []}
RECONCILE = {"v": 1, "kind": "reconcile"}


def failures(answer):
    return [failure["itemIdentifier"] for failure in answer.ok()["batchItemFailures"]]


def sequences(event, monitor_id):
    return [
        record["dynamodb"]["SequenceNumber"] for record in event["Records"]
        if record["dynamodb"]["Keys"]["monitor_id"]["S"] == monitor_id
    ]


def bad_day(config, faults, **variables):
    return config(AWS_ENDPOINT_URL=faults.url, **variables)


def test_throttling_and_errors_of_the_service_are_sat_out(config, faults, table, rules):
    table.put("shop")
    faults.fail("AWSEvents.ListRules", "ThrottlingException")
    faults.fail("AWSEvents.PutRule", "InternalException", status=500)
    faults.fail("AWSEvents.PutTargets", "ThrottlingException", times=2)
    faults.fail("DynamoDB.BatchGetItem", "ProvisionedThroughputExceededException")
    faults.cut("DynamoDB.UpdateItem")
    function = bad_day(config, faults)
    assert function.invoke(table.event()).ok() == IN_STEP
    assert faults.left() == []
    assert len(rules()) == 1
    assert table.status("shop") == "ok"


def test_a_service_that_does_not_answer_is_asked_again(config, faults, table, rules):
    table.put("shop")
    faults.hang("AWSEvents.PutTargets")
    function = bad_day(config, faults)
    assert function.invoke(table.event()).ok() == IN_STEP
    assert faults.left() == []
    assert len(rules()["demo/shop, every 60 s"]["Targets"]) == 1


def test_a_rule_that_is_being_changed_is_waited_for(config, faults, table, rules):
    table.put("shop")
    faults.fail("AWSEvents.PutRule", "ConcurrentModificationException", times=3)
    faults.fail("AWSEvents.PutTargets", "ConcurrentModificationException", times=2)
    function = bad_day(config, faults)
    assert function.invoke(table.event()).ok() == IN_STEP
    assert faults.left() == []
    assert len(rules()["demo/shop, every 60 s"]["Targets"]) == 1


def half_failed(code, taken=0):
    """Answers 200 although some targets were not taken: all but the first ``taken``."""

    def request(sent):
        return {**sent, "Targets": sent["Targets"][:taken]} if taken else {**sent, "Targets": sent["Targets"]}

    def answer(sent, answered):
        failed = [
            {"TargetId": target["Id"], "ErrorCode": code, "ErrorMessage": "scripted"}
            for target in sent["Targets"][taken:]
        ]
        return {"FailedEntryCount": len(failed), "FailedEntries": failed}

    return {"request": request if taken else None, "answer": answer}


def test_targets_that_were_not_taken_are_sent_again(config, faults, table, rules):
    for number in range(40):
        table.put(f"m{number}")
    # Five targets to a rule; of the first call only two arrive.
    faults.change("AWSEvents.PutTargets", **half_failed("ConcurrentModificationException", taken=2))
    function = bad_day(config, faults, TIDEWATCH_RULE_LAYOUT="buckets")
    assert function.invoke(table.event()).ok() == IN_STEP
    assert faults.left() == []
    named = {event["bucket"] for rule in rules().values() for event in tick(rule)}
    assert named == {table.item(f"m{number}")["schedule_bucket"]["S"] for number in range(40)}


def test_a_target_that_is_refused_is_told_by_its_record(config, faults, table, rules):
    table.put("blog")
    table.put("shop")
    table.set("shop", "name", {"S": "Shop"})
    event = table.event()
    refused = {"count": 0}

    def answer(sent, answered):
        if "shop" not in sent["Targets"][0]["InputTransformer"]["InputTemplate"]:
            return answered
        refused["count"] += 1
        entry = {"TargetId": sent["Targets"][0]["Id"], "ErrorCode": "ValidationException", "ErrorMessage": "no such function"}
        return {"FailedEntryCount": 1, "FailedEntries": [entry]}

    faults.change("AWSEvents.PutTargets", answer=answer, times=2)
    function = bad_day(config, faults)
    # Lambda calls again with everything from the first record about the shop.
    assert failures(function.invoke(event)) == sequences(event, "shop")[:1]
    assert refused["count"] == 1
    assert "no such function" in function.log_text()
    assert table.status("blog") == "ok"
    assert function.invoke(event).ok() == IN_STEP


def test_an_answer_that_counts_failures_without_naming_them_is_a_failure(config, faults, table):
    table.put("shop")
    event = table.event()
    faults.answer("AWSEvents.PutTargets", 200, {"FailedEntryCount": 1, "FailedEntries": []})
    function = bad_day(config, faults)
    assert failures(function.invoke(event)) == sequences(event, "shop")


def test_without_the_table_the_whole_batch_comes_again(config, faults, table, rules):
    table.put("blog")
    table.put("shop")
    event = table.event()
    faults.fail("DynamoDB.BatchGetItem", "InternalServerError", status=500, times=10)
    function = bad_day(config, faults)
    assert failures(function.invoke(event)) == sequences(event, "blog")
    assert rules() == {}


def test_items_left_unprocessed_are_asked_for_again(config, faults, table, rules):
    names = [f"m{number}" for number in range(5)]
    for name in names:
        table.put(name)

    def half(sent, answered):
        ((name, items),) = answered["Responses"].items()
        left = [{"tenant": item["tenant"], "monitor_id": item["monitor_id"]} for item in items[1:]]
        return {"Responses": {name: items[:1]}, "UnprocessedKeys": {name: {"Keys": left, "ConsistentRead": True}}}

    faults.change("DynamoDB.BatchGetItem", answer=half, times=2)
    function = bad_day(config, faults)
    assert function.invoke(table.event()).ok() == IN_STEP
    assert faults.left() == []
    assert len(rules()) == len(names)


def test_a_rule_over_the_quota_is_told_and_not_tried_for_ever(config, faults, table, rules):
    table.put("blog")
    function = bad_day(config, faults)
    function.invoke(table.event()).ok()
    table.put("shop")
    # The SDK takes it for throttling and tries five times; no more than that is asked of it.
    faults.fail("AWSEvents.PutRule", "LimitExceededException", times=5, message="The requested resource exceeds the maximum number allowed.")
    assert function.invoke(table.event()).ok() == IN_STEP
    assert faults.left() == []
    assert list(rules()) == ["demo/blog, every 60 s"]
    status = table.status("shop")
    assert status.startswith("invalid: the region has no room") and "buckets" in status, status
    # Once there is room, the next reconciliation makes the rule.
    function.invoke(RECONCILE).ok()
    assert len(rules()) == 2
    assert table.status("shop") == "ok"


def test_rows_that_the_queue_did_not_take_come_again(config, faults, table, results):
    table.put("shop")
    event = table.event()
    faults.fail("AmazonSQS.SendMessageBatch", "InternalError", status=500, times=30)
    function = bad_day(config, faults)
    assert failures(function.invoke(event)) == sequences(event, "shop")
    calm = config()
    assert calm.invoke(event).ok() == IN_STEP
    assert len(results.take()) == 1


def test_a_store_that_takes_no_rows_of_definitions_is_told_by_the_record(config, table, bridge):
    table.put("shop")
    event = table.event()
    store = Faults(bridge)
    try:
        store.cut("Timestream_20181101.WriteRecords", times=60)
        function = config(TIDEWATCH_RESULTS_QUEUE_URL=None, TIDEWATCH_STORE_ENDPOINT=store.url)
        assert failures(function.invoke(event)) == sequences(event, "shop")
        store.clear()
        assert function.invoke(event).ok() == IN_STEP
    finally:
        store.stop()


def test_records_may_come_twice_late_and_in_any_order(config, table, rules):
    table.put("shop")
    table.set("shop", "interval", {"S": "5m"})
    table.delete("shop")
    table.put("shop", interval={"S": "2m"})
    event = table.event()
    function = config()
    backwards = {"Records": list(reversed(event["Records"]))}
    for batch in (backwards, event, {"Records": event["Records"][2:3]}, event):
        assert function.invoke(batch).ok() == IN_STEP
        assert list(rules()) == ["demo/shop, every 120 s"]


def test_a_poison_record_stops_nobody(config, table, rules):
    table.put("no name", tenant="no tenant either")
    table.put("shop")
    event = table.event()
    odd = dict(event["Records"][0], eventID="odd")
    odd["dynamodb"] = {"Keys": {"id": {"N": "7"}}, "SequenceNumber": "1", "SizeBytes": 1}
    event["Records"].insert(0, odd)
    function = config()
    assert function.invoke(event).ok() == IN_STEP
    assert list(rules()) == ["demo/shop, every 60 s"]
    assert table.status("no name", tenant="no tenant either").startswith("invalid: tenant: ")
    assert "odd" in function.log_text()


def test_nothing_is_removed_before_its_place_is_taken(config, faults, table, rules):
    for number in range(3):
        table.put(f"m{number}")
    config().invoke(table.event()).ok()
    before = rules()
    faults.fail("AWSEvents.PutTargets", "ManagedRuleException")
    function = bad_day(config, faults, TIDEWATCH_RULE_LAYOUT="buckets", TIDEWATCH_BUCKETS="1")
    error = function.invoke(RECONCILE).error
    assert error["errorType"] == "NotInStep", error
    assert before.items() <= rules().items()
    function.invoke(RECONCILE).ok()
    assert len(rules()) == 1
