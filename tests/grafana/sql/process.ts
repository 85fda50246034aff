// The binary under test, on a folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** How long the binary may take to start, in ms. */
const PATIENCE = 30_000;
const KEYS = "keys.toml";

export class Tidewatch {
  private constructor(
    private readonly binary: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** Address of the bridge. */
    readonly bridge: string,
  ) {}

  /** Starts the binary without any monitor and waits for the bridge's address; with a text of keys
   * the bridge asks for them. */
  static async start(binary: string, keys?: string): Promise<Tidewatch> {
    const folder = mkdtempSync(join(tmpdir(), "tidewatch-grafana-"));
    writeFileSync(join(folder, "none.yaml"), "monitors: []\n");
    if (keys !== undefined) writeFileSync(join(folder, KEYS), keys, { mode: 0o600 });
    return Tidewatch.startIn(binary, folder);
  }

  private static async startIn(binary: string, folder: string): Promise<Tidewatch> {
    const definitions = join(folder, "none.yaml");
    const child = spawn(
      binary,
      [
        "up", "--listen", "127.0.0.1:0", "--bridge-listen", "127.0.0.1:0", "--alerts-listen", "127.0.0.1:0",
        "--data-dir", join(folder, "data"), "--definitions", definitions,
        ...(existsSync(join(folder, KEYS)) ? ["--keys", join(folder, KEYS)] : []),
      ],
      { stdio: ["ignore", "pipe", "inherit"], cwd: folder },
    );
    const seen: string[] = [];
    const patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    for await (const line of createInterface({ input: child.stdout! })) {
      seen.push(line);
      const match = /^\s*bridge\s+.*?(http:\/\/\S+)/.exec(line);
      if (match !== null) {
        clearTimeout(patience);
        child.stdout!.resume();
        return new Tidewatch(binary, child, folder, match[1].replace(/\/$/, ""));
      }
    }
    throw new Error(`${binary} printed no address of the bridge:\n${seen.join("\n")}`);
  }

  /** Ends the binary and starts it again on the same data. */
  async restart(): Promise<Tidewatch> {
    await this.end();
    return Tidewatch.startIn(this.binary, this.folder);
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await ended;
    }
  }
}
