import type { Dialect } from '../engine/catalog';
import { sqliteFunctions } from '../sandbox/sqlite-functions';

const words = (...lists: string[]): string[] => lists.join(' ').split(/\s+/).filter(Boolean);

// Computations over their arguments, in every engine or nearly so. Nothing here reads a file, a setting, a clock other than now, or the
// catalog, and nothing waits.
const common = words(
  'abs acos asin atan atan2 ceil ceiling cos cot degrees exp floor ln log log10 log2 mod pi power pow radians round sign sin sqrt tan trunc truncate greatest least',
  'coalesce nullif ifnull if iif isnull nvl',
  'lower upper trim ltrim rtrim length char_length character_length octet_length substring substr left right replace reverse concat concat_ws position strpos instr lpad rpad repeat split_part initcap ascii chr char translate starts_with',
  'count sum avg min max stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp any_value median mode string_agg group_concat array_agg percentile_cont percentile_disc approx_count_distinct bool_and bool_or every grouping',
  'row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value',
  'now current_date current_time current_timestamp localtime localtimestamp extract date_part date_trunc year month day hour minute second quarter week',
  'cast try_cast row',
);

const duckdb = words(
  'count_if countif arg_max arg_min argmax argmin max_by min_by first last any_value approx_quantile quantile quantile_cont quantile_disc kurtosis skewness entropy mad product favg fsum kahan_sum geomean weighted_avg wavg listagg list histogram regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem bit_and bit_or bit_xor',
  'fdiv fmod divide add subtract multiply isnan isinf isfinite even factorial gcd lcm cbrt round_even gamma lgamma sinh cosh tanh signbit xor bit_count width_bucket equi_width_bins',
  'contains prefix suffix ends_with lcase ucase len strlen format printf regexp_matches regexp_replace regexp_extract regexp_extract_all regexp_full_match regexp_split_to_array split string_split str_split string_to_array strip_accents left_grapheme right_grapheme length_grapheme unicode ord md5 sha256 hash levenshtein damerau_levenshtein editdist3 jaccard jaro_similarity jaro_winkler_similarity hamming mismatches like_escape nfc_normalize to_hex hex bin url_encode url_decode array_to_string concat_ws ilike_escape not_ilike_escape not_like_escape',
  'today date_diff datediff date_sub datesub date_add dateadd datepart datetrunc dayname monthname dayofweek dayofmonth dayofyear isodow isoyear weekday weekofyear yearweek decade century millennium epoch epoch_ms epoch_us last_day make_date make_time make_timestamp strftime strptime try_strptime time_bucket age to_timestamp timezone julian era millisecond microsecond to_years to_months to_weeks to_days to_hours to_minutes to_seconds to_milliseconds to_quarters to_microseconds',
  'list_value list_contains list_has array_contains list_distinct list_unique list_sort list_reverse_sort list_aggregate list_sum list_avg list_min list_max list_transform list_filter list_reduce list_slice list_extract list_concat list_position list_zip array_length flatten unnest struct_pack struct_extract array_extract map map_keys map_values map_extract element_at cardinality generate_series range len unpivot_list',
  'json_extract json_extract_string json_array_length json_keys json_type json_valid json_value json_exists json_contains to_json json_object json_array json_each',
  'try uuid_extract_version format_bytes bar constant_or_null enum_range_boundary switch',
);

const postgresql = words(
  'to_char to_date to_timestamp to_number age make_date make_interval make_timestamp justify_days justify_hours justify_interval date_bin isfinite clock_timestamp statement_timestamp transaction_timestamp timezone',
  'btrim format overlay regexp_replace regexp_match regexp_matches regexp_count regexp_substr regexp_like regexp_instr regexp_split_to_array string_to_array array_to_string md5 to_hex quote_literal ends_with bit_length unaccent similarity textlike textnlike',
  'cbrt div gcd lcm factorial width_bucket scale sinh cosh tanh cotd',
  'regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy bit_and bit_or bit_xor json_agg jsonb_agg json_object_agg jsonb_object_agg',
  'array_length array_position array_append array_cat array_remove cardinality unnest generate_series array_upper array_lower',
  'json_array_length jsonb_array_length json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text json_typeof jsonb_typeof to_json to_jsonb json_build_object jsonb_build_object json_build_array jsonb_build_array row_to_json json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_each_text jsonb_each_text json_object_keys jsonb_object_keys',
  'num_nonnulls num_nulls like_escape similar_to_escape normalize',
);

const mysql = words(
  'date_format str_to_date date_add date_sub adddate subdate datediff timediff timestampdiff timestampadd curdate curtime dayname monthname dayofweek dayofmonth dayofyear weekday weekofyear yearweek last_day makedate to_days from_days unix_timestamp from_unixtime date time timestamp utc_timestamp utc_date',
  'locate substring_index field elt find_in_set format hex unhex lcase ucase mid ord space strcmp regexp_replace regexp_like regexp_substr regexp_instr json_extract json_unquote json_length json_keys json_value json_contains json_array json_object json_type md5 sha1 sha2 crc32 bit_count std conv',
);

