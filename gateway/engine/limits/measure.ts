import {
  Kind,
  TokenKind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { refuse } from '../operation/refusal';

import type { OperationLimits } from './limits';

interface Size {
  readonly depth: number;
  readonly nesting: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly fields: number;
  readonly duplicates: number;
}

const nothing: Size = { depth: 0, nesting: 0, aliases: 0, rootFields: 0, directives: 0, fields: 0, duplicates: 0 };

/** Refuses a document one of whose operations is larger than allowed. Needs no schema and takes time linear in the text. */
export function checkSize(document: DocumentNode, limits: OperationLimits): void {
  const measure = new Measure(document);
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) checkOne(measure.operation(definition), limits);
}

/** Lexical tokens of a document that knows where it came from, counted as the parser counts them; without comments. */
export function tokensOf({ loc }: DocumentNode): number {
  let count = 0;
  for (let token = loc?.startToken; token; token = token.next ?? undefined) if (!isOutside.has(token.kind)) count += 1;
  return count;
}

const isOutside: ReadonlySet<TokenKind> = new Set([TokenKind.SOF, TokenKind.EOF, TokenKind.COMMENT]);

function checkOne(size: Size, limits: OperationLimits): void {
  const checks: readonly [name: string, value: number, max: number][] = [
    ['depth', size.depth, limits.maxDepth],
    ['nesting', size.nesting, limits.maxNesting],
    ['aliases', size.aliases, limits.maxAliases],
    ['root fields', size.rootFields, limits.maxRootFields],
    ['directives', size.directives, limits.maxDirectives],
    ['fields', size.fields, limits.maxFields],
    ['duplicate fields', size.duplicates, limits.maxDuplicates],
  ];
  for (const [limit, value, max] of checks) {
    if (value > max) throw refuse(`The operation is too large: ${limit} ${value}, at most ${max}.`, { limit, value, max });
  }
}

class Measure {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  /** Each fragment is measured once, however often it is spread: ten fragments that spread each other twice are a thousand. */
  private readonly measured = new Map<string, Size>();

  constructor(document: DocumentNode) {
    for (const part of document.definitions) if (part.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(part.name.value, part);
  }

  operation({ selectionSet, directives, variableDefinitions }: OperationDefinitionNode): Size {
    const size = this.selections(selectionSet);
    const onVariables = (variableDefinitions ?? []).reduce((sum, definition) => sum + (definition.directives?.length ?? 0), 0);
    return { ...size, directives: size.directives + onVariables + (directives?.length ?? 0) };
  }

  private selections({ selections }: SelectionSetNode): Size {
    let { depth, nesting, aliases, rootFields, directives, fields, duplicates } = nothing;
    const names = new Set<string>();
    for (const selection of selections) {
      directives += selection.directives?.length ?? 0;
      if (selection.kind !== Kind.FIELD) {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? this.selections(selection.selectionSet) : this.fragment(selection.name.value);
        depth = Math.max(depth, inner.depth);
        nesting = Math.max(nesting, inner.nesting);
        aliases += inner.aliases;
        rootFields += inner.rootFields;
        directives += inner.directives;
        fields += inner.fields;
        duplicates += inner.duplicates;
        continue;
      }
      const name = selection.alias?.value ?? selection.name.value;
      if (name === '__proto__') throw refuse('__proto__ can not be a response name.');
      if (names.has(name)) duplicates += 1;
      names.add(name);
      const inner = selection.selectionSet ? this.selections(selection.selectionSet) : nothing;
      depth = Math.max(depth, inner.depth + 1);
      nesting = Math.max(nesting, inner.nesting);
      aliases += inner.aliases + (selection.alias ? 1 : 0);
      rootFields += 1;
      directives += inner.directives;
      fields += inner.fields + 1;
      duplicates += inner.duplicates;
    }
    return { depth, nesting: nesting + 1, aliases, rootFields, directives, fields, duplicates };
  }

  private fragment(name: string): Size {
    const known = this.measured.get(name);
    if (known) return known;
    // Stands for a fragment that is being measured: a circle has no size, and validation refuses it.
    this.measured.set(name, nothing);
    const definition = this.fragments.get(name);
    const size = definition ? this.selections(definition.selectionSet) : nothing;
    this.measured.set(name, size);
    return size;
  }
}
