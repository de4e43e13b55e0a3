import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { composeSupergraph } from './compose-supergraph';
import { domainSchemas } from '../gateway/domains';

/** `npm run compose`: writes `supergraph.graphql` and `api.graphql` from the domains' schemas. */
async function main(): Promise<void> {
  const { supergraphSdl, apiSdl, hints } = composeSupergraph(await domainSchemas());
  writeFileSync(path.join(projectRoot, 'schema', 'supergraph.graphql'), supergraphSdl);
  writeFileSync(path.join(projectRoot, 'schema', 'api.graphql'), apiSdl);
  for (const hint of hints) console.log(`hint: ${hint}`);
  console.log('schema/supergraph.graphql and schema/api.graphql written');
}

if (require.main === module) {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
