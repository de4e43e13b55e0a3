const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words that begin or continue a clause: never a column, a table or an alias unless quoted. */
export const clauseWords = words(
  'select from where group having order limit offset fetch union intersect except minus with as on using join inner left right full outer cross natural lateral window qualify and or not in is like ilike glob between case when then else end distinct all any some exists into for lock values set default ' +
    'insert update delete drop create alter truncate merge replace grant revoke call execute exec attach detach pragma settings format prewhere final sample procedure returning',
);

/** Words that may follow an expression and are therefore no alias without AS. */
export const afterExpression = words(
  'asc desc nulls escape separator over filter within rows range groups partition collate preceding following',
);

export const intervalUnits = words('microsecond millisecond second minute hour day week month quarter year');

/** Functions whose brackets may be empty although an engine takes a bare word too. */
export const plainFunctions = words(
  'now current_date current_time current_timestamp localtime localtimestamp curdate curtime today yesterday pi',
);

const types = words(
  'INT INTEGER TINYINT SMALLINT MEDIUMINT BIGINT HUGEINT INT64 FLOAT FLOAT64 FLOAT32 DOUBLE REAL DECIMAL NUMERIC NUMBER BIGNUMERIC BOOLEAN BOOL CHAR VARCHAR TEXT STRING NVARCHAR DATE TIME DATETIME TIMESTAMP TIMESTAMPTZ INTERVAL JSON UUID SIGNED UNSIGNED ' +
    'UINT8 UINT16 UINT32 INT8 INT16 INT32 DATETIME64 DATE32 NULLABLE BINARY VARBINARY BLOB',
);
const phrases = words(
  'DOUBLE_PRECISION CHARACTER_VARYING TIMESTAMP_WITH_TIME_ZONE TIMESTAMP_WITHOUT_TIME_ZONE TIME_WITH_TIME_ZONE SIGNED_INTEGER UNSIGNED_INTEGER BIGINT_UNSIGNED INT_UNSIGNED',
);

export const isTypeName = (type: string): boolean =>
  types.has(type) || phrases.has(type.replaceAll(' ', '_')) || /^U?INT(64|128|256)$/.test(type);
