/** One row of `EXPLAIN <statement>`: the instruction's name, its second operand and its fourth, which names a function. */
export interface Instruction {
  readonly opcode: string;
  readonly p2: number;
  readonly p4: string;
}

/** Instructions that write, change the connection, or open a virtual table (whose module may read anything: files, settings). */
const refused = new Set(
  'OpenWrite VOpen VCreate VUpdate VDestroy VBegin Vacuum IncrVacuum JournalMode Checkpoint ParseSchema SetCookie CreateBtree Destroy DropTable DropIndex DropTrigger AutoCommit Savepoint LoadAnalysis MaxPgcnt SqlExec'.split(
    ' ',
  ),
);

const calls = new Set(['Function', 'PureFunc', 'AggStep', 'AggStep1', 'AggFinal', 'AggValue', 'AggInverse']);

/**
 * Why a compiled statement may not run, or null. SQLite compiles before it runs, so that its own program shows what no reading of the
 * text can hide: which functions it calls and whether it writes.
 */
export function refusedInstruction(program: readonly Instruction[], functions: ReadonlySet<string>): string | null {
  for (const { opcode, p2, p4 } of program) {
    if (refused.has(opcode) || (opcode === 'Transaction' && p2 !== 0)) return 'it does more than read tables';
    if (!calls.has(opcode)) continue;
    const name = p4.replace(/\(.*$/, '').toLowerCase();
    if (!functions.has(name)) return `the function ${name} is not allowed`;
  }
  return null;
}
