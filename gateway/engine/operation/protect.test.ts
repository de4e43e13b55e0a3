import { localEngine, testContext, type SubgraphFixture } from '../../../test/gateway/kit/compose';
import { caller } from '../../../test/kit/caller';

const asked: string[] = [];
const note = (what: string, value: unknown) => () => {
  asked.push(what);
  return value;
};

const guarded: SubgraphFixture = {
  name: 'guarded',
  typeDefs: `
    type Query {
      open: String
      member: String @authenticated
      people: [Person!]!
      payroll: Payroll
      animal: Animal
      strict: Strict
    }
    type Mutation { raise: Int @requiresScopes(scopes: [["payroll:write"]]) }
    type Person { name: String! salary: Int @requiresScopes(scopes: [["payroll:read", "people:read"], ["admin:all"]]) }
    type Payroll @requiresScopes(scopes: [["payroll:read"]]) { total: Int! }
    type Strict { id: ID secret: Int! @requiresScopes(scopes: [["admin:all"]]) }
    interface Animal { name: String }
    type Cat implements Animal { name: String @requiresScopes(scopes: [["cats:read"]]) }
    type Dog implements Animal { name: String }
  `,
  resolvers: {
    Query: {
      open: note('open', 'everybody'),
      member: note('member', 'members'),
      people: note('people', [
        { name: 'Ann', salary: 1 },
        { name: 'Bob', salary: 2 },
      ]),
      payroll: note('payroll', { total: 3 }),
      animal: note('animal', { __typename: 'Dog', name: 'Rex' }),
      strict: note('strict', { id: '1', secret: 7 }),
    },
    Mutation: { raise: note('raise', 1) },
    Animal: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  },
};

const engine = localEngine([guarded]);

async function ask(source: string, scopes?: string[], userId = 'user') {
  asked.length = 0;
  const who = caller({ userId, ...(scopes ? { scopes } : {}) });
  const { data, errors = [] } = await engine.execute({ source, context: testContext({ caller: who }) });
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    errors: errors.map(({ path, extensions }) => [path?.join('.'), extensions.code]),
    asked: [...asked],
  };
}

it('answers null and says so for a field that needs a scope, and never asks for it', async () => {
  const answer = await ask('{ people { name salary } payroll { total } }', ['people:read']);
  expect(answer.data).toEqual({
    people: [
      { name: 'Ann', salary: null },
      { name: 'Bob', salary: null },
    ],
    payroll: null,
  });
  expect(answer.errors).toEqual([
    ['people.salary', 'FORBIDDEN'],
    ['payroll', 'FORBIDDEN'],
  ]);
  expect(answer.asked).toEqual(['people']);
});

it('passes any set of scopes in full, families, and tokens that are not narrowed', async () => {
  for (const scopes of [['payroll:read', 'people:read'], ['admin:all'], ['payroll:*', 'people:*'], undefined]) {
    const answer = await ask('{ people { salary } }', scopes);
    expect(answer).toMatchObject({ data: { people: [{ salary: 1 }, { salary: 2 }] }, errors: [] });
  }
  expect((await ask('{ people { salary } }', ['payroll:read'])).errors).toEqual([['people.salary', 'FORBIDDEN']]);
});

it('keeps callers apart who run the same operation', async () => {
  const source = '{ payroll { total } }';
  expect((await ask(source, ['payroll:read'])).data).toEqual({ payroll: { total: 3 } });
  expect((await ask(source, [])).data).toEqual({ payroll: null });
  expect((await ask(source, ['payroll:read'])).data).toEqual({ payroll: { total: 3 } });
});

it('asks for a login where one is needed', async () => {
  expect(await ask('{ open member }', undefined, '')).toMatchObject({
    data: { open: 'everybody', member: null },
    errors: [['member', 'UNAUTHORIZED']],
    asked: ['open'],
  });
});

it('takes the nullable parent along where a withheld field can not be null', async () => {
  expect(await ask('{ open strict { id secret } }', [])).toMatchObject({
    data: { open: 'everybody', strict: null },
    errors: [['strict.secret', 'FORBIDDEN']],
  });
});

it('follows fragments, aliases and interfaces', async () => {
  expect((await ask('{ ...F } fragment F on Query { p: people { s: salary } }', [])).errors).toEqual([['p.s', 'FORBIDDEN']]);
  expect((await ask('{ animal { name } }', [])).errors).toEqual([['animal.name', 'FORBIDDEN']]);
  expect((await ask('{ animal { name } }', ['cats:read'])).data).toEqual({ animal: { name: 'Rex' } });
});

it('runs no mutation that is withheld', async () => {
  const answer = await ask('mutation { raise }', []);
  expect(answer).toMatchObject({ data: { raise: null }, errors: [['raise', 'FORBIDDEN']], asked: [] });
});