const clickhouse = words(
  'touint8 touint16 touint32 touint64 toint8 toint16 toint32 toint64 tofloat32 tofloat64 todecimal32 todecimal64 todecimal128 tostring todate todatetime todatetime64 todate32 toyear toquarter tomonth todayofmonth todayofweek todayofyear tohour tominute tosecond tostartofyear tostartofquarter tostartofmonth tostartofweek tomonday tostartofday tostartofhour tostartofminute toyyyymm toyyyymmdd torelativemonthnum today yesterday adddays addweeks addmonths addyears addhours addquarters subtractdays subtractweeks subtractmonths subtractyears subtracthours datediff dateadd datesub formatdatetime parsedatetimebesteffort parsedatetimebesteffortornull tointervalday tointervalweek tointervalmonth tointervalquarter tointervalyear tointervalhour tointervalminute tointervalsecond',
  'uniq uniqexact uniqcombined uniqhll12 quantile quantiles quantileexact quantiletdigest argmin argmax any anylast anyheavy grouparray groupuniqarray countif sumif avgif minif maxif uniqif uniqexactif anyif topk stddevpop stddevsamp varpop varsamp covarpop covarsamp medianexact',
  'lowerutf8 upperutf8 lengthutf8 substringutf8 reverseutf8 empty notempty positioncaseinsensitive positionutf8 match extract extractall replaceone replaceall replaceregexpone replaceregexpall splitbychar splitbystring arraystringconcat like notlike startswith endswith trimboth trimleft trimright format appendtrailingcharifabsent concatassumeinjective leftpad rightpad',
  'multiif ifnull nullif assumenotnull tonullable isnull isnotnull intdiv intdivorzero modulo plus minus multiply divide negate roundtoexp2 rounddown bitand bitor bitxor equals notequals less greater lessorequals greaterorequals and or not in notin has hasall hasany indexof arrayjoin length arraymap arrayfilter arraysum arrayelement tuple tupleelement array cityhash64 halfmd5 md5 hex neighbor',
);

const trino = words(
  'approx_percentile approx_distinct arbitrary array_join array_distinct array_sort contains cardinality count_if max_by min_by map_agg multimap_agg histogram geometric_mean checksum bool_and regr_slope regr_intercept skewness kurtosis',
  'date_add date_diff date_format date_parse format_datetime parse_datetime from_unixtime to_unixtime from_iso8601_date from_iso8601_timestamp day_of_week day_of_month day_of_year year_of_week week_of_year last_day_of_month dow doy yow date at_timezone',
  'regexp_like regexp_replace regexp_extract regexp_extract_all regexp_split regexp_count split codepoint levenshtein_distance hamming_distance normalize soundex strrpos to_utf8 from_utf8 word_stem format bar cbrt width_bucket is_nan is_finite is_infinite infinity nan try json_extract json_extract_scalar json_parse json_format json_array_length json_size element_at typeof transform filter reduce sequence unnest md5 sha256 to_hex',
);

const spark = words(
  'date_format date_add date_sub datediff add_months months_between to_date to_timestamp unix_timestamp from_unixtime trunc last_day next_day dayofweek dayofmonth dayofyear weekofyear make_date regexp_extract regexp_replace regexp_like collect_list collect_set count_if percentile percentile_approx approx_percentile max_by min_by first last explode size element_at array_contains split format_number format_string locate nvl2 try_divide',
);
const bigquery = words(
  'date_add date_sub date_diff date datetime timestamp timestamp_add timestamp_sub timestamp_diff timestamp_trunc datetime_trunc datetime_add datetime_sub datetime_diff format_date format_timestamp format_datetime parse_date parse_timestamp safe_divide countif approx_quantiles array_length unnest regexp_contains regexp_extract regexp_replace safe_cast last_day generate_date_array generate_array unix_seconds timestamp_seconds logical_and logical_or ieee_divide div',
);
const snowflake = words(
  'dateadd datediff date_from_parts to_date to_timestamp to_char to_varchar to_number to_decimal try_to_number try_to_date dayname monthname last_day add_months months_between zeroifnull nullifzero iff decode div0 div0null nvl2 listagg approx_percentile count_if max_by min_by regexp_like regexp_replace regexp_substr regexp_count contains startswith endswith array_size parse_json object_construct try_parse_json ratio_to_report charindex dayofweek dayofyear weekofyear weekiso date',
);

const set = (...lists: readonly string[][]): ReadonlySet<string> => new Set(lists.flat());

/** Functions that a statement may call, by dialect; lower case. What is not here is refused. */
export const allowedFunctions: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  duckdb: set(common, duckdb),
  postgresql: set(common, postgresql),
  sqlite: set([...sqliteFunctions], ['cast']),
  mysql: set(common, mysql),
  clickhouse: set(common, clickhouse),
  trino: set(common, trino),
  spark: set(common, spark),
  bigquery: set(common, bigquery),
  snowflake: set(common, snowflake),
};

/** Functions that may stand in FROM, with literal bounds. */
export const allowedTableFunctions: Readonly<Partial<Record<Dialect, ReadonlySet<string>>>> = {
  duckdb: new Set(['unnest', 'generate_series', 'range']),
  postgresql: new Set(['unnest', 'generate_series']),
  trino: new Set(['unnest']),
  bigquery: new Set(['unnest']),
};

/** Names that look like columns and are functions without parentheses; only those of the calendar are allowed. */
export const calendarNames: ReadonlySet<string> = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
]);
export const sessionNames: ReadonlySet<string> = new Set([
  'user',
  'current_user',
  'session_user',
  'system_user',
  'current_role',
  'current_schema',
  'current_catalog',
  'current_database',
]);
