import type { Dialect } from '../../engine/catalog';
import { UnreadableSql } from '../ir';
import type { ParsedSql } from '../parse';

export const parsePortable = (_sql: string, dialect: Dialect): ParsedSql => {
  throw new UnreadableSql(`${dialect} is not read yet`, 'security_violation');
};
