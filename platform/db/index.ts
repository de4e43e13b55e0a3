export type { AnyTx, Database, DatabaseOptions, Log, MigrationFolder, Tx } from './types';
export { openDatabase } from './open-database';
export { migrate, platformMigrations } from './migrate';
export { afterCommit, onSignal, signalAfterCommit } from './transaction-context';
export { json } from './parameters';
export { isForeignKeyViolation, isUniqueViolation } from './database-error';
export { DirectoryInUse } from './directory-lock';
export { decodeCursor, encodeCursor, type CursorKey } from './cursor';
export { newId } from './new-id';
