"""The aws command line, version 1."""

import json


def test_a_table_from_creation_to_deletion(aws, now):
    name = f"clients-cli-{now}"
    database, table = ("--database-name", name), ("--table-name", "t")
    created = aws("timestream-write", "create-database", *database)
    assert created["Database"]["DatabaseName"] == name
    try:
        aws("timestream-write", "create-table", *database, *table)
        listed = aws("timestream-write", "list-tables", *database)
        assert [found["TableName"] for found in listed["Tables"]] == ["t"]

        record = {"MeasureName": "m", "MeasureValue": "1", "Time": str(now)}
        written = aws(
            "timestream-write", "write-records", *database, *table,
            "--common-attributes", '{"Dimensions": [{"Name": "host", "Value": "a"}]}',
            "--records", json.dumps([record]),
        )
        assert written["RecordsIngested"]["Total"] == 1

        refused = aws(
            "timestream-write", "write-records", *database, *table,
            "--records", json.dumps([record | {"Time": "1"}]),
        )
        assert "RejectedRecordsException" in refused and "One or more records have been rejected" in refused

        answer = aws(
            "timestream-query", "query",
            "--query-string", f'SELECT host, measure_value::double FROM "{name}"."t"',
        )
        assert answer["Rows"] == [{"Data": [{"ScalarValue": "a"}, {"ScalarValue": "1.0"}]}]
    finally:
        aws("timestream-write", "delete-table", *database, *table)
        aws("timestream-write", "delete-database", *database)
    gone = aws("timestream-write", "describe-database", *database)
    assert "ResourceNotFoundException" in gone and "does not exist" in gone


def test_the_cli_follows_pages(aws):
    statement = "SELECT n FROM UNNEST(sequence(1, 5)) AS t (n) ORDER BY n"
    answer = aws("timestream-query", "query", "--query-string", statement, "--page-size", "2")
    assert [row["Data"][0]["ScalarValue"] for row in answer["Rows"]] == ["1", "2", "3", "4", "5"]


def test_the_cli_shows_the_fault_of_a_statement(aws):
    assert "(ValidationException)" in aws("timestream-query", "query", "--query-string", "SELEC 1")
