"""A bridge with access keys and TLS: unmodified clients get in with the right key and no other, and
no client of one tenant sees anything of another tenant."""

import base64
import ssl
import urllib.error
import urllib.request
from contextlib import contextmanager

import boto3
import botocore
import botocore.config
import botocore.exceptions
import pytest

from conftest import PATIENCE, cells

TENANTS = {"TWACME": "acme", "TWGLOBEX": "globex"}


@pytest.fixture
def connect(guarded, environment):
    """Makes a client with a key of the keys file, or with other credentials."""
    url, authority = guarded

    def client(service, key, secret=None, verify=authority, **more):
        session = boto3.Session(
            aws_access_key_id=key, aws_secret_access_key=secret or f"secret-of-{key}", **more
        )
        config = botocore.config.Config(retries={"total_max_attempts": 1})
        return session.client(f"timestream-{service}", endpoint_url=url, verify=verify, config=config)

    return client


@pytest.fixture
def tenants(connect, now):
    """Both tenants with a table `t` that has a row of theirs; gives a query function."""
    for key, name in TENANTS.items():
        write = connect("write", key)
        try:
            write.create_database(DatabaseName=name)
            write.create_table(DatabaseName=name, TableName="t")
        except write.exceptions.ConflictException:
            pass
        record = {
            "Dimensions": [{"Name": "owner", "Value": name}],
            "MeasureName": "m", "MeasureValue": "1", "Time": str(now),
        }
        answer = write.write_records(DatabaseName=name, TableName="t", Records=[record])
        assert answer["RecordsIngested"]["Total"] == 1

    def query(key, statement):
        return [cells(row) for row in connect("query", key).query(QueryString=statement)["Rows"]]

    return query


@contextmanager
def refused(code, text):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert text in error["Message"]


def test_the_right_key_gets_in(tenants):
    assert tenants("TWACME", "SELECT owner FROM acme.t") == [["acme"]]
    assert tenants("TWREADER", "SELECT owner FROM acme.t") == [["acme"]]


def test_boto3_names_what_is_wrong_with_a_key(connect):
    with refused("InvalidSignatureException", "Check your AWS Secret Access Key"):
        connect("query", "TWACME", secret="secret-of-nobody").query(QueryString="SELECT 1")
    with refused("UnrecognizedClientException", "no such access key"):
        connect("query", "TWNOBODY").query(QueryString="SELECT 1")
    with refused("UnrecognizedClientException", "no session token"):
        client = connect("query", "TWACME", aws_session_token="token-of-a-role")
        client.query(QueryString="SELECT 1")


def test_an_unsigned_request_is_refused(guarded, environment):
    url, authority = guarded
    unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
    client = boto3.Session().client("timestream-query", endpoint_url=url, verify=authority, config=unsigned)
    with refused("MissingAuthenticationTokenException", "missing Authentication Token"):
        client.query(QueryString="SELECT 1")


def test_without_the_authority_there_is_no_connection(connect):
    with pytest.raises(botocore.exceptions.SSLError):
        connect("query", "TWACME", verify=True).query(QueryString="SELECT 1")


def test_tenants_see_their_own_only(connect, tenants):
    for key, name in TENANTS.items():
        assert tenants(key, "SHOW DATABASES") == [[name]]
        write = connect("write", key)
        assert [found["DatabaseName"] for found in write.list_databases()["Databases"]] == [name]
        assert {found["DatabaseName"] for found in write.list_tables()["Tables"]} == {name}
        assert tenants("TWOPERATOR", f"SELECT owner FROM {name}.t") == [[name]]


