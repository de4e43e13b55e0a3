import { types } from 'pg';

const text = (value: string): string => value;
const asDate = types.getTypeParser(types.builtins.TIMESTAMPTZ, 'text') as (value: string) => Date;
// pg's registered parsers carry element types only for the arrays that it knows; these elements stay text here.
const textArray = types.getTypeParser(1009 as never, 'text') as (value: string) => unknown;

const overrides: Readonly<Record<number, (value: string) => unknown>> = {
  [types.builtins.INT8]: text,
  [types.builtins.NUMERIC]: text,
  [types.builtins.DATE]: text,
  [types.builtins.TIME]: text,
  [types.builtins.TIMETZ]: text,
  [types.builtins.TIMESTAMP]: text,
  [types.builtins.INTERVAL]: text,
  [types.builtins.TIMESTAMPTZ]: asDate,
  1016: textArray, // int8[]
  1231: textArray, // numeric[]
  1182: textArray, // date[]
  1115: textArray, // timestamp[]
  1187: textArray, // interval[]
};

/** One parser per type for both drivers, on the server's text form: a value reads the same wherever it was stored. */
export const parserOf = (typeId: number): ((value: string) => unknown) =>
  overrides[typeId] ?? (types.getTypeParser(typeId as never, 'text') as (value: string) => unknown);
