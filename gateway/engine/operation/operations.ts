import { getOperationAST, GraphQLError, parse, validate, type DocumentNode, type OperationDefinitionNode } from 'graphql';

import type { Caller } from '#platform/auth';

import { compileCost, type CostOf } from '../limits/cost';
import type { OperationLimits } from '../limits/limits';
import { checkSize, tokensOf } from '../limits/measure';
import type { Conditions } from '../shaping/collect-fields';
import type { SupergraphDirectives } from '../supergraph-directives';
import type { ValidatedDocument } from '../types';

import type { Variables } from './coerce-variables';
import { compileOperation, fragmentsOf, type CompiledOperation, type CompileParts } from './compile-operation';
import { conditionVariables } from './fold-conditions';
import { BoundedCache, type CacheBounds } from './operation-cache';
import { hasProtections, permissionKey, withholdFields, type Permitted } from './protect';
import { invalidOperation, refuse, type Refusal } from './refusal';

export interface OperationsOptions {
  readonly parts: CompileParts;
  readonly limits: OperationLimits;
  readonly directives: SupergraphDirectives;
  readonly withSuggestions: boolean;
  readonly cache?: CacheBounds;
}

export interface Operation {
  readonly definition: OperationDefinitionNode;
  /** Only for text: documents come from this process, which made them. */
  readonly cost?: CostOf;
  /** The plan for what this caller may see, with the conditions of these variables. */
  for(caller: Caller, variables: Variables): CompiledOperation;
}

const maxValidationErrors = 20;
/** Sets of scopes and outcomes of conditions whose plans of one operation are kept. */
const maxVariants = 64;

/** Operations by what the client sent, compiled when first seen. */
export class Operations {
  /** By the whole text and then by name: texts of a process's own are looked up without being read again. */
  private readonly byText: BoundedCache<Map<string | undefined, Operation>>;
  private readonly byDocument = new WeakMap<DocumentNode, Map<string, Operation>>();

  constructor(private readonly options: OperationsOptions) {
    this.byText = new BoundedCache(options.cache);
  }

  /** Throws a Refusal where the operation can't run. */
  get(source: string | DocumentNode, operationName: string | undefined, validated?: ValidatedDocument): Operation {
    if (typeof source !== 'string') return this.ofDocument(source, operationName);
    const operations = this.byText.get(source) ?? new Map<string | undefined, Operation>();
    const known = operations.get(operationName);
    if (known) return known;
    const made = this.ofText(source, operationName, validated);
    operations.set(operationName, made);
    // Syntax tree, plan and shaper together hold some twenty times the text.
    this.byText.set(source, operations, (2_000 + source.length * 20) * operations.size);
    return made;
  }

  private ofText(source: string, operationName: string | undefined, validated: ValidatedDocument | undefined): Operation {
    const { parts, directives, limits } = this.options;
    const isValid = validated?.schema === parts.apiSchema && validated.document.loc?.source.body === source;
    const document = isValid ? validated.document : this.parse(source);
    if (isValid && tokensOf(document) > limits.maxTokens) throw tooManyTokens(limits.maxTokens);
    checkSize(document, limits);
    const operation = this.make(document, { operationName, isValid });
    const cost = compileCost({ schema: parts.apiSchema, fragments: fragmentsOf(document), directives }, operation.definition);
    return { ...operation, cost };
  }

  private ofDocument(document: DocumentNode, operationName = ''): Operation {
    const operations = this.byDocument.get(document) ?? new Map<string, Operation>();
    const known = operations.get(operationName);
    if (known) return known;
    const made = this.make(document, { operationName: operationName === '' ? undefined : operationName, isValid: false });
    operations.set(operationName, made);
    this.byDocument.set(document, operations);
    return made;
  }

  private parse(source: string): DocumentNode {
    const { maxTokens } = this.options.limits;
    try {
      return parse(source, { maxTokens });
    } catch (thrown) {
      if (thrown instanceof GraphQLError && thrown.message.includes('tokens')) throw tooManyTokens(maxTokens);
      if (thrown instanceof GraphQLError) throw invalidOperation([thrown], this.options.withSuggestions);
      // The parser recurses: text nested thousands deep ends the stack before it ends the tokens.
      if (thrown instanceof RangeError) throw refuse('The document is nested too deeply.');
      throw thrown;
    }
  }

  private make(
    document: DocumentNode,
    { operationName, isValid }: { readonly operationName: string | undefined; readonly isValid: boolean },
  ): Operation {
    const { parts, withSuggestions } = this.options;
    const problems = isValid ? [] : validate(parts.apiSchema, document, undefined, { maxErrors: maxValidationErrors });
    if (problems.length > 0) throw invalidOperation(problems, withSuggestions);
    const definition = selectOperation(document, operationName);
    return { definition, for: this.variants(document, definition) };
  }

  private variants(document: DocumentNode, definition: OperationDefinitionNode): Operation['for'] {
    const { parts, directives } = this.options;
    const names = conditionVariables(document);
    const unrestricted: Permitted = { document, definition, withheld: [] };
    if (!hasProtections(directives) && !names) {
      const only = compileOperation(parts, { document, definition, permitted: unrestricted, conditions: null });
      return () => only;
    }
    const variants = new Map<string, CompiledOperation>();
    return (caller, variables) => {
      const decided = names?.map((name) => (variables[name] === true ? '1' : '0')).join('') ?? '';
      const key = `${hasProtections(directives) ? permissionKey(caller) : ''}|${decided}`;
      const known = variants.get(key);
      if (known) return known;
      const conditions = names ? (variables as Conditions) : null;
      const permitted = hasProtections(directives)
        ? withholdFields({ schema: parts.apiSchema, directives, caller, conditions: conditions ?? {} }, document, definition)
        : unrestricted;
      const made = compileOperation(parts, { document, definition, permitted, conditions });
      if (variants.size >= maxVariants) variants.clear();
      variants.set(key, made);
      return made;
    };
  }
}

const tooManyTokens = (max: number): Refusal => refuse(`The operation is too large: at most ${max} tokens.`, { limit: 'tokens', max });

function selectOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition) return definition;
  throw refuse(
    operationName === undefined
      ? 'The document holds several operations or none; say in operationName which one is to run.'
      : 'The document holds no operation of the name that operationName gives.',
  );
}
