/** Words that carry no content of their own in a question. */
export const stopWords: ReadonlySet<string> = new Set(
  `a an the of for in on at to by from with without and or but not no nor is are was were be been being am do does did done have has had having can could will would shall should may might must
  what which who whom whose where when why how that this these those there here it its they them their he she his her him we us our you your i me my mine all any some each every both either neither
  show list give find tell return display get let see want know please whats many much also just only then than as so such if else more most less least few fewer very too into onto out about over under between among
  per via along one ones s t re ve ll don doesn didn isn aren wasn weren hasn haven now same other others`.split(/\s+/),
);

export const numberWords: Readonly<Record<string, number>> = { __proto__: null as never,
  zero: 0, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11, twelve: 12, thirteen: 13, fourteen: 14, fifteen: 15, sixteen: 16, seventeen: 17, eighteen: 18, nineteen: 19,
  twenty: 20, thirty: 30, forty: 40, fifty: 50, sixty: 60, seventy: 70, eighty: 80, ninety: 90, once: 1, twice: 2, thrice: 3, dozen: 12,
};
export const ordinalWords: Readonly<Record<string, number>> = { __proto__: null as never, first: 1, second: 2, third: 3, fourth: 4, fifth: 5, sixth: 6, seventh: 7, eighth: 8, ninth: 9, tenth: 10 };
export const magnitudes: Readonly<Record<string, number>> = { __proto__: null as never, hundred: 100, thousand: 1e3, k: 1e3, million: 1e6, m: 1e6, mn: 1e6, billion: 1e9, bn: 1e9, b: 1e9, trillion: 1e12 };

/** Abbreviations in table and column names → the words they stand for. */
export const abbreviations: Readonly<Record<string, string>> = { __proto__: null as never,
  qty: 'quantity', amt: 'amount', addr: 'address', dob: 'birth date', num: 'number', no: 'number', nbr: 'number', nr: 'number', id: 'id', desc: 'description', descr: 'description', dept: 'department', emp: 'employee', cust: 'customer',
  acct: 'account', acc: 'account', cat: 'category', catg: 'category', prod: 'product', mgr: 'manager', loc: 'location', lat: 'latitude', lon: 'longitude', lng: 'longitude', long: 'longitude', tel: 'telephone', ph: 'phone', mob: 'mobile',
  fname: 'first name', lname: 'last name', mname: 'middle name', fst: 'first', lst: 'last', pct: 'percent', perc: 'percent', avg: 'average', min: 'minimum', max: 'maximum', cnt: 'count', ct: 'count', tot: 'total', yr: 'year', mon: 'month',
  mth: 'month', wk: 'week', hr: 'hour', hrs: 'hours', sec: 'seconds', ts: 'time', dt: 'date', dttm: 'date time', crs: 'course', stu: 'student', stud: 'student', prof: 'professor', instr: 'instructor', univ: 'university', uni: 'university',
  org: 'organization', co: 'company', corp: 'company', inv: 'invoice', invn: 'invention', ord: 'order', pmt: 'payment', txn: 'transaction', trans: 'transaction', trx: 'transaction', ref: 'reference', src: 'source', dst: 'destination', dest: 'destination',
  orig: 'origin', dep: 'departure', arr: 'arrival', apt: 'apartment', bldg: 'building', rm: 'room', fl: 'floor', flr: 'floor', st: 'street', ste: 'suite', zip: 'postal code', ctry: 'country', cntry: 'country', cty: 'city', lang: 'language', sal: 'salary',
  comm: 'commission', rev: 'revenue', exp: 'expense', bal: 'balance', curr: 'current', prev: 'previous', res: 'reservation', resv: 'reservation', pop: 'population', gdp: 'gross domestic product', gnp: 'gross national product', temp: 'temperature', wt: 'weight', ht: 'height',
  len: 'length', vol: 'volume', sz: 'size', val: 'value', cd: 'code', stat: 'status', sts: 'status', typ: 'type', grp: 'group', lvl: 'level', pos: 'position', mgmt: 'management', tech: 'technology', info: 'information', doc: 'document', docs: 'documents',
  pub: 'publication', auth: 'author', ed: 'education', edu: 'education', sch: 'school', sem: 'semester', gpa: 'grade point average', ssn: 'social security number', url: 'url', img: 'image', pic: 'picture', msg: 'message', usr: 'user', pwd: 'password', attr: 'attribute',
  cr: 'credit', crd: 'credit', cred: 'credit', hp: 'horsepower', mpg: 'miles per gallon', fy: 'fiscal year', qtr: 'quarter', dist: 'distance', dur: 'duration', spd: 'speed', freq: 'frequency', iata: 'iata', fnol: 'fnol', ceo: 'ceo', sig: 'signature', occ: 'occupation',
  sn: 'serial number', upc: 'product code', sku: 'product code', uom: 'unit', disc: 'discount', prc: 'price', mfr: 'manufacturer', mfg: 'manufacturer', veh: 'vehicle', ins: 'insurance', pol: 'policy', clm: 'claim', prem: 'premium', nat: 'nationality', natl: 'national', intl: 'international', govt: 'government',
};
