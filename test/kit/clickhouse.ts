import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { findProgram } from './external';
import { freePort } from './free-port';
import { until } from './until';

/** `describeWith(clickhouseProgram(), 'on ClickHouse', …)` */
export const clickhouseProgram = () => findProgram({ name: 'clickhouse-server', aptPackage: 'clickhouse-server' });

export interface TestClickhouse {
  readonly port: number;
  execute(statements: readonly string[], database?: string): Promise<void>;
  stop(): Promise<void>;
}

const configuration = (directory: string, ports: { http: number; tcp: number }): string => `<yandex>
  <logger><level>error</level><log>${directory}/log</log><errorlog>${directory}/errors</errorlog></logger>
  <http_port>${ports.http}</http_port><tcp_port>${ports.tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>${directory}/data/</path><tmp_path>${directory}/tmp/</tmp_path><user_files_path>${directory}/files/</user_files_path>
  <users_config>${directory}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>33554432</mark_cache_size><timezone>UTC</timezone>
</yandex>`;

const users = `<yandex>
  <profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>
  <users>
    <default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <reader><password>secret</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></reader>
  </users>
  <quotas><default></default></quotas>
</yandex>`;

/** A server of its own, in a temporary folder, on a free loopback port; `default` has no password, `reader` has `secret`. */
export async function startClickhouse(): Promise<TestClickhouse> {
  const program = clickhouseProgram();
  if ('missing' in program) throw new Error(program.missing);
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-clickhouse-'));
  const port = await freePort();
  writeFileSync(path.join(directory, 'config.xml'), configuration(directory, { http: port, tcp: await freePort() }));
  writeFileSync(path.join(directory, 'users.xml'), users);
  const server = spawn(program.path, [`--config-file=${path.join(directory, 'config.xml')}`], { stdio: 'ignore', cwd: directory });
  const exited = new Promise((resolve) => server.once('exit', resolve));

  const execute = async (statements: readonly string[], database = 'default'): Promise<void> => {
    for (const body of statements) {
      const answer = await fetch(`http://127.0.0.1:${port}/?database=${database}`, { method: 'POST', body });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
    }
  };
  const answers = () =>
    execute(['select 1']).then(
      () => true,
      () => false,
    );
  await until(answers, { withinMs: 60_000, everyMs: 50 });
  return {
    port,
    execute,
    async stop() {
      server.kill('SIGKILL');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
