// Records in the shape that Tidewatch writes them; every name and type is checked against the
// record schema, so that a test cannot rest on rows that nobody writes.
import { type Tree, schema } from "../files.ts";

const TYPES: Record<string, string> = {
  double: "DOUBLE", bigint: "BIGINT", varchar: "VARCHAR", boolean: "BOOLEAN", timestamp: "TIMESTAMP",
};

export type Measures = Record<string, string | number | boolean | undefined>;

/** One multi-measure record; `time` and timestamps in ms. */
export function record(kind: string, time: number, dimensions: Record<string, string>, measures: Measures): Tree {
  if (!(kind in schema.measure_names)) throw new Error(`\`${kind}\` is no kind of rows`);
  const wanted = ["ops", "notification"].includes(kind) ? ["tenant", "monitor_id", "location"] : ["tenant", "monitor_id", "location", "kind"];
  if (JSON.stringify(Object.keys(dimensions)) !== JSON.stringify(wanted)) {
    throw new Error(`a ${kind} row has the dimensions ${wanted}, not ${Object.keys(dimensions)}`);
  }
  // Empty texts are left out as well: the service refuses them.
  const values = Object.entries(measures).filter(([, value]) => value !== undefined && value !== "");
  return {
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    MeasureName: kind,
    MeasureValueType: "MULTI",
    MeasureValues: values.map(([Name, value]) => ({ Name, Type: typeOf(Name), Value: String(value) })),
    Time: String(time),
    TimeUnit: "MILLISECONDS",
  };
}

/** Records that make every column exist, as the writer's first batch does. */
export function columns(time: number): Tree[] {
  const names = Object.keys(schema.measures);
  const samples: Record<string, string | number | boolean> = { double: 0, bigint: 0, varchar: "-", boolean: false, timestamp: 0 };
  const part = (first: number) => names.slice(first, first + 20).map((name) => [name, samples[schema.measures[name].type]]);
  const dimensions = (number: number) => ({ tenant: "_system", monitor_id: `schema-${number}`, location: "_all", kind: "none" });
  const starts = names.map((_, index) => index).filter((index) => index % 20 === 0);
  return starts.map((first) => record("schema", time, dimensions(first), Object.fromEntries(part(first))));
}

function typeOf(name: string): string {
  const measure = schema.measures[name];
  if (measure === undefined) throw new Error(`\`${name}\` is no measure of the schema`);
  return TYPES[measure.type];
}
