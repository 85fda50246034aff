"""Clients that know the server from the environment only, and so discover its endpoint first."""

import boto3


def test_boto3_finds_the_endpoint(bridge_url, monkeypatch, now):
    monkeypatch.setenv("AWS_ENDPOINT_URL", bridge_url)
    session = boto3.Session()
    write, query = session.client("timestream-write"), session.client("timestream-query")
    for client in (write, query):
        [endpoint] = client.describe_endpoints()["Endpoints"]
        assert endpoint == {"Address": bridge_url, "CachePeriodInMinutes": 1440}
    name = f"clients-discovery-{now}"
    write.create_database(DatabaseName=name)
    try:
        assert [{"ScalarValue": name}] in [
            row["Data"] for row in query.query(QueryString="SHOW DATABASES")["Rows"]
        ]
    finally:
        write.delete_database(DatabaseName=name)


def test_the_cli_finds_the_endpoint(bridge_url, monkeypatch, aws):
    monkeypatch.setenv("AWS_ENDPOINT_URL", bridge_url)
    answer = aws("timestream-query", "query", "--query-string", "SELECT 1", endpoint=None)
    assert answer["Rows"] == [{"Data": [{"ScalarValue": "1"}]}]
