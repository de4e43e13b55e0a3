interface Rule {
  readonly pattern: RegExp;
  readonly weight: number;
}

/**
 * Signs of text that tries to give orders. They only raise a flag: what an agent may do never depends on what a text says, but on the
 * caller's permissions and on approvals.
 */
const injection: readonly Rule[] = [
  {
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|all|any|your|the|system)\b.{0,30}\b(?:instructions?|rules?|prompts?|guidelines|policies|restrictions)\b/i,
    weight: 0.8,
  },
  {
    pattern:
      /\b(?:you are now|act as|pretend (?:to be|you are)|from now on you)\b.{0,60}\b(?:admin\w*|root|system|unrestricted|dan|developer mode|no (?:rules|restrictions|limits))\b/i,
    weight: 0.7,
  },
  {
    pattern:
      /\b(?:reveal|print|show|repeat|output|leak)\b.{0,30}\b(?:system prompt|hidden (?:prompt|instructions)|initial instructions|api keys?|secrets?|passwords?|credentials)\b/i,
    weight: 0.7,
  },
  { pattern: /<\/?(?:system|assistant|instructions?|im_start|im_end)\b[^>]*>|\[\/?INST\]|<\|[a-z_]+\|>/i, weight: 0.6 },
  { pattern: /\b(?:new|updated|important) (?:system )?instructions?\s*:/i, weight: 0.5 },
  {
    pattern:
      /\b(?:export|send|upload|post|exfiltrate|forward)\b.{0,40}\b(?:all|every|entire)\b.{0,40}\b(?:data|rows|customers?|records|tables?|database)\b.{0,40}\b(?:to|at)\b.{0,10}(?:https?:|\S+@)/i,
    weight: 0.8,
  },
  { pattern: /\bwithout (?:asking|approval|permission|confirmation|telling)\b/i, weight: 0.4 },
];

const unsafe: Readonly<Record<string, readonly Rule[]>> = {
  violence: [
    {
      pattern:
        /\bhow (?:to|can i|do i)\b.{0,40}\b(?:build|make|assemble)\b.{0,20}\b(?:bomb|explosive|pipe bomb|nerve agent|chemical weapon)\b/i,
      weight: 0.9,
    },
  ],
  self_harm: [{ pattern: /\bhow (?:to|can i|do i)\b.{0,30}\b(?:kill myself|commit suicide|end my life)\b/i, weight: 0.9 }],
  sexual_minors: [
    {
      pattern:
        /\b(?:sexual|nude|erotic|porn\w*)\b.{0,40}\b(?:child(?:ren)?|minors?|underage)\b|\b(?:child(?:ren)?|minors?|underage)\b.{0,40}\b(?:sexual|nude|erotic|porn\w*)\b/i,
      weight: 1,
    },
  ],
  malware: [{ pattern: /\b(?:write|create|give me|generate)\b.{0,40}\b(?:ransomware|keylogger|computer virus|malware)\b/i, weight: 0.9 }],
};

/** 0–1; several signs add up as independent probabilities. */
const score = (text: string, rules: readonly Rule[]): number =>
  1 - rules.reduce((rest, { pattern, weight }) => (pattern.test(text) ? rest * (1 - weight) : rest), 1);

/** Letters that look alike and characters that do not show are common disguises. */
const plain = (text: string): string => text.normalize('NFKC').replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, '');

export const injectionScore = (text: string): number => score(plain(text), injection);

export function unsafeCategories(text: string): readonly { readonly category: string; readonly score: number }[] {
  const normal = plain(text);
  return Object.entries(unsafe)
    .map(([category, rules]) => ({ category, score: score(normal, rules) }))
    .filter((found) => found.score > 0);
}
