import { json, newId } from '#platform/db';
import { errors } from '#platform/errors';

import type { RunRow, StepRow } from '../../store/rows';
import { emit } from '../events';
import { partsOf } from '../planning/builtin-planner';

import type { RunDeps } from './deps';
import { announceEnd, rememberExchange } from './ending';
import type { MemberConfig, RunConfig } from './run';
import { activeMs, hold, type Session } from './session';
import { withinTeamBudget } from './team-budget';

type Outcome = 'ended' | 'waiting';
export type ExecuteChild = (runId: string) => Promise<Outcome>;

interface Task {
  readonly member: MemberConfig;
  readonly input: string;
}

/** Members that have done their part, in order. */
interface Progress {
  readonly step: StepRow;
  readonly child: RunRow;
}

/**
 * Carries a team on. Each member is a run of its own and a step here, so that after a restart the finished ones stay finished. One
 * member after the other, all at once, or, led by the first, the others at once and then the leader over their results.
 */
export async function advanceTeam(deps: RunDeps, session: Session, execute: ExecuteChild): Promise<Outcome> {
  const { config, run } = session;
  const { mode, members } = config.team!;
  for (;;) {
    session.signal.throwIfAborted();
    const progress = await load(deps, run);
    const waves = wavesOf(run.input, mode, members);
    const wave = waves.find((tasks) => tasks.some((_, i) => !isDone(progress[placeOf(waves, tasks, i)])));
    if (!wave) return finishTeam(deps, session, progress);
    const outcomes = await Promise.all(
      wave.map((task, i) => runMember(deps, session, { task, place: placeOf(waves, wave, i), progress, execute })),
    );
    await withinTeamBudget(deps, { tenant_id: run.tenant_id, root_id: run.id });
    const now = await load(deps, run);
    const failed = now.find(({ child }) => child.status === 'failed' || child.status === 'cancelled');
    // In a row each builds on the one before; side by side the others' results stand.
    if (failed && mode === 'sequential')
      throw errors.QUERY_FAILED({
        reason: `${(failed.child.config as RunConfig).agentName} did not finish: ${(failed.child.error as { message?: string } | null)?.message ?? failed.child.status}`,
      });
    if (outcomes.includes('waiting') && (await parkTeam(deps, session))) return 'waiting';
  }
}

const placeOf = (waves: readonly (readonly Task[])[], wave: readonly Task[], index: number): number =>
  waves.slice(0, waves.indexOf(wave)).reduce((sum, tasks) => sum + tasks.length, 0) + index;

const isDone = (done: Progress | undefined): boolean =>
  done !== undefined && ['completed', 'failed', 'cancelled'].includes(done.child.status);

/** Who works at the same time. Parts of the task go round; a task in one part goes to everyone. */
function wavesOf(
  input: string,
  mode: RunConfig['team'] extends infer Team ? (Team extends { mode: infer Mode } ? Mode : never) : never,
  members: readonly MemberConfig[],
): readonly (readonly Task[])[] {
  const parts = partsOf(input);
  const share = (workers: readonly MemberConfig[]): readonly Task[] =>
    workers.map((member, i) => ({
      member,
      input: parts.length < 2 ? input : parts.filter((_, place) => place % workers.length === i).join('; ') || input,
    }));
  if (mode === 'sequential') return share(members).map((task) => [task]);
  if (mode === 'parallel' || members.length === 1) return [share(members)];
  const [leader, ...workers] = members;
  return [share(workers), [{ member: leader!, input }]];
}

async function load(deps: RunDeps, run: RunRow): Promise<readonly Progress[]> {
  return deps.db.inTenant(run.tenant_id, async (tx) => {
    const key = { tenantId: run.tenant_id, id: run.id };
    const children = new Map((await deps.runs.children(tx, key)).map((child) => [child.id, child]));
    return (await deps.runs.steps(tx, key)).map((step) => ({ step, child: children.get(step.call_id!)! }));
  });
}

interface MemberRun {
  readonly task: Task;
  readonly place: number;
  readonly progress: readonly Progress[];
  readonly execute: ExecuteChild;
}

