import { print, type DocumentNode, type FieldNode, type OperationDefinitionNode } from 'graphql';

import type { Caller } from '#platform/auth';

import type { GraphClient } from '../../gateway/ports/graph-client';
import type { SqlWorld } from '../sql/world';

/** The graph of the sql domain alone, for the port; a root field after the other. */
export const graphOf = (sql: SqlWorld): GraphClient => ({
  connect: () => undefined,
  async execute<Data>(who: Caller, { document, variables }: { document: DocumentNode; variables?: object }) {
    const [operation] = document.definitions as [OperationDefinitionNode];
    const answers: Record<string, unknown> = {};
    for (const field of operation.selectionSet.selections as readonly FieldNode[]) {
      const alone = { ...operation, selectionSet: { ...operation.selectionSet, selections: [field] } };
      answers[field.name.value] = await sql.run(who, print(alone), variables as Record<string, unknown>);
    }
    return answers as Data;
  },
});
