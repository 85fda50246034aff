// The Timestream API over HTTP, as far as the tests need it.
import type { Tree } from "../files.ts";
import { type Key, signed } from "./signature.ts";

/** A result: names, scalar types and rows of texts, null where there is no value. */
export interface Result {
  columns: { name: string; type: string }[];
  rows: (string | null)[][];
}

export class Bridge {
  /** Requests are signed where there is a key. */
  constructor(
    private readonly address: string,
    private readonly key?: Key,
  ) {}

  /** Calls one operation; an error of the service is thrown with its message. */
  async call(operation: string, body: Tree): Promise<Tree> {
    const bare = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `Timestream_20181101.${operation}`,
    };
    const text = JSON.stringify(body);
    const headers = this.key === undefined ? bare : signed(this.key, this.address, bare, text);
    const response = await fetch(this.address, { method: "POST", headers, body: text });
    const answer: Tree = await response.json();
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Runs a statement and joins all pages, as the plugin's backend does. */
  async query(sql: string): Promise<Result> {
    const rows: (string | null)[][] = [];
    let page: Tree = await this.call("Query", { QueryString: sql });
    for (;;) {
      for (const row of page.Rows) rows.push(row.Data.map((cell: Tree) => cell.ScalarValue ?? null));
      if (page.NextToken === undefined || page.NextToken === null) break;
      page = await this.call("Query", { QueryString: sql, NextToken: page.NextToken });
    }
    const columns = page.ColumnInfo.map((column: Tree) => ({ name: column.Name, type: column.Type.ScalarType ?? "OTHER" }));
    return { columns, rows };
  }

  /** Writes records, a hundred at a time. */
  async write(database: string, table: string, records: Tree[]): Promise<void> {
    for (let start = 0; start < records.length; start += 100) {
      await this.call("WriteRecords", {
        DatabaseName: database,
        TableName: table,
        Records: records.slice(start, start + 100),
      });
    }
  }
}
