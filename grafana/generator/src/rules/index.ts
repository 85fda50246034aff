// All rules, in groups that are evaluated together.
import type { Settings } from "../settings.ts";
import { fastBurn, slowBurn } from "./burn.ts";
import { expiresSoon, expiresVerySoon, refused } from "./certificates.ts";
import { latency } from "./latency.ts";
import { late, networkLost, rejected, silent, watchdog } from "./pipeline.ts";
import { FOLDER, type Group, provisioned } from "./rule.ts";
import { degradedLocation, down } from "./state.ts";

function groups(settings: Settings): Group[] {
  return [
    { name: "states", interval: settings.stateInterval, rules: [down, degradedLocation] },
    { name: "watcher", interval: settings.stateInterval, rules: [silent, late, networkLost, rejected, watchdog] },
    { name: "budget", interval: settings.stateInterval, rules: [fastBurn] },
    { name: "objectives", interval: settings.objectiveInterval, rules: [latency, slowBurn] },
    { name: "certificates", interval: settings.objectiveInterval, rules: [expiresSoon, expiresVerySoon, refused] },
  ];
}

/** The content of the rule file. */
export function ruleFile(settings: Settings) {
  return {
    apiVersion: 1,
    groups: groups(settings).map(({ name, interval, rules }) => ({
      orgId: 1,
      name: `tidewatch-${name}`,
      folder: FOLDER,
      interval,
      rules: rules.map((rule) => provisioned(rule, settings)),
    })),
  };
}

/** Every rule with what the file does not say: why no data and errors are handled as they are. */
export function everyRule(settings: Settings) {
  return groups(settings).flatMap(({ interval, rules }) => rules.map((rule) => ({ ...rule, interval })));
}
