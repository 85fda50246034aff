// Signature Version 4, as the plugin's SDK signs: the date, host and body of a request.
import { createHash, createHmac } from "node:crypto";

export interface Key {
  id: string;
  secret: string;
}

const REGION = "us-east-1";
const SERVICE = "timestream";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

/** The headers of a signed POST to `/`. */
export function signed(key: Key, address: string, headers: Record<string, string>, body: string): Record<string, string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const all: Record<string, string> = { ...headers, host: new URL(address).host, "x-amz-date": time };
  const names = Object.keys(all).sort();
  const request = [
    "POST", "/", "", ...names.map((name) => `${name}:${all[name]}`), "", names.join(";"), sha256(body),
  ].join("\n");
  const scope = [time.slice(0, 8), REGION, SERVICE, "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
  const signing = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${key.secret}`);
  const signature = hmac(signing, text).toString("hex");
  const { host: _, ...sent } = all;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${key.id}/${scope.join("/")}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}
