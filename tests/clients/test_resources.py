"""Databases, tables and tags."""

import datetime

import pytest


def test_a_database_is_created_described_updated_and_deleted(write):
    name = "clients-lifecycle"
    created = write.create_database(DatabaseName=name, Tags=[{"Key": "team", "Value": "a"}])["Database"]
    try:
        assert created["DatabaseName"] == name
        assert created["Arn"].endswith(f":database/{name}")
        assert created["TableCount"] == 0
        assert created["KmsKeyId"].startswith("arn:aws:kms:")
        assert isinstance(created["CreationTime"], datetime.datetime)
        assert write.describe_database(DatabaseName=name)["Database"] == created
        updated = write.update_database(DatabaseName=name, KmsKeyId="arn:aws:kms:us-east-1:1:key/k")["Database"]
        assert updated["KmsKeyId"] == "arn:aws:kms:us-east-1:1:key/k"
        assert updated["LastUpdatedTime"] >= created["LastUpdatedTime"]
        with pytest.raises(write.exceptions.ConflictException):
            write.create_database(DatabaseName=name)
    finally:
        write.delete_database(DatabaseName=name)
    with pytest.raises(write.exceptions.ResourceNotFoundException):
        write.describe_database(DatabaseName=name)


def test_a_table_has_the_defaults_of_the_service(write, database):
    table = write.create_table(DatabaseName=database, TableName="plain")["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert table["RetentionProperties"] == {
        "MemoryStoreRetentionPeriodInHours": 6,
        "MagneticStoreRetentionPeriodInDays": 73000,
    }
    assert table["MagneticStoreWriteProperties"] == {"EnableMagneticStoreWrites": False}
    assert table["Schema"] == {"CompositePartitionKey": [{"Type": "MEASURE"}]}
    assert write.describe_table(DatabaseName=database, TableName="plain")["Table"] == table
    assert write.describe_database(DatabaseName=database)["Database"]["TableCount"] == 1


def test_a_table_is_updated_by_parts(write, database):
    key = {"Type": "DIMENSION", "Name": "host", "EnforcementInRecord": "OPTIONAL"}
    write.create_table(DatabaseName=database, TableName="t", Schema={"CompositePartitionKey": [key]})
    key["EnforcementInRecord"] = "REQUIRED"
    names = {"DatabaseName": database, "TableName": "t"}
    table = write.update_table(**names, Schema={"CompositePartitionKey": [key]})["Table"]
    assert table["Schema"]["CompositePartitionKey"] == [key]
    retention = {"MemoryStoreRetentionPeriodInHours": 2, "MagneticStoreRetentionPeriodInDays": 3}
    assert write.update_table(**names, RetentionProperties=retention)["Table"]["RetentionProperties"] == retention


def test_tables_and_databases_are_listed_in_pages(write, database):
    for n in range(3):
        write.create_table(DatabaseName=database, TableName=f"table-{n}")
    seen, token = [], {}
    while True:
        page = write.list_tables(DatabaseName=database, MaxResults=2, **token)
        seen += [table["TableName"] for table in page["Tables"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == ["table-0", "table-1", "table-2"]

    seen, token = [], {}
    while True:
        page = write.list_databases(MaxResults=1, **token)
        seen += [found["DatabaseName"] for found in page["Databases"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert database in seen and len(seen) == len(set(seen))


def test_what_is_missing_or_in_use_is_told_by_type(write, database, table):
    with pytest.raises(write.exceptions.ResourceNotFoundException):
        write.describe_table(DatabaseName=database, TableName="nowhere")
    with pytest.raises(write.exceptions.ConflictException):
        write.create_table(DatabaseName=database, TableName=table)
    with pytest.raises(write.exceptions.ValidationException):
        write.delete_database(DatabaseName=database)
    with pytest.raises(write.exceptions.ValidationException) as refused:
        write.create_table(DatabaseName=database, TableName="a b")
    assert "[a-zA-Z0-9_.-]+" in str(refused.value)


def test_tags_are_set_listed_and_removed_through_both_services(write, query, database):
    arn = write.describe_database(DatabaseName=database)["Database"]["Arn"]
    write.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": ""}])
    listed = query.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert listed == [{"Key": "cost", "Value": ""}, {"Key": "team", "Value": "a"}]
    query.untag_resource(ResourceARN=arn, TagKeys=["cost", "never-there"])
    assert write.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
