import { errors } from '#platform/errors';

import { shop } from '../kit/shop';

import { hardWorlds } from './hard-worlds';
import { partialWorlds } from './partial-worlds';
import type { CorpusWorld } from './world';

type Args<Shape> = (parent: Shape) => unknown;
const byId =
  <Row extends { id: string }>(rows: readonly Row[]): Args<{ id: string }> =>
  ({ id }) =>
    rows.find((row) => row.id === id) ?? null;

const shopWorld: CorpusWorld = {
  name: 'four subgraphs of a shop',
  fixtures: shop().fixtures,
  operations: [
    {
      source:
        '{ products { __typename upc title owner { id name reviews { id body } } ... on Book { pages rating shipping } ... on Toy { minAge colour shipping } } }',
    },
    { source: '{ products(first: 4) { upc ... on Book { reviews { author { name email } about { title pages } } } } }' },
    { source: 'query ($n: Int = 3) { products(first: $n) { t: __typename k: upc } }', variables: { n: 2 } },
    {
      source: '{ latestReviews { author { name } } }',
      data: { latestReviews: [{ author: { name: 'Provided r0' } }, { author: { name: 'Provided r1' } }] },
    },
    { source: '{ latestReviews { author { name email } about { title inStock } } }' },
    { source: '{ search(text: "x") { __typename ... on User { name } ... on Book { title reviews { body } } ... on Toy { title } } }' },
    { source: '{ users { name failing } me { secret } }' },
    { source: '{ a: product(upc: "p1") { title } b: product(upc: "p2") { title owner { name } } none: product(upc: "zz") { title } }' },
    {
      source: 'query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) name @include(if: $b) reviews @include(if: $a) { body } } }',
      variables: { a: true, b: false },
    },
    {
      source: 'query ($a: Boolean!, $b: Boolean!) { me { id @skip(if: $a) name @include(if: $b) reviews @include(if: $a) { body } } }',
      variables: { a: false, b: true },
    },
    {
      source:
        'mutation { first: renameProduct(upc: "p0", title: "A") { title owner { name } } second: renameProduct(upc: "p1", title: "B") { title ... on Toy { rating } } }',
    },
    {
      source: '{ ...A ...B } fragment A on Query { me { id ...U } } fragment B on Query { me { name ...U } } fragment U on User { email }',
    },
    { source: '{ __typename me { __typename } }' },
    { source: '{ __schema { queryType { name } types { name } } __type(name: "Product") { possibleTypes { name } } }' },
    { source: '{ product(upc: "p4") { ... on Book { rating } } me { name } }' },
    { source: '{ products { ... on Toy { upc rating reviews { id } } } }' },
  ],
};

const things = [
  { id: 'a', price: 10, weight: 3, size: { width: 2, unit: 'cm' }, tags: ['x', 'y'] },
  { id: 'b', price: 20, weight: null, size: { width: 5, unit: 'm' }, tags: [] },
];

const requiresWorld: CorpusWorld = {
  name: '@requires: nested, over two hops, of lists and nulls',
  fixtures: [
    {
      name: 'catalog',
      typeDefs: `
        type Query { things: [Thing!]! thing(id: ID!): Thing }
        type Thing @key(fields: "id") { id: ID! price: Int weight: Int size: Size tags: [String!]! }
        type Size { width: Int! unit: String! }
      `,
      resolvers: {
        Query: { things: () => things, thing: (_: unknown, { id }: { id: string }) => byId(things)({ id }) },
        Thing: { __resolveReference: byId(things) },
      },
    },
    {
      name: 'shipping',
      typeDefs: `
        type Thing @key(fields: "id") {
          id: ID! weight: Int @external size: Size @external tags: [String!]! @external
          postage: Int @requires(fields: "weight size { width unit }")
          label: String @requires(fields: "tags")
        }
        type Size @external { width: Int! unit: String! }
      `,
      resolvers: {
        Thing: {
          __resolveReference: (reference: object) => reference,
          postage: ({ weight, size }: any) => (weight === null ? null : weight * size.width),
          label: ({ tags }: any) => tags.join('+'),
        },
      },
    },
    {
      name: 'tax',
      typeDefs: `
        type Thing @key(fields: "id") { id: ID! price: Int @external postage: Int @external total: Int! @requires(fields: "price postage") }
      `,
      resolvers: {
        Thing: {
          __resolveReference: (reference: object) => reference,
          total: ({ price, postage }: any) => {
            if (postage === null) throw errors.CONFLICT({ what: 'no postage', hint: 'weigh it' });
            return price + postage;
          },
        },
      },
    },
  ],
  operations: [
    { source: '{ thing(id: "a") { total } }', data: { thing: { total: 16 } } },
    {
      source: '{ things { id postage label } }',
      data: {
        things: [
          { id: 'a', postage: 6, label: 'x+y' },
          { id: 'b', postage: null, label: '' },
        ],
      },
    },
    { source: '{ thing(id: "b") { id total } }', data: { thing: null } },
    { source: '{ things { label size { unit } postage } }' },
    {
      source: '{ thing(id: "a") { size @include(if: false) { unit } weight @skip(if: true) postage } }',
      data: { thing: { postage: 6 } },
      beyondStock: true,
    },
    {
      source: 'query ($c: Boolean = false) { thing(id: "a") { ... @include(if: $c) { size { unit } } size { width } postage } }',
      data: { thing: { size: { width: 2 }, postage: 6 } },
    },
  ],
};

