// Leaves the descriptions out: they are most of the size, and nothing checks them.
import { text } from "node:stream/consumers";

function strip(value) {
  if (Array.isArray(value)) return value.map(strip);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== "description" || typeof inner !== "string");
  return Object.fromEntries(entries.map(([key, inner]) => [key, strip(inner)]));
}

process.stdout.write(`${JSON.stringify(strip(JSON.parse(await text(process.stdin))), null, 1)}\n`);
