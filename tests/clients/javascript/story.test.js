// The unmodified JavaScript SDK through a whole story: create, write, reject, replace, query of
// every type, pages, cancel, tags. ../test_javascript.py says where the bridge is and with which key.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import https from "node:https";
import { after, before, test } from "node:test";

import * as queries from "@aws-sdk/client-timestream-query";
import * as writes from "@aws-sdk/client-timestream-write";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const { BRIDGE_URL, BRIDGE_CA, BRIDGE_KEY, BRIDGE_SECRET, BRIDGE_DATABASE } = process.env;
const DatabaseName = BRIDGE_DATABASE;
const TableName = "readings";
const table = `"${DatabaseName}"."${TableName}"`;
const now = Date.now();

const settings = (secret = BRIDGE_SECRET) => ({
  endpoint: BRIDGE_URL,
  region: "us-east-1",
  credentials: { accessKeyId: BRIDGE_KEY, secretAccessKey: secret },
  maxAttempts: 1,
  ...(BRIDGE_CA && {
    requestHandler: new NodeHttpHandler({ httpsAgent: new https.Agent({ ca: readFileSync(BRIDGE_CA) }) }),
  }),
});
const write = new writes.TimestreamWriteClient(settings());
const query = new queries.TimestreamQueryClient(settings());

const put = (Records, CommonAttributes) =>
  write.send(new writes.WriteRecordsCommand({ DatabaseName, TableName, Records, CommonAttributes }));
const ask = (QueryString, more = {}) => query.send(new queries.QueryCommand({ QueryString, ...more }));
const cells = (answer) => answer.Rows.map((row) => row.Data.map((datum) => datum.ScalarValue ?? null));
const reading = (value, more = {}) => ({
  Dimensions: [{ Name: "host", Value: "a" }],
  MeasureName: "load",
  MeasureValue: String(value),
  MeasureValueType: "DOUBLE",
  Time: String(now),
  TimeUnit: "MILLISECONDS",
  ...more,
});

before(async () => {
  await write.send(new writes.CreateDatabaseCommand({ DatabaseName, Tags: [{ Key: "team", Value: "web" }] }));
  await write.send(
    new writes.CreateTableCommand({
      DatabaseName,
      TableName,
      RetentionProperties: { MemoryStoreRetentionPeriodInHours: 24, MagneticStoreRetentionPeriodInDays: 7 },
    }),
  );
});

after(async () => {
  await write.send(new writes.DeleteTableCommand({ DatabaseName, TableName }));
  await write.send(new writes.DeleteDatabaseCommand({ DatabaseName }));
  write.destroy();
  query.destroy();
});

test("a table is described as it was created", async () => {
  const { Table } = await write.send(new writes.DescribeTableCommand({ DatabaseName, TableName }));
  assert.equal(Table.TableStatus, "ACTIVE");
  assert.equal(Table.RetentionProperties.MemoryStoreRetentionPeriodInHours, 24);
  assert.ok(Table.CreationTime instanceof Date);
  await assert.rejects(
    write.send(new writes.CreateTableCommand({ DatabaseName, TableName })),
    (error) => error instanceof writes.ConflictException,
  );
});

test("records are written, refused with a reason, and replaced by a higher version", async () => {
  const { RecordsIngested } = await put([reading(1)]);
  assert.equal(RecordsIngested.Total, 1);
  assert.equal(RecordsIngested.MemoryStore, 1);
  await assert.rejects(put([reading(2), reading(3, { MeasureName: "other" })]), (error) => {
    assert.ok(error instanceof writes.RejectedRecordsException);
    assert.equal(error.$metadata.httpStatusCode, 419);
    assert.deepEqual(error.RejectedRecords.map(({ RecordIndex, ExistingVersion }) => [RecordIndex, Number(ExistingVersion)]), [[0, 1]]);
    return true;
  });
  assert.equal((await put([reading(2, { Version: 2 })])).RecordsIngested.Total, 1);
  const answer = await ask(`SELECT measure_name, measure_value::double FROM ${table} ORDER BY measure_name`);
  assert.deepEqual(cells(answer), [["load", "2.0"], ["other", "3.0"]]);
});

