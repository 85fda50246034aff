// The colours of Okabe and Ito, which people with any of the common colour deficiencies can tell
// apart, and what each stands for. A colour never stands alone: every status has its word.
import { MappingType, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Threshold, ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";

export const colour = {
  good: "#009E73",
  notice: "#F0E442",
  warning: "#E69F00",
  bad: "#D55E00",
  calm: "#56B4E9",
  accent: "#0072B2",
  aside: "#CC79A7",
  neutral: "#999999",
} as const;

/** The words for states, with the numbers that `statusNumber` gives them. */
const statuses = [
  { number: -2, word: "paused", color: colour.aside },
  { number: -1, word: "maintenance", color: colour.aside },
  { number: 0, word: "up", color: colour.good },
  { number: 1, word: "unknown", color: colour.neutral },
  { number: 2, word: "degraded", color: colour.notice },
  { number: 3, word: "suspect", color: colour.warning },
  { number: 4, word: "recovering", color: colour.calm },
  { number: 5, word: "down", color: colour.bad },
];

/** Numbers of outcomes, a higher one is worse. */
export const outcomeNumber = { ok: 0, missed: 1, unknown: 2, degraded: 3, fail: 4 } as const;

const outcomes = [
  { number: outcomeNumber.ok, word: "ok", color: colour.good },
  { number: outcomeNumber.missed, word: "missed", color: colour.aside },
  { number: outcomeNumber.unknown, word: "unknown", color: colour.neutral },
  { number: outcomeNumber.degraded, word: "degraded", color: colour.notice },
  { number: outcomeNumber.fail, word: "fail", color: colour.bad },
];

interface Word {
  number: number;
  word: string;
  color: string;
}

function mapping(words: Word[], key: (word: Word) => string): ValueMapping[] {
  const options = words.map((word, index) => [key(word), { text: word.word, color: word.color, index }]);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}

/** Mappings of status numbers to words and colours. */
export const statusNumbers = mapping(statuses, (status) => String(status.number));
/** Mappings of status words to colours. */
export const statusWords = mapping(statuses, (status) => status.word);
/** Mappings of outcome numbers to words and colours. */
export const outcomeNumbers = mapping(outcomes, (outcome) => String(outcome.number));
/** Mappings of outcome words to colours. */
export const outcomeWords = mapping(outcomes, (outcome) => outcome.word);
/** Mappings of severities to colours. */
export const severityWords = mapping(
  [
    { number: 0, word: "info", color: colour.calm },
    { number: 1, word: "warning", color: colour.warning },
    { number: 2, word: "critical", color: colour.bad },
  ],
  (severity) => severity.word,
);
/** Mappings of error owners to colours. */
export const ownerColours: Record<string, string> = {
  target: colour.bad,
  network: colour.warning,
  prober: colour.aside,
  config: colour.calm,
};

/** Limits that a value should stay above or below, from the lowest value up. */
export interface Limits {
  /** Colour below the first limit. */
  base: string;
  /** Value and the colour from there on. */
  steps: [number, string][];
}

/** No limits: one calm colour. */
export const plain: Limits = { base: colour.accent, steps: [] };
/** More than nothing deserves a look. */
export const noneIsCalm: Limits = { base: colour.good, steps: [[1, colour.warning]] };
/** What is left of an error budget, in percent. */
export const budgetLeft: Limits = { base: colour.bad, steps: [[0.001, colour.warning], [25, colour.good]] };
/** Days until a certificate expires. */
export const certificateDays: Limits = { base: colour.bad, steps: [[7, colour.warning], [21, colour.good]] };
/** Share of planned probes that gave a verdict, in percent. */
export const coverage: Limits = { base: colour.bad, steps: [[50, colour.warning], [90, colour.good]] };
/** Multiples of the allowed speed of spending the budget: the limits of the burn alerts. */
export const burn: Limits = { base: colour.good, steps: [[1, colour.notice], [6, colour.warning], [14.4, colour.bad]] };

/** Limits in Grafana's form. */
export function thresholds(limits: Limits): { mode: ThresholdsMode; steps: Threshold[] } {
  const steps = limits.steps.map(([value, color]) => ({ value, color }));
  return { mode: ThresholdsMode.Absolute, steps: [{ value: null, color: limits.base }, ...steps] };
}