async function runMember(deps: RunDeps, session: Session, { task, place, progress, execute }: MemberRun): Promise<Outcome> {
  const known = progress.find(({ step }) => step.number === place + 1)?.child;
  if (known && isDone({ child: known } as Progress)) return 'ended';
  const childId = known?.id ?? (await begin(deps, session, { task, place, progress }));
  return execute(childId);
}

async function begin(deps: RunDeps, session: Session, { task, place, progress }: Omit<MemberRun, 'execute'>): Promise<string> {
  const { run } = session;
  const id = newId('run');
  const context = progress
    .filter(({ child }) => child.status === 'completed')
    .map(({ child }) => `${(child.config as RunConfig).agentName}: ${child.content}`)
    .join('\n\n');
  const config: RunConfig = {
    ...task.member,
    planner: 'auto',
    team: null,
    teamMaxCostUsd: session.config.limits.maxCostUsd,
    context,
    isSuspicious: session.config.isSuspicious,
  };
  await hold(deps, session, {
    set: { status: 'executing' },
    async also(tx, now) {
      await deps.runs.insert(tx, {
        tenant_id: run.tenant_id,
        id,
        root_id: run.root_id,
        parent_id: run.id,
        team_id: run.team_id,
        agent_id: task.member.agentId,
        session_id: run.session_id,
        message_id: null,
        user_id: run.user_id,
        caller: json(run.caller),
        config: json(config),
        input: task.input,
        error: null,
        job_id: null,
        executor: null,
        finished_at: null,
      });
      await deps.runs.insertSteps(tx, [
        {
          tenant_id: run.tenant_id,
          run_id: run.id,
          number: place + 1,
          kind: 'child',
          call_id: id,
          tool: null,
          input: json({ agent_id: task.member.agentId, task: task.input }),
          output: null,
          status: 'completed',
          finished_at: new Date(),
        },
      ]);
      await emit(tx, now, [['status', { state: 'executing', agent: task.member.agentId, member_run_id: id }]]);
    },
  });
  return id;
}

async function parkTeam(deps: RunDeps, session: Session): Promise<boolean> {
  const { run } = session;
  return hold(deps, session, {
    set: { status: 'waiting_approval', active_ms: activeMs(session) },
    async also(tx, now) {
      const members = (await deps.runs.descendants(tx, { tenantId: run.tenant_id, id: run.root_id })).filter(
        ({ parent_id: parent }) => parent === run.id,
      );
      const steps =
        members.length === 0
          ? []
          : await deps.runs.stepsOf(
              tx,
              run.tenant_id,
              members.map(({ id }) => id),
            );
      if (steps.some(({ status }) => status === 'approved') || !steps.some(({ status }) => status === 'waiting')) return false;
      await deps.runs.update(tx, { tenantId: run.tenant_id, id: run.id, executor: session.executor }, { executor: null });
      await emit(tx, now, [['status', { state: 'waiting_approval' }]]);
      return true;
    },
  });
}

async function finishTeam(deps: RunDeps, session: Session, progress: readonly Progress[]): Promise<Outcome> {
  const completed = progress.filter(({ child }) => child.status === 'completed');
  if (completed.length === 0) throw errors.QUERY_FAILED({ reason: 'no member of the team finished' });
  const content = contentOf(session.config, completed);
  await hold(deps, session, {
    set: {
      status: 'completed',
      content,
      finished_at: new Date(),
      active_ms: activeMs(session),
    },
    async also(tx, now) {
      await rememberExchange(deps, tx, now);
      await emit(tx, now, [
        ['text', { content, is_final: true }],
        ['status', { state: 'complete' }],
      ]);
      await announceEnd(tx, now);
    },
  });
  return 'ended';
}

/** A leader with a model has the last word; the built-in leader has no tools and its members' words stand side by side. */
function contentOf(config: RunConfig, completed: readonly Progress[]): string {
  const last = completed.at(-1)!.child;
  if (config.team!.mode === 'hierarchical' && last.tokens_used > 0) return last.content;
  const workers = config.team!.mode === 'hierarchical' && completed.length > 1 ? completed.slice(0, -1) : completed;
  return workers.map(({ child }) => `${(child.config as RunConfig).agentName}: ${child.content}`).join('\n\n');
}
