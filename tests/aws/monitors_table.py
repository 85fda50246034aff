"""The table of monitor entries in moto, and its stream as Lambda would hand it over."""

import pathlib

TABLE = "tidewatch-monitors"
ENTRIES = pathlib.Path(__file__).resolve().parents[2] / "dynamo_entries.json"


class MonitorsTable:
    """A table like the one of the Terraform modules."""

    def __init__(self, client, region):
        self._dynamo = client("dynamodb")
        self._streams = client("dynamodbstreams")
        self._region = region
        self._read = 0
        self._dynamo.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "tenant", "KeyType": "HASH"}, {"AttributeName": "monitor_id", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("tenant", "monitor_id", "schedule_bucket")
            ],
            GlobalSecondaryIndexes=[{
                "IndexName": "schedule_bucket",
                "KeySchema": [{"AttributeName": "schedule_bucket", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )

    def put(self, monitor_id, tenant="demo", **fields):
        """Writes an entry; fields are attribute values."""
        item = {"tenant": {"S": tenant}, "monitor_id": {"S": monitor_id}, "target": {"S": f"https://{monitor_id}.example/"}, **fields}
        self._dynamo.put_item(TableName=TABLE, Item=item)

    def set(self, monitor_id, field, value, tenant="demo"):
        """Edits one attribute."""
        self._dynamo.update_item(
            TableName=TABLE,
            Key=self._key(tenant, monitor_id),
            UpdateExpression="SET #field = :value",
            ExpressionAttributeNames={"#field": field},
            ExpressionAttributeValues={":value": value},
        )

    def delete(self, monitor_id, tenant="demo"):
        self._dynamo.delete_item(TableName=TABLE, Key=self._key(tenant, monitor_id))

    def item(self, monitor_id, tenant="demo"):
        """The item, None where there is none."""
        found = self._dynamo.get_item(TableName=TABLE, Key=self._key(tenant, monitor_id), ConsistentRead=True)
        return found.get("Item")

    def status(self, monitor_id, tenant="demo"):
        """What Tidewatch says of the entry."""
        return self.item(monitor_id, tenant).get("status", {}).get("S")

    def event(self):
        """The stream's records since the last call, as Lambda hands them over."""
        arn = self._dynamo.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        (shard,) = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        iterator = self._streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        records = []
        while iterator:
            page = self._streams.get_records(ShardIterator=iterator)
            records += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
        new, self._read = records[self._read:], len(records)
        return {"Records": [self._lambda_form(record, arn) for record in new]}

    @staticmethod
    def _key(tenant, monitor_id):
        return {"tenant": {"S": tenant}, "monitor_id": {"S": monitor_id}}

    def _lambda_form(self, record, arn):
        change = dict(record["dynamodb"])
        if created := change.get("ApproximateCreationDateTime"):
            change["ApproximateCreationDateTime"] = created.timestamp()
        return {
            "eventID": record["eventID"],
            "eventName": record["eventName"],
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self._region,
            "dynamodb": change,
            "eventSourceARN": arn,
        }
