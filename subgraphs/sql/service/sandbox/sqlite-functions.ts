/** Functions of SQLite that compute from their arguments only. Names as the compiled program shows them. */
export const sqliteFunctions: ReadonlySet<string> = new Set(
  (
    'abs char coalesce concat concat_ws format glob hex if ifnull iif instr last_value length like likelihood likely lower ltrim max min nullif ' +
    'octet_length printf quote replace round rtrim sign soundex substr substring trim typeof unhex unicode unlikely upper ' +
    'avg count group_concat string_agg sum total median percentile percentile_cont percentile_disc ' +
    'row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value nth_value ' +
    'date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp ' +
    'acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power radians sin sinh sqrt tan tanh trunc ' +
    'json json_array json_array_length json_extract json_object json_type json_valid json_quote json_group_array json_group_object -> ->>'
  ).split(' '),
);
