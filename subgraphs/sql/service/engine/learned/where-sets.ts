import { canonical } from '../tree-walk';
import type { FilteredCompare, Slot } from './atoms';
import type { Atom, BeamInput, WhereSet } from './beam-types';

const BEAM = 12;

const counted = (atoms: readonly Atom[]): number => atoms.filter((atom) => atom.kind !== 'compare').length;
const conditionLabels = ['0', '1', '2', '3'] as const;

/** The likeliest choices of one reading (or none) per slot. `free` are numbers that another clause uses. */
export const whereSets = (input: BeamInput, slots: readonly Slot[], free: ReadonlySet<number>, limit: number): WhereSet[] => {
  const { sketch, question } = input;
  let beam: { atoms: Atom[]; score: number; unused: number; inner?: number }[] = [{ atoms: [], score: 0, unused: 0 }];
  for (const slot of slots) {
    const next: typeof beam = [];
    const isFree = slot.number !== undefined && free.has(slot.from);
    for (const state of beam) {
      if (state.inner === slot.from) {
        // Its value is inside the comparison already.
        next.push(state);
        continue;
      }
      next.push({
        ...state,
        score: state.score + (isFree ? 0 : slot.skip),
        unused: state.unused + (isFree || slot.kind === 'compare' || slot.kind === 'null' ? 0 : 1),
      });
      if (isFree) continue;
      for (const option of slot.options) {
        if (state.atoms.some((atom) => atom.kind === 'compare' && option.kind === 'compare')) continue;
        // "female students, their sex is F" says the same twice.
        if (state.atoms.some((atom) => atom.column === option.column && canonical(atom.condition) === canonical(option.condition))) {
          next.push({ ...state, score: state.score - 0.1 });
          continue;
        }
        next.push({
          ...state,
          ...('inner' in option ? { inner: (option as FilteredCompare).inner } : {}),
          atoms: [...state.atoms, option],
          score: state.score + option.score + (option.kind === 'compare' ? sketch.nested.compare - sketch.nested.none : 0),
          unused: state.unused,
        });
      }
    }
    beam = next.sort((a, b) => b.score - a.score).slice(0, BEAM * 2);
  }
  const sets: WhereSet[] = [];
  for (const state of beam) {
    const label = conditionLabels[Math.min(3, counted(state.atoms))]!;
    const score = state.score + sketch.conditions[label];
    const orPossible = state.atoms.length >= 2 && (sketch.or.yes > Math.log(0.03) || question.tokens.some((token) => token.lower === 'or'));
    const last = state.atoms.slice(-2);
    const sameColumn =
      last.length === 2 && last[0]!.column === last[1]!.column && isEquality(last[0]!) && isEquality(last[1]!) && !last[0]!.negated;
    // Two values of one single-valued column never hold together: as alternatives, or as a set operation elsewhere.
    sets.push({
      atoms: state.atoms,
      or: false,
      score: score + (state.atoms.length >= 2 ? sketch.or.no : 0) - (sameColumn ? 3 : 0),
      unused: state.unused,
    });
    if (orPossible || sameColumn)
      sets.push({ atoms: state.atoms, or: true, score: score + Math.max(sketch.or.yes, sameColumn ? -1 : -9), unused: state.unused });
  }
  return sets.sort((a, b) => b.score - a.score).slice(0, limit);
};

export const isEquality = (atom: Atom): boolean =>
  atom.condition.kind === 'compare' && atom.condition.operator === '=' && atom.condition.right.kind === 'literal';
