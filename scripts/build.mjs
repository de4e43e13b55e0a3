// Builds dist/ from the TypeScript sources, file by file and only what changed: types are checked by `npm run check:types`, so that
// starting does not wait for them. Each file is written under another name and renamed, so that a running reader never sees half.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'dist');
const folders = ['platform', 'subgraphs', 'gateway', 'schema', 'rest-facade', 'bench', 'test/kit'];
const assets = /\.(sql|json|ya?ml|graphql|html|css|txt|tsv|bin)$/;

const isSource = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.endsWith('.test.ts');

function* walk(directory) {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* walk(file);
    else yield file;
  }
}

const replaceFile = (target, content) => {
  mkdirSync(path.dirname(target), { recursive: true });
  const partial = `${target}.${process.pid}.partial`;
  writeFileSync(partial, content);
  renameSync(partial, target);
};

export async function build() {
  const swcrc = readFileSync(path.join(root, '.swcrc'), 'utf8');
  const configuration = createHash('sha256').update(swcrc).digest('hex');
  const stamp = path.join(out, '.configuration');
  if (existsSync(out) && (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== configuration))
    rmSync(out, { recursive: true, force: true });
  let swc;
  let built = 0;
  const wanted = new Set();
  for (const folder of folders) {
    for (const file of walk(path.join(root, folder))) {
      const relative = path.relative(root, file);
      if (relative.startsWith(path.join('bench', 'results'))) continue;
      const source = isSource(file);
      if (!source && !assets.test(file)) continue;
      const target = path.join(out, source ? relative.replace(/\.ts$/, '.js') : relative);
      wanted.add(target);
      const changed = statSync(file).mtimeMs;
      // Rounded: a time in seconds, as it is set below, is not a whole number of milliseconds again.
      if (existsSync(target) && Math.round(statSync(target).mtimeMs) === Math.floor(changed)) continue;
      if (source) {
        swc ??= await import('@swc/core');
        const { code } = await swc.transform(readFileSync(file, 'utf8'), {
          filename: file,
          configFile: path.join(root, '.swcrc'),
          swcrc: false,
        });
        replaceFile(target, code);
      } else replaceFile(target, readFileSync(file));
      utimesSync(target, Math.floor(changed) / 1000, Math.floor(changed) / 1000);
      built += 1;
    }
  }
  for (const file of walk(out)) if (!wanted.has(file) && file !== stamp && !file.endsWith('.partial')) rmSync(file, { force: true });
  replaceFile(stamp, configuration);
  return built;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const built = await build();
  console.log(`built ${built} file${built === 1 ? '' : 's'} in ${Math.round(performance.now() - started)} ms`);
}
