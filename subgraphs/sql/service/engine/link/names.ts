/** Question words → tables and columns by their names. */
import { relatedStems } from '../lexicon/synonyms';
import type { SchemaColumn, SchemaTable } from '../schema/types';
import type { Token } from '../text/types';
import type { IndexedForm, NameIndex } from './name-index';
import type { ColumnLink, MatchClass, TableLink } from './types';

/** A token that stands for a stem, itself or as a synonym. */
interface Post {
  token: number;
  weight: number;
  match: 'word' | 'synonym' | 'hypernym';
}

interface Found {
  from: number;
  to: number;
  match: MatchClass;
  strength: number;
  coverage: number;
}

export function linkNames(tokens: readonly Token[], index: NameIndex): { tables: TableLink[]; columns: ColumnLink[] } {
  const posts = collectPosts(tokens, index);
  const forms = new Set<IndexedForm>();
  for (const stem of posts.keys()) for (const form of index.byStem.get(stem) ?? []) forms.add(form);
  const best = new Map<string, Found & { form: IndexedForm }>();
  /** Spans at which some column is named together with its table, and which columns those are. */
  const qualified = new Map<string, Set<number>>();
  for (const form of forms) {
    for (const found of matchForm(form, posts, tokens)) {
      const key = `${form.isTable ? 't' : 'c'}${form.target.id}@${found.from}-${found.to}`;
      if (!form.isTable && found.match === 'scattered' && found.strength > 0.9) {
        const span = `${found.from}-${found.to}`;
        qualified.set(span, (qualified.get(span) ?? new Set()).add(form.target.id));
      }
      const known = best.get(key);
      if (!known || found.strength > known.strength) best.set(key, { ...found, form });
    }
  }
  const tables: TableLink[] = [];
  const columns: ColumnLink[] = [];
  for (const { form, ...found } of best.values()) {
    if (form.isTable)
      tables.push({
        kind: 'table',
        table: form.target as SchemaTable,
        from: found.from,
        to: found.to,
        match: found.match,
        strength: found.strength,
      });
    else {
      // "name of the airport": names of other tables are less likely meant by the same word.
      const meant = qualified.get(`${found.from}-${found.to}`);
      const strength = meant && !meant.has(form.target.id) ? found.strength * 0.88 : found.strength;
      columns.push({ kind: 'column', column: form.target as SchemaColumn, ...found, strength });
    }
  }
  const order = (a: { strength: number; from: number }, b: { strength: number; from: number }) =>
    b.strength - a.strength || a.from - b.from;
  return { tables: tables.sort(order), columns: columns.sort(order) };
}

function collectPosts(tokens: readonly Token[], index: NameIndex): Map<string, Post[]> {
  const posts = new Map<string, Post[]>();
  const add = (stem: string, post: Post) => {
    if (!index.byStem.has(stem)) return;
    const list = posts.get(stem);
    if (!list) posts.set(stem, [post]);
    else if (!list.some((item) => item.token === post.token)) list.push(post);
  };
  for (const token of tokens) {
    if (token.kind === 'punctuation' || token.kind === 'quoted') continue;
    add(token.stem, { token: token.index, weight: 1, match: 'word' });
    if (token.kind === 'number' || token.stop) continue;
    // A word that is a name itself seldom stands for another.
    const own = index.byStem.has(token.stem) ? 0.7 : 1;
    for (const related of relatedStems(token.stem))
      add(related.stem, { token: token.index, weight: related.weight * own, match: related.kind });
    for (const wider of index.widerOf.get(token.stem) ?? []) add(wider, { token: token.index, weight: 0.4 * own, match: 'hypernym' });
  }
  return posts;
}

const classOf: Record<IndexedForm['origin'], { exact: MatchClass; stem: MatchClass; strength: number }> = {
  name: { exact: 'exact', stem: 'stem', strength: 1 },
  title: { exact: 'exact', stem: 'stem', strength: 0.98 },
  model: { exact: 'model', stem: 'model', strength: 0.96 },
  qualified: { exact: 'exact', stem: 'stem', strength: 1 },
  comment: { exact: 'model', stem: 'model', strength: 0.8 },
  own: { exact: 'reduced', stem: 'reduced', strength: 0.88 },
};

function matchForm(form: IndexedForm, posts: ReadonlyMap<string, Post[]>, tokens: readonly Token[]): Found[] {
  const lists = form.stems.map((stem) => posts.get(stem) ?? []);
  const present = lists.filter((list) => list.length > 0).length;
  if (present === lists.length) {
    const phrases = matchPhrase(form, lists, tokens);
    if (phrases.length > 0) return phrases;
    return matchScattered(form, lists);
  }
  return form.origin === 'qualified' ? [] : matchPartial(form, lists, tokens);
}