test("every type of a multi-measure record comes back", async () => {
  await put([
    {
      Dimensions: [{ Name: "host", Value: "b" }],
      MeasureName: "all",
      MeasureValueType: "MULTI",
      MeasureValues: [
        { Name: "d", Value: "1.5", Type: "DOUBLE" },
        { Name: "i", Value: "7", Type: "BIGINT" },
        { Name: "s", Value: "text", Type: "VARCHAR" },
        { Name: "b", Value: "true", Type: "BOOLEAN" },
        { Name: "t", Value: String(now), Type: "TIMESTAMP" },
      ],
      Time: String(now),
    },
  ]);
  const answer = await ask(
    `SELECT d, i, s, b, t, time, 1d, ARRAY[i] AS a, ROW(s, b) AS r, CAST(NULL AS double) AS n, bin(time, 1d) > ago(7d) AS recent
     FROM ${table} WHERE measure_name = 'all'`,
  );
  assert.deepEqual(
    answer.ColumnInfo.map(({ Type }) => Type.ScalarType ?? Object.keys(Type)[0]),
    ["DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN", "TIMESTAMP", "TIMESTAMP", "INTERVAL_DAY_TO_SECOND", "ArrayColumnInfo",
      "RowColumnInfo", "DOUBLE", "BOOLEAN"],
  );
  const [{ Data }] = answer.Rows;
  assert.deepEqual(Data.slice(0, 4).map((datum) => datum.ScalarValue), ["1.5", "7", "text", "true"]);
  assert.equal(Date.parse(`${Data[4].ScalarValue.slice(0, 23)}Z`), now);
  assert.deepEqual(Data[7].ArrayValue, [{ ScalarValue: "7" }]);
  assert.deepEqual(Data[8].RowValue.Data, [{ ScalarValue: "text" }, { ScalarValue: "true" }]);
  assert.equal(Data[9].NullValue, true);
  const series = await ask(`SELECT CREATE_TIME_SERIES(time, d) AS s FROM ${table} WHERE measure_name = 'all'`);
  assert.deepEqual(series.Rows[0].Data[0].TimeSeriesValue.map((point) => point.Value.ScalarValue), ["1.5"]);
});

test("the paginator reads all pages", async () => {
  const seen = [];
  const QueryString = "SELECT n FROM UNNEST(sequence(1, 10)) AS t (n) ORDER BY n";
  let pages = 0;
  for await (const page of queries.paginateQuery({ client: query, pageSize: 4 }, { QueryString })) {
    pages += 1;
    seen.push(...cells(page).flat().map(Number));
  }
  assert.equal(pages, 3);
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("a statement with a mistake is refused with its place", async () => {
  await assert.rejects(ask(`SELECT nothing FROM ${table}`), (error) => {
    assert.ok(error instanceof queries.ValidationException);
    assert.match(error.message, /^line 1:8: /);
    return true;
  });
});

test("a query is cancelled by its id", async () => {
  const first = await ask("SELECT n FROM UNNEST(sequence(1, 10)) AS t (n)", { MaxRows: 2 });
  await query.send(new queries.CancelQueryCommand({ QueryId: first.QueryId }));
  await assert.rejects(
    ask("SELECT n FROM UNNEST(sequence(1, 10)) AS t (n)", { MaxRows: 2, NextToken: first.NextToken }),
    (error) => error instanceof queries.ConflictException,
  );
});

test("tags are set, listed and removed", async () => {
  const { Database } = await write.send(new writes.DescribeDatabaseCommand({ DatabaseName }));
  const ResourceARN = Database.Arn;
  await write.send(new writes.TagResourceCommand({ ResourceARN, Tags: [{ Key: "stage", Value: "test" }] }));
  await write.send(new writes.UntagResourceCommand({ ResourceARN, TagKeys: ["team"] }));
  const { Tags } = await write.send(new writes.ListTagsForResourceCommand({ ResourceARN }));
  assert.deepEqual(Tags, [{ Key: "stage", Value: "test" }]);
});

// On this machine nobody is asked for a key.
if (BRIDGE_CA) {
  test("a wrong secret is refused", async () => {
    const stranger = new queries.TimestreamQueryClient(settings("not the secret of this key"));
    await assert.rejects(stranger.send(new queries.QueryCommand({ QueryString: "SELECT 1" })), (error) => {
      assert.equal(error.name, "InvalidSignatureException");
      return true;
    });
    stranger.destroy();
  });
}
