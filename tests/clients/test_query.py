"""Statements, pages, errors."""

import pytest


def scalar(name, kind):
    return {"Name": name, "Type": {"ScalarType": kind}}


@pytest.mark.parametrize(
    "expression, kind, text",
    [
        ("'text'", "VARCHAR", "text"),
        ("true", "BOOLEAN", "true"),
        ("1", "INTEGER", "1"),
        ("CAST(1 AS BIGINT)", "BIGINT", "1"),
        ("1e0", "DOUBLE", "1.0"),
        ("1.6554878837710001e9", "DOUBLE", "1.6554878837710001E9"),
        ("TIMESTAMP '2021-05-06 06:35:38.1'", "TIMESTAMP", "2021-05-06 06:35:38.100000000"),
        ("DATE '2020-08-08'", "DATE", "2020-08-08"),
        ("TIME '01:00:00'", "TIME", "01:00:00.000000000"),
        ("1d + 21h", "INTERVAL_DAY_TO_SECOND", "1 21:00:00.000000000"),
        ("2y + 7month", "INTERVAL_YEAR_TO_MONTH", "2-7"),
        ("null", "UNKNOWN", None),
    ],
)
def test_every_scalar_type_has_its_text(query, expression, kind, text):
    answer = query.query(QueryString=f"SELECT {expression} AS x")
    assert answer["ColumnInfo"] == [scalar("x", kind)]
    datum = {"NullValue": True} if text is None else {"ScalarValue": text}
    assert answer["Rows"] == [{"Data": [datum]}]


def test_arrays_rows_and_series_are_nested(query, put, source, now):
    put([{"MeasureName": "m", "MeasureValue": "0.5", "Time": str(now)}])
    answer = query.query(
        QueryString=f"SELECT ARRAY[1, 2] AS a, ROW('x', true) AS r, CREATE_TIME_SERIES(time, measure_value::double) AS s"
        f" FROM {source}"
    )
    array, row, series = answer["ColumnInfo"]
    assert array == {"Name": "a", "Type": {"ArrayColumnInfo": {"Type": {"ScalarType": "INTEGER"}}}}
    assert [field["Type"] for field in row["Type"]["RowColumnInfo"]] == [
        {"ScalarType": "VARCHAR"},
        {"ScalarType": "BOOLEAN"},
    ]
    assert series == {"Name": "s", "Type": {"TimeSeriesMeasureValueColumnInfo": {"Type": {"ScalarType": "DOUBLE"}}}}
    [found] = answer["Rows"]
    assert found["Data"][0] == {"ArrayValue": [{"ScalarValue": "1"}, {"ScalarValue": "2"}]}
    assert found["Data"][1] == {"RowValue": {"Data": [{"ScalarValue": "x"}, {"ScalarValue": "true"}]}}
    [point] = found["Data"][2]["TimeSeriesValue"]
    assert point["Value"] == {"ScalarValue": "0.5"}


def test_the_answer_carries_id_and_status(query):
    answer = query.query(QueryString="SELECT 1")
    assert len(answer["QueryId"]) == 63 and answer["QueryId"].startswith("AE")
    assert answer["QueryStatus"]["ProgressPercentage"] == 100.0
    assert answer["QueryStatus"]["CumulativeBytesMetered"] == 10_000_000
    assert "NextToken" not in answer
    assert len(answer["ResponseMetadata"]["RequestId"]) == 26


NUMBERS = "SELECT n FROM UNNEST(sequence(1, 10)) AS t (n) ORDER BY n"


def numbers(page):
    return [int(row["Data"][0]["ScalarValue"]) for row in page["Rows"]]


def test_pages_follow_the_token(query):
    first = query.query(QueryString=NUMBERS, MaxRows=4)
    second = query.query(QueryString=NUMBERS, MaxRows=4, NextToken=first["NextToken"])
    again = query.query(QueryString=NUMBERS, MaxRows=4, NextToken=first["NextToken"])
    third = query.query(QueryString=NUMBERS, MaxRows=4, NextToken=second["NextToken"])
    assert [numbers(page) for page in (first, second, again, third)] == [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [5, 6, 7, 8],
        [9, 10],
    ]
    assert "NextToken" not in third
    assert first["QueryId"] == second["QueryId"] == third["QueryId"]
    with pytest.raises(query.exceptions.ValidationException, match="Invalid pagination token"):
        query.query(QueryString="SELECT 1", NextToken=second["NextToken"])