const media = [
  { __typename: 'Film', id: 'm1', title: 'One', minutes: 90 },
  { __typename: 'Song', id: 'm2', title: 'Two', beats: 120 },
];

const interfacesWorld: CorpusWorld = {
  name: 'entity interfaces, interface objects and unions',
  fixtures: [
    {
      name: 'library',
      typeDefs: `
        type Query { media: [Media!]! one(id: ID!): Media anything: [Thing!]! }
        interface Media @key(fields: "id") { id: ID! title: String! }
        type Film implements Media @key(fields: "id") { id: ID! title: String! minutes: Int! }
        type Song implements Media @key(fields: "id") { id: ID! title: String! beats: Int! }
        union Thing = Film | Song
      `,
      resolvers: {
        Query: { media: () => media, one: (_: unknown, { id }: { id: string }) => byId(media)({ id }), anything: () => media },
        Media: { __resolveReference: byId(media), __resolveType: ({ __typename }: any) => __typename },
        Film: { __resolveReference: byId(media) },
        Song: { __resolveReference: byId(media) },
        Thing: { __resolveType: ({ __typename }: any) => __typename },
      },
    },
    {
      name: 'ratings',
      typeDefs: `
        type Query { top: [Media!]! best: Media }
        type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int! critics: [Critic!]! }
        type Critic @key(fields: "id") { id: ID! favourite: Media }
      `,
      resolvers: {
        Query: { top: () => [{ id: 'm2' }, { id: 'm1' }], best: () => ({ id: 'm1' }) },
        Media: {
          __resolveReference: ({ id }: any) => ({ id }),
          stars: ({ id }: any) => (id === 'm1' ? 5 : 3),
          critics: ({ id }: any) => [{ id: `c-${id}` }],
        },
        Critic: { __resolveReference: ({ id }: any) => ({ id }), favourite: () => ({ id: 'm2' }) },
      },
    },
    {
      name: 'press',
      typeDefs: 'type Critic @key(fields: "id") { id: ID! name: String! }',
      resolvers: { Critic: { __resolveReference: ({ id }: any) => ({ id, name: `Critic ${id}` }) } },
    },
  ],
  operations: [
    {
      source: '{ media { id title stars } }',
      data: {
        media: [
          { id: 'm1', title: 'One', stars: 5 },
          { id: 'm2', title: 'Two', stars: 3 },
        ],
      },
    },
    { source: '{ media { __typename stars ... on Film { minutes } ... on Song { beats } } }' },
    {
      source: '{ top { id stars } }',
      data: {
        top: [
          { id: 'm2', stars: 3 },
          { id: 'm1', stars: 5 },
        ],
      },
    },
    {
      source: '{ top { title stars ... on Song { beats } } }',
      data: {
        top: [
          { title: 'Two', stars: 3, beats: 120 },
          { title: 'One', stars: 5 },
        ],
      },
    },
    { source: '{ top { __typename critics { name favourite { title __typename } } } }' },
    { source: '{ one(id: "m1") { ... on Media { stars critics { id } } } best { title } }' },
    { source: '{ anything { ... on Media { title stars } ... on Film { minutes } } }' },
    {
      source: '{ media { critics { id } ... on Film { __typename b: critics { __typename } } stars } }',
      data: {
        media: [
          { critics: [{ id: 'c-m1' }], __typename: 'Film', b: [{ __typename: 'Critic' }], stars: 5 },
          { critics: [{ id: 'c-m2' }], stars: 3 },
        ],
      },
      beyondStock: true,
    },
    {
      source: '{ best { id ... on Thing { __typename ... on Film { minutes } } } }',
      data: { best: { id: 'm1', __typename: 'Film', minutes: 90 } },
      beyondStock: true,
    },
  ],
};

