import { bakery } from '../engine/testing/bakery';
import { bakeryModel, bakeryYaml } from '../engine/testing/bakery-model';
import { draftModel, importDbt, isDbt, parseModel, printModel, readDbt, validateModel } from '.';

it('reads its own writing', () => {
  const model = parseModel(bakeryYaml);
  expect(parseModel(printModel(model))).toEqual(model);
  expect(validateModel(model, bakery())).toEqual([]);
});

it('names what is wrong, and the nearest right name', () => {
  const model = bakeryModel();
  const wrong = {
    ...model,
    entities: [
      { ...model.entities[0]!, dimensions: [{ name: 'town', column: 'twon' }] },
      { ...model.entities[1]!, table: 'peple' },
    ],
    metrics: [
      { name: 'bad', expression: 'summ(sales.amount)' },
      { name: 'plain', expression: 'sales.amount' },
      { name: 'open', expression: 'sum(sales.amount' },
      { name: 'loop', expression: 'loop / 2' },
    ],
    policies: [{ name: 'p', entity: 'shop', filter: 'towm = user.town' }],
  };
  const problems = Object.fromEntries(validateModel(wrong, bakery()).map(({ path, message }) => [path, message]));
  expect(problems['entities[0].dimensions[0].column']).toBe('there is no column in shops named "twon"; did you mean "town"?');
  expect(problems['entities[1].table']).toBe('there is no table named "peple"; did you mean "people"?');
  expect(problems['metrics[0].expression']).toContain('did you mean "sum"');
  expect(problems['metrics[1].expression']).toContain('a metric needs an aggregate');
  expect(problems['metrics[2].expression']).toContain('")" is missing');
  expect(problems['metrics[3].expression']).toContain('is defined by itself');
  expect(problems['policies[0].filter']).toContain('did you mean "town"');
});

it.each([
  ['not a model', 'entities: 5'],
  ['an unknown field', 'entities: [{ name: a, table: b, colour: red }]'],
  ['broken YAML', 'entities: ['],
])('refuses %s with one sentence', (_, yaml) => {
  let thrown: unknown;
  try {
    parseModel(yaml);
  } catch (cause) {
    thrown = cause;
  }
  expect(thrown).toHaveCode('INVALID_REQUEST');
});

it('drafts measures, time, personal data and named joins from the schema alone', () => {
  const draft = draftModel(bakery());
  const shops = draft.entities.find((entity) => entity.table === 'shops')!;
  expect(shops.name).toBe('shop');
  expect(shops.time).toBe('opened');
  expect(shops.measures.map((measure) => measure.name)).toEqual(['seats']);
  expect(
    draft.entities.find((entity) => entity.table === 'people')!.dimensions.find((dimension) => dimension.column === 'email')!.pii,
  ).toBe(true);
  expect(draft.joins.filter((join) => join.from.startsWith('shops.')).map((join) => join.role)).toEqual(['manager', 'owner']);
  expect(validateModel(draft, bakery())).toEqual([]);
});

const dbt = `
semantic_models:
  - name: sales
    model: ref('sales')
    defaults: { agg_time_dimension: sold_at }
    entities:
      - { name: sale, type: primary, expr: id }
      - { name: shop, type: foreign, expr: shop_id }
    dimensions:
      - { name: sold_at, type: time, type_params: { time_granularity: day } }
      - { name: big, type: categorical, expr: "quantity > 3" }
    measures:
      - { name: takings, agg: sum, expr: amount }
      - { name: shops_seen, agg: count_distinct, expr: shop_id }
---
semantic_models:
  - name: shop
    model: ref('shops')
    entities:
      - { name: shop, type: primary, expr: id }
metrics:
  - { name: takings, label: Takings, type: simple, type_params: { measure: takings } }
  - { name: takings_per_shop, type: ratio, type_params: { numerator: takings, denominator: shops_seen } }
  - { name: odd, type: conversion, type_params: {} }
`;

it('imports dbt semantic models: keys become joins, measures become metrics, the rest is named', () => {
  expect(isDbt(dbt)).toBe(true);
  expect(isDbt(bakeryYaml)).toBe(false);
  const model = importDbt(dbt, bakery());
  expect(model.metrics.map((metric) => [metric.name, metric.expression])).toEqual([
    ['takings', 'sum(sales.amount)'],
    ['takings_per_shop', 'sum(sales.amount) / count(distinct sales.shop_id)'],
  ]);
  expect(model.joins).toContainEqual(expect.objectContaining({ from: 'sales.shop_id', to: 'shops.id' }));
  expect(validateModel(model, bakery())).toEqual([]);
  expect(readDbt(dbt).skipped).toEqual([
    'dimension sales.big: its expression is not a column',
    'metric odd: type conversion with these parameters',
  ]);
});

it('leaves out of a dbt import the measures whose formulas only their warehouse knows', () => {
  const text = dbt.replace(
    /    measures:\n/,
    "    measures:\n      - name: wait\n        agg: average\n        expr: DATEDIFF('day', sold_at, sold_at)\n",
  );
  expect(text).not.toBe(dbt);
  const model = importDbt(text, bakery());
  expect(validateModel(model, bakery())).toEqual([]);
  expect(JSON.stringify(model)).not.toContain('DATEDIFF');
  expect(model.metrics.map(({ name }) => name)).toContain('takings');
});
