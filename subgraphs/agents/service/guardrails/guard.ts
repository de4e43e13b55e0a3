import { findPersonalData, redact } from './recognisers';
import type { GuardrailName, GuardrailSettings } from './settings';
import { injectionScore, unsafeCategories } from './text-rules';

export type Stage = 'input' | 'action' | 'output';

/** What a guardrail found; never the text itself. */
export interface Finding {
  readonly guardrail: GuardrailName;
  readonly stage: Stage;
  readonly decision: 'flagged' | 'redacted' | 'blocked';
  readonly detail: string;
}

export interface Verdict {
  /** The text as it may go on. */
  readonly text: string;
  readonly findings: readonly Finding[];
  /** The finding that stops it; null where it may go on. */
  readonly blockedBy: Finding | null;
}

const verdict = (text: string, findings: readonly Finding[]): Verdict => ({
  text,
  findings,
  blockedBy: findings.find(({ decision }) => decision === 'blocked') ?? null,
});

const decisions = { flag: 'flagged', redact: 'redacted', block: 'blocked' } as const;

function personal(
  settings: GuardrailSettings,
  text: string,
  stage: 'input' | 'output',
): { readonly text: string; readonly finding: Finding | null } {
  const { enabled, kinds, [stage]: reaction } = settings.pii_detection;
  const found = enabled ? findPersonalData(text, kinds) : [];
  if (found.length === 0) return { text, finding: null };
  const detail = [...new Set(found.map(({ kind }) => kind))]
    .map((kind) => `${kind} ×${found.filter((one) => one.kind === kind).length}`)
    .join(', ');
  return {
    text: reaction === 'redact' ? redact(text, found) : text,
    finding: { guardrail: 'pii_detection', stage, decision: decisions[reaction], detail },
  };
}

function injection({ prompt_injection: { enabled, threshold, action } }: GuardrailSettings, text: string, stage: Stage): Finding | null {
  const score = enabled ? injectionScore(text) : 0;
  if (score < threshold || score === 0) return null;
  // What a tool returned is data: it is flagged and never refused, since others would then decide what the agent can read.
  return {
    guardrail: 'prompt_injection',
    stage,
    decision: stage === 'input' ? decisions[action] : 'flagged',
    detail: `score ${score.toFixed(2)}`,
  };
}

function safety({ content_safety: { enabled, threshold, action } }: GuardrailSettings, text: string, stage: Stage): Finding | null {
  const [worst] = enabled ? [...unsafeCategories(text)].sort((a, b) => b.score - a.score) : [];
  if (!worst || worst.score < threshold) return null;
  return { guardrail: 'content_safety', stage, decision: decisions[action], detail: worst.category };
}

const present = (findings: readonly (Finding | null)[]): readonly Finding[] => findings.filter((finding) => finding !== null);

export function checkInput(settings: GuardrailSettings, input: string): Verdict {
  const { text, finding } = personal(settings, input, 'input');
  return verdict(text, present([finding, injection(settings, input, 'input'), safety(settings, input, 'input')]));
}

/** What a tool returned, before the agent reads it. */
export function checkToolResult(settings: GuardrailSettings, result: string): readonly Finding[] {
  return present([injection(settings, result, 'action')]);
}

export function checkOutput(settings: GuardrailSettings, output: string): Verdict {
  const { text, finding } = personal(settings, output, 'output');
  return verdict(text, present([finding, safety(settings, output, 'output')]));
}
