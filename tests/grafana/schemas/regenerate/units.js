// Prints the ids of units that a source file of @grafana/data lists.
import { readFileSync } from "node:fs";

const source = readFileSync(process.argv[2], "utf8");
const ids = [...source.matchAll(/\bid: "([^"]+)"/g)].map((match) => match[1]);
if (ids.length < 200) {
  throw new Error(`${process.argv[2]} lists only ${ids.length} units; has its form changed?`);
}
process.stdout.write(`${JSON.stringify([...new Set(ids)].sort(), null, 1)}\n`);