const owners = [{ id: 'o1', email: 'one@example.com', code: { country: 'CH', number: 7 }, name: 'Anna' }];

const keysWorld: CorpusWorld = {
  name: 'several keys: single, compound, nested, and chains of them',
  fixtures: [
    {
      name: 'byid',
      typeDefs: 'type Query { owner: Owner } type Owner @key(fields: "id") @key(fields: "email") { id: ID! email: String! }',
      resolvers: {
        Query: { owner: () => owners[0] },
        Owner: { __resolveReference: (r: any) => owners.find(({ id, email }) => id === r.id || email === r.email) },
      },
    },
    {
      name: 'byemail',
      typeDefs: `
        type Owner @key(fields: "email") @key(fields: "code { country number }") { email: String! code: Code! }
        type Code { country: String! number: Int! }
      `,
      resolvers: {
        Owner: {
          __resolveReference: (r: any) =>
            owners.find(({ email, code }) => email === r.email || (code.country === r.code?.country && code.number === r.code.number)),
        },
      },
    },
    {
      name: 'bycode',
      typeDefs: `
        type Query { all: [Owner!]! }
        type Owner @key(fields: "code { number country }") { code: Code! name: String! }
        type Code { country: String! number: Int! }
      `,
      resolvers: {
        Query: { all: () => owners },
        Owner: {
          __resolveReference: (r: any) =>
            owners.find(({ code }) => code.country === r.code.country && code.number === r.code.number) ?? null,
        },
      },
    },
  ].map((fixture) => ({ ...fixture, typeDefs: fixture.typeDefs.replace('type Code {', 'type Code @shareable {') })),
  operations: [
    { source: '{ owner { id name } }', data: { owner: { id: 'o1', name: 'Anna' } } },
    { source: '{ all { name email id } }', data: { all: [{ name: 'Anna', email: 'one@example.com', id: 'o1' }] } },
    { source: '{ owner { code { number } name } all { code { country } id } }' },
  ],
};

const nullsWorld: CorpusWorld = {
  name: 'nulls, missing entities, unknown types and values that do not fit',
  fixtures: [
    {
      name: 'a',
      typeDefs: `
        type Query { list: [Node] matrix: [[Node!]] lonely: Node bad: Int pick: Pick many: [Node!] text: String }
        type Node @key(fields: "id") { id: ID label: String }
        union Pick = Node | Hidden
        type Hidden @inaccessible { id: ID }
      `,
      resolvers: {
        Query: {
          list: () => [{ id: 'n1' }, null, { id: null }, { id: 'gone' }, { id: 'n1' }],
          matrix: () => [[{ id: 'n1' }, { id: 'n2' }], null, []],
          lonely: () => ({ id: 'gone' }),
          many: () => [{ id: 'n1' }, { id: 'gone' }],
          pick: () => ({ __typename: 'Hidden', id: 'h' }),
          text: () => null,
        },
        Node: { label: ({ id }: any) => (id ? `label ${id}` : null), __resolveReference: ({ id }: any) => ({ id }) },
        Pick: { __resolveType: ({ __typename }: any) => __typename },
      },
    },
    {
      name: 'b',
      typeDefs: 'type Node @key(fields: "id") { id: ID size: Int! extra: String }',
      resolvers: {
        Node: { __resolveReference: ({ id }: any) => (id === 'gone' || id === null ? null : { id, size: 1, extra: `extra ${id}` }) },
      },
    },
  ],
  operations: [
    { source: '{ list { id label extra } }' },
    { source: '{ list { size } }' },
    { source: '{ matrix { size extra } }' },
    { source: '{ lonely { size } text }' },
    { source: '{ many { size } }', data: { many: null } },
    { source: '{ pick { __typename ... on Node { id } } }' },
    { source: '{ bad text }' },
  ],
};

