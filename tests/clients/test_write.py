"""Writing records."""

import pytest

DAY = 24 * 3600 * 1000


def single(host, value, time, **more):
    return {
        "Dimensions": [{"Name": "host", "Value": host}],
        "MeasureName": "cpu",
        "MeasureValue": value,
        "MeasureValueType": "DOUBLE",
        "Time": str(time),
        **more,
    }


def ingested(answer):
    counts = answer["RecordsIngested"]
    return counts["Total"], counts["MemoryStore"], counts["MagneticStore"]


def test_single_records_are_counted_by_age(put, rows, source, now):
    assert ingested(put([single("a", "1.5", now), single("b", "2", now - 7 * DAY)])) == (2, 1, 1)
    found = rows(f"SELECT host, measure_name, measure_value::double FROM {source} ORDER BY host")
    assert found == [["a", "cpu", "1.5"], ["b", "cpu", "2.0"]]


def test_a_multi_record_becomes_one_row(put, rows, source, now):
    record = {
        "Dimensions": [{"Name": "host", "Value": "a", "DimensionValueType": "VARCHAR"}],
        "MeasureName": "probe",
        "MeasureValueType": "MULTI",
        "MeasureValues": [
            {"Name": "latency", "Value": "12.000000", "Type": "DOUBLE"},
            {"Name": "bytes", "Value": "9223372036854775807", "Type": "BIGINT"},
            {"Name": "up", "Value": "true", "Type": "BOOLEAN"},
            {"Name": "text", "Value": "Grüße, \"Welt\"", "Type": "VARCHAR"},
            {"Name": "expires", "Value": str(now), "Type": "TIMESTAMP"},
        ],
        "Time": str(now),
    }
    assert ingested(put([record])) == (1, 1, 0)
    columns = "latency, bytes, up, text, to_milliseconds(expires)"
    found = rows(f"SELECT {columns} FROM {source} WHERE measure_name = 'probe'")
    assert found == [["12.0", "9223372036854775807", "true", "Grüße, \"Welt\"", str(now)]]


def test_common_attributes_fill_in_what_a_record_leaves_out(put, rows, source, now):
    common = {
        "Dimensions": [{"Name": "region", "Value": "eu"}],
        "MeasureName": "cpu",
        "MeasureValueType": "BIGINT",
        "Time": str(now // 1000),
        "TimeUnit": "SECONDS",
        "Version": 3,
    }
    records = [
        {"Dimensions": [{"Name": "host", "Value": "a"}], "MeasureValue": "1"},
        {
            "Dimensions": [{"Name": "host", "Value": "b"}],
            "MeasureName": "load",
            "MeasureValue": "2.5",
            "MeasureValueType": "DOUBLE",
        },
    ]
    assert ingested(put(records, CommonAttributes=common)) == (2, 2, 0)
    found = rows(
        f"SELECT region, host, to_milliseconds(time), measure_value::bigint, measure_value::double"
        f" FROM {source} ORDER BY host"
    )
    second = str(now // 1000 * 1000)
    assert found == [["eu", "a", second, "1", None], ["eu", "b", second, None, "2.5"]]
    assert ingested(put([single("c", "1", now, MeasureName="load")], CommonAttributes={})) == (1, 1, 0)


def test_versions_decide_which_value_stays(put, rows, source, write, now):
    value = f"SELECT measure_value::double FROM {source}"
    put([single("a", "1", now, Version=5)])
    assert ingested(put([single("a", "1", now, Version=5)])) == (1, 1, 0)
    put([single("a", "2", now, Version=6)])
    assert rows(value) == [["2.0"]]
    with pytest.raises(write.exceptions.RejectedRecordsException) as lower:
        put([single("a", "3", now, Version=5)])
    [rejected] = lower.value.response["RejectedRecords"]
    assert (rejected["RecordIndex"], rejected["ExistingVersion"]) == (0, 6)
    assert rejected["Reason"] == (
        "The record version 5 is lower than the existing version 6."
        " A higher version is required to update the measure value."
    )
    with pytest.raises(write.exceptions.RejectedRecordsException) as equal:
        put([single("a", "3", now, Version=6)])
    [rejected] = equal.value.response["RejectedRecords"]
    assert rejected["Reason"].startswith("A record already exists with the same time, dimensions, measure name")
    assert rows(value) == [["2.0"]]


def test_rejected_records_are_named_and_the_others_stored(put, rows, source, write, now):
    with pytest.raises(write.exceptions.RejectedRecordsException) as refused:
        put([single("a", "1", now), single("b", "2", now + DAY), single("c", "3", now - 1000 * DAY)])
    response = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 419
    assert response["Error"]["Message"] == (
        "One or more records have been rejected. See RejectedRecords for details."
    )
    rejected = response["RejectedRecords"]
    assert [record["RecordIndex"] for record in rejected] == [1, 2]
    for record in rejected:
        assert record["Reason"].startswith("The record timestamp is outside the time range [")
        assert "ExistingVersion" not in record
    assert rows(f"SELECT host FROM {source}") == [["a"]]


def test_a_hundred_records_are_the_most(put, write, now):
    records = [single("a", "1", now - n) for n in range(101)]
    assert ingested(put(records[:100])) == (100, 100, 0)
    with pytest.raises(write.exceptions.ValidationException) as refused:
        put(records)
    assert "at 'records' failed to satisfy constraint" in str(refused.value)


@pytest.mark.parametrize(
    "change, text",
    [
        ({"Time": "noon"}, "Invalid time for record."),
        ({"MeasureValue": "NaN"}, "not a finite DOUBLE"),
        ({"MeasureValueType": "TIMESTAMP"}, "TIMESTAMP is an invalid measure value type"),
        ({"Dimensions": [{"Name": "d", "Value": "1"}, {"Name": "d", "Value": "2"}]}, "the dimension d is there twice"),
        ({"Version": 0}, "the Version is 0"),
        ({"TimeUnit": "WEEKS"}, "[MILLISECONDS, SECONDS, MICROSECONDS, NANOSECONDS]"),
    ],
)
def test_records_that_make_no_sense_are_refused(put, write, now, change, text):
    with pytest.raises(write.exceptions.ValidationException) as refused:
        put([single("a", "1", now) | change])
    assert text in str(refused.value)


def test_an_unknown_table_is_told_by_type(write, database, now):
    with pytest.raises(write.exceptions.ResourceNotFoundException):
        write.write_records(DatabaseName=database, TableName="nowhere", Records=[single("a", "1", now)])