OTHERS = [
    ("write", "describe_database", {"DatabaseName": "globex"}),
    ("write", "update_database", {"DatabaseName": "globex", "KmsKeyId": "k"}),
    ("write", "delete_database", {"DatabaseName": "globex"}),
    ("write", "create_database", {"DatabaseName": "initech"}),
    ("write", "list_tables", {"DatabaseName": "globex"}),
    ("write", "create_table", {"DatabaseName": "globex", "TableName": "u"}),
    ("write", "describe_table", {"DatabaseName": "globex", "TableName": "t"}),
    ("write", "update_table", {"DatabaseName": "globex", "TableName": "t"}),
    ("write", "delete_table", {"DatabaseName": "globex", "TableName": "t"}),
    ("write", "write_records", {
        "DatabaseName": "globex", "TableName": "t",
        "Records": [{"MeasureName": "m", "MeasureValue": "1", "Time": "1"}],
    }),
    ("write", "list_tags_for_resource", {"ResourceARN": "arn:aws:timestream:us-east-1:1:database/globex"}),
    ("write", "tag_resource", {
        "ResourceARN": "arn:aws:timestream:us-east-1:1:database/globex",
        "Tags": [{"Key": "k", "Value": "v"}],
    }),
    ("write", "untag_resource", {
        "ResourceARN": "arn:aws:timestream:us-east-1:1:database/globex", "TagKeys": ["k"],
    }),
    ("query", "update_account_settings", {"MaxQueryTCU": 8}),
    *(("query", "query", {"QueryString": statement}) for statement in [
        "SELECT * FROM globex.t",
        "SELECT a.owner FROM acme.t a JOIN globex.t b ON a.time = b.time",
        "SELECT owner FROM acme.t UNION ALL SELECT owner FROM globex.t",
        "SELECT owner FROM acme.t WHERE owner IN (SELECT owner FROM globex.t)",
        "WITH g AS (SELECT owner FROM globex.t) SELECT * FROM g",
        "SELECT * FROM (SELECT owner FROM globex.t)",
        "DESCRIBE globex.t",
        "SHOW TABLES FROM globex",
        "SHOW MEASURES FROM globex.t",
    ]),
]


@pytest.mark.parametrize(("service", "operation", "arguments"), OTHERS, ids=lambda value: str(value)[:60])
def test_nothing_of_another_tenant_is_reached(connect, tenants, service, operation, arguments):
    with refused("AccessDeniedException", "user/acme is not authorized to perform: timestream:"):
        getattr(connect(service, "TWACME"), operation)(**arguments)
    assert tenants("TWGLOBEX", "SELECT owner FROM globex.t") == [["globex"]]


def test_a_reader_writes_nothing(connect, tenants):
    with refused("AccessDeniedException", "does not allow the action write"):
        connect("write", "TWREADER").write_records(
            DatabaseName="acme", TableName="t",
            Records=[{"MeasureName": "m", "MeasureValue": "1", "Time": "1"}],
        )


def test_results_and_queries_belong_to_their_key(connect):
    statement = "SELECT n FROM UNNEST(sequence(1, 5)) AS t (n)"
    acme, globex = connect("query", "TWACME"), connect("query", "TWGLOBEX")
    first = acme.query(QueryString=statement, MaxRows=2)
    with refused("ValidationException", "Invalid pagination token."):
        globex.query(QueryString=statement, MaxRows=2, NextToken=first["NextToken"])
    with refused("ValidationException", "does not exist"):
        globex.cancel_query(QueryId=first["QueryId"])
    second = acme.query(QueryString=statement, MaxRows=2, NextToken=first["NextToken"])
    assert [cells(row) for row in second["Rows"]] == [["3"], ["4"]]


def test_discovery_answers_the_secure_address(guarded, environment, monkeypatch, tenants):
    url, authority = guarded
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_CA_BUNDLE", authority)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "TWACME")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-TWACME")
    client = boto3.Session().client("timestream-query")
    assert client.describe_endpoints()["Endpoints"][0]["Address"] == url
    assert [cells(row) for row in client.query(QueryString="SHOW DATABASES")["Rows"]] == [["acme"]]


def test_the_cli_signs_and_trusts_the_authority(guarded, aws, monkeypatch, tenants):
    url, authority = guarded
    monkeypatch.setenv("AWS_CA_BUNDLE", authority)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "TWACME")
    show = ("timestream-query", "query", "--query-string", "SHOW DATABASES")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-nobody")
    assert "(InvalidSignatureException)" in aws(*show, endpoint=url)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-TWACME")
    assert aws(*show, endpoint=url)["Rows"] == [{"Data": [{"ScalarValue": "acme"}]}]
    other = ("timestream-write", "describe-database", "--database-name", "globex")
    assert "(AccessDeniedException)" in aws(*other, endpoint=url)


def test_prometheus_reads_the_metrics_with_name_and_secret(guarded):
    url, authority = guarded
    trust = ssl.create_default_context(cafile=authority)

    def scrape(who):
        request = urllib.request.Request(f"{url}/metrics")
        if who:
            request.add_header("Authorization", f"Basic {base64.b64encode(who.encode()).decode()}")
        try:
            with urllib.request.urlopen(request, context=trust, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    assert scrape("")[0] == 401
    assert scrape("TWOPERATOR:wrong-secret-0000")[0] == 401
    assert scrape("TWACME:secret-of-TWACME")[0] == 403
    status, page = scrape("TWOPERATOR:secret-of-TWOPERATOR")
    assert status == 200 and page.startswith("# HELP tidewatch_bridge_requests_total")