const sharedWorld: CorpusWorld = {
  name: 'shared and overridden fields, value types, enums',
  fixtures: [
    {
      name: 'left',
      typeDefs: `
        type Query { both: Both @shareable point: Point @shareable mood: Mood moods: [Mood!]! left: Entity }
        type Both @shareable { common: String left: Int @override(from: "right") }
        type Point @shareable { x: Int y: Int }
        enum Mood { GOOD BAD }
        type Entity @key(fields: "id") { id: ID! point: Point @shareable }
      `,
      resolvers: {
        Query: {
          both: () => ({ common: 'c', left: 1 }),
          point: () => ({ x: 1, y: 2 }),
          mood: () => 'GOOD',
          moods: () => ['GOOD', 'BAD'],
          left: () => ({ id: 'e' }),
        },
        Entity: { __resolveReference: (r: any) => r, point: () => ({ x: 7, y: 8 }) },
      },
    },
    {
      name: 'right',
      typeDefs: `
        type Query { both: Both @shareable point: Point @shareable sad: Mood }
        type Both @shareable { common: String left: Int right: Int }
        type Point @shareable { x: Int y: Int }
        enum Mood { GOOD BAD }
        type Entity @key(fields: "id") { id: ID! point: Point @shareable far: Int }
      `,
      resolvers: {
        Query: { both: () => ({ common: 'c', left: 999, right: 2 }), point: () => ({ x: 1, y: 2 }), sad: () => 'BAD' },
        Entity: { __resolveReference: (r: any) => r, point: () => ({ x: 7, y: 8 }), far: () => 9 },
      },
    },
  ],
  operations: [
    { source: '{ both { common left right } point { x y } }', data: { both: { common: 'c', left: 1, right: 2 }, point: { x: 1, y: 2 } } },
    { source: '{ mood sad moods }', data: { mood: 'GOOD', sad: 'BAD', moods: ['GOOD', 'BAD'] } },
    { source: '{ left { far point { x } id } }', data: { left: { far: 9, point: { x: 7 }, id: 'e' } } },
  ],
};

const steps: string[] = [];

const mutationsWorld: CorpusWorld = {
  name: 'mutations of two subgraphs, in order',
  fixtures: [
    {
      name: 'first',
      typeDefs:
        'type Query { ok: Boolean } type Mutation { add(what: String!): Item! clear: Boolean } type Item @key(fields: "id") { id: ID! what: String! }',
      resolvers: {
        Mutation: {
          clear: () => steps.splice(0).length >= 0,
          add: (_: unknown, { what }: { what: string }) => {
            steps.push(what);
            return { id: what, what };
          },
        },
        Item: { __resolveReference: ({ id }: any) => ({ id, what: id }) },
      },
    },
    {
      name: 'second',
      typeDefs: 'type Mutation { note(what: String!): [String!]! } type Item @key(fields: "id") { id: ID! size: Int! }',
      resolvers: {
        Mutation: {
          note: (_: unknown, { what }: { what: string }) => {
            steps.push(what);
            return [...steps];
          },
        },
        Item: { __resolveReference: ({ id }: any) => ({ id, size: id.length }) },
      },
    },
  ],
  operations: [
    {
      source: 'mutation { clear a: add(what: "1") { what } b: note(what: "2") c: add(what: "3") { id size } d: note(what: "4") }',
      data: { clear: true, a: { what: '1' }, b: ['1', '2'], c: { id: '3', size: 1 }, d: ['1', '2', '3', '4'] },
    },
  ],
};

const parcels = [
  { id: 'x', name: 'Lamp', prices: { CHF: 10, EUR: 9 } as Record<string, number>, events: ['packed', 'sent', 'lost', 'found'] },
  { id: 'y', name: 'Desk', prices: { CHF: 200, EUR: 180 } as Record<string, number>, events: ['packed'] },
];
const parcelOf = ({ id }: { id: string }) => parcels.find((parcel) => parcel.id === id) ?? null;