/** All words of the name side by side, small words between them allowed. */
function matchPhrase(form: IndexedForm, lists: readonly Post[][], tokens: readonly Token[]): Found[] {
  const found: Found[] = [];
  for (const first of lists[0]!) {
    let last = first;
    let weight = first.weight;
    let exact = first.match === 'word' && tokens[first.token]!.lower === form.words[0];
    let match: Post['match'] = first.match;
    let complete = true;
    for (let i = 1; i < lists.length; i += 1) {
      const next = lists[i]!.find(
        (post) =>
          post.token === last.token + 1 ||
          (post.token > last.token && post.token <= last.token + 3 && between(tokens, last.token, post.token)),
      );
      if (!next) {
        complete = false;
        break;
      }
      weight = Math.min(weight, next.weight);
      if (next.match !== 'word') match = next.match;
      exact &&= next.match === 'word' && tokens[next.token]!.lower === form.words[i];
      last = next;
    }
    if (!complete) continue;
    // A name that is nothing but a small word ("to", "order by") needs more than that word.
    const weak = lists.length === 1 && tokens[first.token]!.stop;
    const kind = classOf[form.origin];
    const strength = match === 'word' ? kind.strength * (exact ? 1 : 0.97) : weight * (match === 'synonym' ? 0.85 : 0.7);
    found.push({
      from: first.token,
      to: last.token + 1,
      match: match === 'word' ? (exact ? kind.exact : kind.stem) : match,
      strength: weak ? strength * 0.3 : strength,
      coverage: 1,
    });
  }
  return found;
}

/** Only small words lie between two tokens. */
const between = (tokens: readonly Token[], from: number, to: number): boolean => {
  for (let i = from + 1; i < to; i += 1)
    if (!['of', 's', "'", '-', '’'].includes(tokens[i]!.lower) && !(tokens[i]!.lower === 'the' && tokens[i - 1]?.lower === 'of'))
      return false;
  return true;
};

/** All words somewhere near each other: "name of the airport". */
function matchScattered(form: IndexedForm, lists: readonly Post[][]): Found[] {
  const anchor = lists.reduce((a, b) => (b.length < a.length ? b : a));
  const found: Found[] = [];
  for (const post of anchor) {
    const chosen = lists.map((list) => list.reduce((a, b) => (Math.abs(b.token - post.token) < Math.abs(a.token - post.token) ? b : a)));
    const spots = chosen.map((item) => item.token);
    const [from, to] = [Math.min(...spots), Math.max(...spots)];
    if (new Set(spots).size < spots.length) continue;
    const weight = Math.min(...chosen.map((item) => item.weight));
    const near = to - from <= 4 ? 0.92 : Math.max(0.45, 0.86 - 0.03 * (to - from - 4));
    const head = spots[spots.length - 1]!;
    found.push({
      from: head,
      to: head + 1,
      match: weight < 1 ? 'synonym' : 'scattered',
      strength: near * weight * classOf[form.origin].strength,
      coverage: 1,
    });
  }
  return found.length > 0 || form.origin === 'qualified' ? found : matchPartial(form, lists, undefined);
}

/** Some words, weighted by how rare they are: the head noun without its qualifier. */
function matchPartial(form: IndexedForm, lists: readonly Post[][], tokens: readonly Token[] | undefined): Found[] {
  const spots = new Map<number, { coverage: number; weight: number }>();
  lists.forEach((list, i) => {
    for (const post of list) {
      if (tokens?.[post.token]!.stop) continue;
      const known = spots.get(post.token);
      if (!known || known.coverage < form.weights[i]!) spots.set(post.token, { coverage: form.weights[i]!, weight: post.weight });
    }
  });
  if (spots.size === 0) return [];
  // Neighbouring words of one name count together.
  const found: Found[] = [];
  const ordered = [...spots].sort((a, b) => a[0] - b[0]);
  for (let i = 0; i < ordered.length; i += 1) {
    const from = ordered[i]![0];
    let to = from + 1;
    let { coverage, weight } = ordered[i]![1];
    while (
      i + 1 < ordered.length &&
      (ordered[i + 1]![0] === to || (tokens && ordered[i + 1]![0] - to <= 2 && between(tokens, to - 1, ordered[i + 1]![0])))
    ) {
      i += 1;
      to = ordered[i]![0] + 1;
      coverage = Math.min(1, coverage + ordered[i]![1].coverage);
      weight = Math.min(weight, ordered[i]![1].weight);
    }
    if (coverage < 0.15) continue;
    const origin = classOf[form.origin].strength;
    found.push({ from, to, match: weight < 1 ? 'synonym' : 'partial', strength: (0.15 + 0.55 * coverage) * weight * origin, coverage });
  }
  return found;
}
