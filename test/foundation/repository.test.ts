import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { projectRoot } from '#platform/lifecycle';

const read = (file: string): string => readFileSync(path.join(projectRoot, file), 'utf8');
const domains = ['agents', 'chat', 'dashboards', 'llm', 'ml', 'search', 'sql'];

describe('the seven domains', () => {
  it('are the folders of subgraphs/', () => {
    expect(readdirSync(path.join(projectRoot, 'subgraphs')).sort()).toEqual(domains);
  });

  it.each(domains)('%s has the one shape', (domain) => {
    const entries = readdirSync(path.join(projectRoot, 'subgraphs', domain)).sort();
    expect(entries).toEqual(['README.md', 'index.ts', 'resolvers', 'schema', 'service', 'store']);
  });
});

describe('docker-compose.yml', () => {
  const service = z.object({
    image: z.string(),
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
    healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
    volumes: z.array(z.string()).optional(),
    ports: z.array(z.string()).optional(),
  });
  const compose = z
    .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
    .parse(parse(read('docker-compose.yml'), { merge: true }));

  it('runs the gateway, every domain by its name, PostgreSQL and Redis', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...domains, 'gateway', 'postgres', 'redis'].sort());
    for (const domain of domains) expect(compose.services[domain]!.command).toEqual(['--only', domain]);
  });

  it('opens only the gateway, and waits for healthy stores', () => {
    expect(
      Object.entries(compose.services)
        .filter(([, { ports }]) => ports)
        .map(([name]) => name),
    ).toEqual(['gateway']);
    for (const name of [...domains, 'gateway'])
      expect(Object.keys(compose.services[name]!.depends_on!).sort()).toEqual(['postgres', 'redis']);
    for (const name of ['postgres', 'redis']) expect(compose.services[name]!.healthcheck).toBeDefined();
  });

  it('names only settings that exist, and volumes that are declared', () => {
    const known = read('.env.example');
    for (const { environment = {} } of [...domains, 'gateway'].map((name) => compose.services[name]!)) {
      for (const name of Object.keys(environment)) expect(known).toContain(`# ${name}=`);
    }
    const used = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!));
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });
});

describe('dependencies', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

  it('are pinned to exact versions', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    for (const [name, version] of Object.entries(all)) expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+([-.\w]*)?$/);
  });

  it('are locked without naming where they come from', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/);
  });

  it('are locked for every platform: npm ci refuses a lock file that lacks an optional package of another platform', () => {
    const entry = z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() });
    const { packages } = z.object({ packages: z.record(z.string(), entry) }).parse(JSON.parse(read('package-lock.json')));
    const locked = new Set(Object.keys(packages).map((place) => place.slice(place.lastIndexOf('node_modules/') + 13)));
    const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(named.filter((name) => !locked.has(name))).toEqual([]);
  });
});