const requiresArgumentsWorld: CorpusWorld = {
  name: '@requires with arguments, beside other selections of the same field',
  fixtures: [
    {
      name: 'prices',
      typeDefs: `
        type Query { parcels: [Parcel!]! }
        type Parcel @key(fields: "id") { id: ID! name: String! price(currency: String! = "CHF"): Int! box: Box! }
        type Box { events(last: Int!): [Event!]! colour: String }
        type Event { what: String! }
      `,
      resolvers: {
        Query: { parcels: () => parcels },
        Parcel: {
          __resolveReference: parcelOf,
          price: ({ prices }: any, { currency }: { currency: string }) => prices[currency],
          box: ({ events }: any) => ({ events, colour: 'brown' }),
        },
        Box: { events: ({ events }: any, { last }: { last: number }) => events.slice(-last).map((what: string) => ({ what })) },
      },
    },
    {
      name: 'customs',
      typeDefs: `
        type Parcel @key(fields: "id") {
          id: ID!
          price(currency: String! = "CHF"): Int! @external
          box: Box! @external
          dutyCHF: String @requires(fields: "price(currency: \\"CHF\\")")
          dutyEUR: String @requires(fields: "price(currency: \\"EUR\\")")
          duty: String @requires(fields: "price")
          trail: String @requires(fields: "box { events(last: 3) { what } }")
          short: String @requires(fields: "box { events(last: 1) { what } }")
          weightless: Boolean
        }
        type Box @external { events(last: Int!): [Event!]! }
        type Event @external { what: String! }
      `,
      resolvers: {
        Parcel: {
          __resolveReference: (reference: object) => reference,
          dutyCHF: ({ price }: any) => `CHF ${price}`,
          dutyEUR: ({ price }: any) => `EUR ${price}`,
          duty: ({ price }: any) => `some ${price}`,
          trail: ({ box }: any) => box.events.map(({ what }: any) => what).join(' '),
          short: ({ box }: any) => box.events.map(({ what }: any) => what).join(' '),
          weightless: () => false,
        },
      },
    },
  ],
  operations: [
    { source: '{ parcels { dutyEUR } }', data: { parcels: [{ dutyEUR: 'EUR 9' }, { dutyEUR: 'EUR 180' }] } },
    {
      source: '{ parcels { dutyCHF dutyEUR weightless } }',
      data: {
        parcels: [
          { dutyCHF: 'CHF 10', dutyEUR: 'EUR 9', weightless: false },
          { dutyCHF: 'CHF 200', dutyEUR: 'EUR 180', weightless: false },
        ],
      },
      beyondStock: true,
    },
    {
      source: '{ parcels { price(currency: "EUR") dutyCHF } }',
      data: {
        parcels: [
          { price: 9, dutyCHF: 'CHF 10' },
          { price: 180, dutyCHF: 'CHF 200' },
        ],
      },
      beyondStock: true,
    },
    {
      source: '{ parcels { price(currency: "EUR") duty } }',
      data: {
        parcels: [
          { price: 9, duty: 'some 10' },
          { price: 180, duty: 'some 200' },
        ],
      },
      beyondStock: true,
    },
    {
      source: '{ parcels { trail short box { events(last: 2) { what } colour } } }',
      data: {
        parcels: [
          { trail: 'sent lost found', short: 'found', box: { events: [{ what: 'lost' }, { what: 'found' }], colour: 'brown' } },
          { trail: 'packed', short: 'packed', box: { events: [{ what: 'packed' }], colour: 'brown' } },
        ],
      },
      beyondStock: true,
    },
    {
      source:
        'query ($c: String! = "EUR") { parcels { ...A ...B trail } } fragment A on Parcel { price(currency: $c) } fragment B on Parcel { price(currency: $c) dutyCHF }',
      data: {
        parcels: [
          { price: 9, trail: 'sent lost found', dutyCHF: 'CHF 10' },
          { price: 180, trail: 'packed', dutyCHF: 'CHF 200' },
        ],
      },
      beyondStock: true,
    },
  ],
};