def test_the_paginator_reads_all_pages(query):
    paginator = query.get_paginator("query")
    pages = list(paginator.paginate(QueryString=NUMBERS, PaginationConfig={"PageSize": 3}))
    assert [numbers(page) for page in pages] == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
    limited = paginator.paginate(QueryString=NUMBERS, PaginationConfig={"MaxItems": 3, "PageSize": 2})
    assert numbers(limited.build_full_result()) == [1, 2, 3]


def test_a_cancelled_query_has_no_more_pages(query):
    first = query.query(QueryString=NUMBERS, MaxRows=4)
    assert query.cancel_query(QueryId=first["QueryId"])["CancellationMessage"]
    assert query.cancel_query(QueryId=first["QueryId"])["CancellationMessage"]
    with pytest.raises(query.exceptions.ConflictException):
        query.query(QueryString=NUMBERS, NextToken=first["NextToken"])
    done = query.query(QueryString="SELECT 1")
    with pytest.raises(query.exceptions.ValidationException):
        query.cancel_query(QueryId=done["QueryId"])


def test_metadata_statements(query, put, database, source, now):
    record = {
        "Dimensions": [{"Name": "host", "Value": "a"}],
        "MeasureName": "cpu",
        "MeasureValue": "1",
        "Time": str(now),
    }
    put([record])

    def texts(statement):
        answer = query.query(QueryString=statement)
        assert answer["QueryStatus"]["CumulativeBytesMetered"] == 0
        names = [column["Name"] for column in answer["ColumnInfo"]]
        return names, [[datum.get("ScalarValue") for datum in row["Data"]] for row in answer["Rows"]]

    names, found = texts("SHOW DATABASES")
    assert names == ["Database"] and [database] in found
    assert texts(f"SHOW DATABASES LIKE '{database[:-1]}_'")[1] == [[database]]
    assert texts(f'SHOW TABLES FROM "{database}"') == (["Table"], [["t"]])
    names, found = texts(f"SHOW MEASURES FROM {source}")
    assert names == ["measure_name", "data_type", "dimensions"] and found == [["cpu", "double", None]]
    dimensions = query.query(QueryString=f"SHOW MEASURES FROM {source}")["Rows"][0]["Data"][2]
    row = {"Data": [{"ScalarValue": "host"}, {"ScalarValue": "varchar"}]}
    assert dimensions == {"ArrayValue": [{"RowValue": row}]}
    assert texts(f"DESCRIBE {source}") == (
        ["Column", "Type", "Timestream attribute type"],
        [
            ["host", "varchar", "DIMENSION"],
            ["measure_name", "varchar", "MEASURE_NAME"],
            ["time", "timestamp", "TIMESTAMP"],
            ["measure_value::double", "double", "MEASURE_VALUE"],
        ],
    )


def test_an_empty_table_has_two_columns(query, source):
    answer = query.query(QueryString=f"SELECT * FROM {source}")
    assert answer["ColumnInfo"] == [scalar("measure_name", "VARCHAR"), scalar("time", "TIMESTAMP")]
    assert answer["Rows"] == []


@pytest.mark.parametrize(
    "statement, text",
    [
        ("SELECT vehicleName FROM {source}", "line 1:8: Column 'vehicleName' does not exist"),
        ("SELEC 1", "The query syntax is invalid at line 1:1"),
        ("SELECT * FROM nodb.nowhere", "nodb"),
        ("SELECT * FROM {database}.nowhere", "nowhere"),
    ],
)
def test_faults_of_a_statement_are_told(query, database, source, statement, text):
    with pytest.raises(query.exceptions.ValidationException) as refused:
        query.query(QueryString=statement.format(database=f'"{database}"', source=source))
    assert text in refused.value.response["Error"]["Message"]


def test_preparing_tells_the_columns(query):
    statement = "SELECT 1 AS a, 'x' AS b"
    answer = query.prepare_query(QueryString=statement, ValidateOnly=True)
    assert answer["QueryString"] == statement
    assert answer["Columns"] == [scalar("a", "INTEGER"), scalar("b", "VARCHAR")]
    assert answer["Parameters"] == []


def test_account_settings_are_described(query):
    settings = query.describe_account_settings()
    assert settings["MaxQueryTCU"] % 4 == 0
    assert settings["QueryPricingModel"] in ("COMPUTE_UNITS", "BYTES_SCANNED")


def test_scheduled_queries_are_refused_clearly(query):
    with pytest.raises(query.exceptions.ValidationException, match="this server has no scheduled queries"):
        query.list_scheduled_queries()
