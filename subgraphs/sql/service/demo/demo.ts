import { readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { buildDuckdbFile } from '../sandbox';

export type DemoName = 'flights' | 'shop';

export interface DemoSource {
  readonly name: DemoName;
  readonly title: string;
  readonly description: string;
  /** The hand-written semantic model, YAML. */
  readonly modelFile: string;
  readonly questions: readonly string[];
}

export interface BuiltDemo extends DemoSource {
  readonly file: string;
  /** Changes when the rows do. */
  readonly version: string;
}

export interface BuildDemo {
  readonly directory: string;
  /** The shop's data ends on the day before. */
  readonly now: Date;
  /** Told before the file is built, which takes a second or two; not where it is there already. */
  readonly onBuild?: () => void;
  readonly signal?: AbortSignal;
}

// Raised with every change of the SQL files: a data directory of an older release is built anew.
const revision = 2;

export const demoSources: Readonly<Record<DemoName, DemoSource>> = {
  flights: {
    name: 'flights',
    title: 'US flights 2001',
    description: 'Three million domestic flights in the United States, January to June 2001, and the airports.',
    modelFile: path.join(__dirname, 'flights.model.yaml'),
    questions: [
      'How many flights were there?',
      'average delay by origin airport, worst ten',
      'flights per month',
      'share of delayed flights by state of origin',
    ],
  },
  shop: {
    name: 'shop',
    title: 'Demo shop',
    description: 'A web shop from 2022 until yesterday: customers, products, orders, returns, campaigns, support tickets. Invented data.',
    modelFile: path.join(__dirname, 'shop.model.yaml'),
    questions: [
      'total revenue by month in 2024',
      'top 5 products by revenue in Europe last quarter',
      'which customers have never ordered?',
      'share of returned orders by category',
    ],
  },
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const lastDay = (now: Date): string => new Date(now.getTime() - 86_400_000).toISOString().slice(0, 10);

/** Builds a demo source's file into the directory unless this revision of it is there already, and removes older ones. */
export async function buildDemo(name: DemoName, { directory, now, onBuild, signal }: BuildDemo): Promise<BuiltDemo> {
  const version = name === 'shop' ? `r${revision}-${lastDay(now)}` : `r${revision}`;
  const file = path.join(directory, `${name}-${version}.duckdb`);
  const there = await stat(file).catch(() => undefined);
  if (!there) {
    onBuild?.();
    await build(name, file, { now, signal });
    await removeOthers(name, file);
  }
  return { ...demoSources[name], file, version };
}

async function build(name: DemoName, file: string, { now, signal }: Pick<BuildDemo, 'now' | 'signal'>): Promise<void> {
  const sql = await readFile(path.join(__dirname, `${name}.sql`), 'utf8');
  if (name === 'shop') {
    await buildDuckdbFile({ target: file, statements: [`set variable last_day = ${quoted(lastDay(now))}`, sql], signal });
    return;
  }
  const data = path.join(projectRoot, 'node_modules', 'vega-datasets', 'data');
  const inputs = [path.join(data, 'flights-3m.parquet'), path.join(data, 'airports.csv')];
  const variables = [`set variable flights = ${quoted(inputs[0]!)}`, `set variable airports = ${quoted(inputs[1]!)}`];
  await buildDuckdbFile({ target: file, statements: [...variables, sql], inputs, signal });
}

/** Older builds, and what a build left behind that was killed. */
async function removeOthers(name: DemoName, keep: string): Promise<void> {
  const directory = path.dirname(keep);
  const old = (await readdir(directory)).filter(
    (entry) => entry.startsWith(`${name}-r`) && !entry.startsWith(path.basename(keep, '.duckdb')),
  );
  const unfinished = (await readdir(directory)).filter((entry) => entry.startsWith(`${name}-r`) && /\.partial(\.wal)?$/.test(entry));
  await Promise.all([...old, ...unfinished].map((entry) => rm(path.join(directory, entry), { force: true })));
}