const aliasWorld: CorpusWorld = {
  name: 'aliases that take the names of keys and required fields',
  fixtures: [
    {
      name: 'one',
      typeDefs: 'type Query { items: [Item!]! } type Item @key(fields: "id") { id: ID! title: String! size: Int! }',
      resolvers: {
        Query: { items: () => [{ id: 'i1', title: 'T', size: 4 }] },
        Item: { __resolveReference: ({ id }: any) => ({ id, title: 'T', size: 4 }) },
      },
    },
    {
      name: 'two',
      typeDefs: 'type Item @key(fields: "id") { id: ID! size: Int! @external extra: String! double: Int! @requires(fields: "size") }',
      resolvers: { Item: { __resolveReference: (r: any) => ({ ...r, extra: `extra ${r.id}`, double: r.size * 2 }) } },
    },
  ],
  operations: [
    { source: '{ items { id: title extra } }', data: { items: [{ id: 'T', extra: 'extra i1' }] }, beyondStock: true },
    { source: '{ items { size: id double extra } }', data: { items: [{ size: 'i1', double: 8, extra: 'extra i1' }] }, beyondStock: true },
    { source: '{ items { __typename: title extra } }', data: { items: [{ __typename: 'T', extra: 'extra i1' }] }, beyondStock: true },
    { source: '{ items { extra: id id: extra } }', data: { items: [{ extra: 'i1', id: 'extra i1' }] }, beyondStock: true },
  ],
};

const mashed = [
  { id: '1', pid: 'p1', composite: { one: 1, two: 2, three: 3 }, name: 'Ann' },
  { id: '2', pid: 'p2', composite: { one: 4, two: 5, three: 6 }, name: 'Bob' },
];

const mashupWorld: CorpusWorld = {
  name: 'key sets that overlap, and fields required on top of them',
  fixtures: [
    {
      name: 'people',
      typeDefs: `
        type Query { people: [Person!]! }
        type Person @key(fields: "id") @key(fields: "pid") @key(fields: "composite { one two }") @key(fields: "id composite { two three }") {
          id: ID! pid: ID! composite: Composite! name: String!
        }
        type Composite { one: ID! two: ID! three: ID! }
      `,
      resolvers: {
        Query: { people: () => mashed },
        Person: {
          __resolveReference: (r: any) =>
            mashed.find(({ id, pid, composite }) => id === r.id || pid === r.pid || String(composite.two) === r.composite?.two) ?? null,
        },
      },
    },
    {
      name: 'teams',
      typeDefs: `
        type Query { team: Team }
        type Team @key(fields: "id") { id: ID! members: [Person!]! lead: Person! }
        type Person @key(fields: "id composite { two three }") {
          id: ID! composite: Composite! name: String! @external badge: String! @requires(fields: "name")
        }
        type Composite { two: ID! three: ID! }
      `,
      resolvers: {
        Query: { team: () => ({ id: 't', members: mashed.map(({ id, composite }) => ({ id, composite })), lead: mashed[1] }) },
        Person: {
          __resolveReference: (r: any) => r,
          badge: ({ name, id, composite }: any) => `${name} ${id} ${composite.two}/${composite.three}`,
        },
      },
    },
    {
      name: 'pay',
      typeDefs: 'type Person @key(fields: "pid") { pid: ID! salary: Int! }',
      resolvers: { Person: { __resolveReference: ({ pid }: any) => ({ pid, salary: pid === 'p1' ? 1 : 2 }) } },
    },
  ].map((fixture) => ({ ...fixture, typeDefs: fixture.typeDefs.replace('type Composite {', 'type Composite @shareable {') })),
  operations: [
    {
      source: '{ team { id members { id name badge } } }',
      data: {
        team: {
          id: 't',
          members: [
            { id: '1', name: 'Ann', badge: 'Ann 1 2/3' },
            { id: '2', name: 'Bob', badge: 'Bob 2 5/6' },
          ],
        },
      },
    },
    {
      source: '{ people { badge salary composite { one } } }',
      data: {
        people: [
          { badge: 'Ann 1 2/3', salary: 1, composite: { one: '1' } },
          { badge: 'Bob 2 5/6', salary: 2, composite: { one: '4' } },
        ],
      },
    },
    {
      source: '{ team { lead { salary pid composite { one three } badge } } }',
      data: { team: { lead: { salary: 2, pid: 'p2', composite: { one: '4', three: '6' }, badge: 'Bob 2 5/6' } } },
    },
  ],
};

export const worlds: readonly CorpusWorld[] = [
  shopWorld,
  requiresWorld,
  interfacesWorld,
  keysWorld,
  nullsWorld,
  sharedWorld,
  mutationsWorld,
  requiresArgumentsWorld,
  aliasWorld,
  mashupWorld,
  ...hardWorlds,
  ...partialWorlds,
];
