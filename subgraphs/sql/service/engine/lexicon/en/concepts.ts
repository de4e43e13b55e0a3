/** Adjectives, adverbs and question words → the words of a column that they speak of, and which end of it is meant by "most". */
export interface Concept {
  words: readonly string[];
  /** Words of column names, the likeliest first, with the direction that the adjective's superlative asks for. */
  means: readonly (readonly [word: string, direction: 'asc' | 'desc' | null])[];
}

export const concepts: readonly Concept[] = [
  { words: ['old', 'older', 'oldest', 'aged', 'elderly'], means: [['age', 'desc'], ['birth', 'asc'], ['founded', 'asc'], ['built', 'asc'], ['year', 'asc'], ['opened', 'asc'], ['date', 'asc']] },
  { words: ['young', 'younger', 'youngest'], means: [['age', 'asc'], ['birth', 'desc']] },
  { words: ['long', 'longer', 'longest'], means: [['length', 'desc'], ['duration', 'desc'], ['distance', 'desc'], ['time', 'desc'], ['minutes', 'desc'], ['hours', 'desc']] },
  { words: ['short', 'shorter', 'shortest'], means: [['length', 'asc'], ['duration', 'asc'], ['height', 'asc'], ['distance', 'asc'], ['time', 'asc']] },
  { words: ['tall', 'taller', 'tallest'], means: [['height', 'desc']] },
  { words: ['high', 'higher', 'highest'], means: [['height', 'desc'], ['elevation', 'desc'], ['altitude', 'desc']] },
  { words: ['heavy', 'heavier', 'heaviest'], means: [['weight', 'desc'], ['mass', 'desc']] },
  { words: ['light', 'lighter', 'lightest'], means: [['weight', 'asc'], ['mass', 'asc']] },
  { words: ['large', 'larger', 'largest', 'big', 'bigger', 'biggest'], means: [['size', 'desc'], ['area', 'desc'], ['population', 'desc'], ['capacity', 'desc'], ['amount', 'desc'], ['employees', 'desc']] },
  { words: ['small', 'smaller', 'smallest'], means: [['size', 'asc'], ['area', 'asc'], ['population', 'asc'], ['capacity', 'asc'], ['amount', 'asc']] },
  { words: ['cheap', 'cheaper', 'cheapest', 'affordable', 'inexpensive'], means: [['price', 'asc'], ['cost', 'asc'], ['fare', 'asc'], ['fee', 'asc'], ['rent', 'asc']] },
  { words: ['expensive', 'costly', 'pricey', 'priciest', 'dear'], means: [['price', 'desc'], ['cost', 'desc'], ['fare', 'desc'], ['fee', 'desc'], ['rent', 'desc']] },
  { words: ['fast', 'faster', 'fastest', 'quick', 'quickest'], means: [['speed', 'desc'], ['time', 'asc'], ['duration', 'asc'], ['horsepower', 'desc']] },
  { words: ['slow', 'slower', 'slowest'], means: [['speed', 'asc'], ['time', 'desc'], ['duration', 'desc']] },
  { words: ['rich', 'richest', 'wealthy', 'wealthiest'], means: [['income', 'desc'], ['wealth', 'desc'], ['worth', 'desc'], ['money', 'desc'], ['salary', 'desc'], ['balance', 'desc'], ['gdp', 'desc']] },
  { words: ['poor', 'poorest'], means: [['income', 'asc'], ['wealth', 'asc'], ['balance', 'asc']] },
  { words: ['recent', 'recently', 'new', 'newer', 'newest', 'latest', 'late', 'later'], means: [['date', 'desc'], ['year', 'desc'], ['time', 'desc'], ['created', 'desc'], ['founded', 'desc'], ['opened', 'desc'], ['season', 'desc']] },
  { words: ['early', 'earlier', 'earliest'], means: [['date', 'asc'], ['year', 'asc'], ['time', 'asc'], ['founded', 'asc']] },
  { words: ['popular', 'common'], means: [['popularity', 'desc'], ['votes', 'desc'], ['rating', 'desc'], ['followers', 'desc']] },
  { words: ['populous', 'populated', 'inhabitants', 'residents'], means: [['population', 'desc']] },
  { words: ['good', 'better', 'best'], means: [['rating', 'desc'], ['score', 'desc'], ['grade', 'desc'], ['rank', 'asc'], ['points', 'desc']] },
  { words: ['bad', 'worse', 'worst'], means: [['rating', 'asc'], ['score', 'asc'], ['grade', 'asc'], ['rank', 'desc']] },
  { words: ['wide', 'wider', 'widest'], means: [['width', 'desc']] },
  { words: ['deep', 'deepest'], means: [['depth', 'desc']] },
  { words: ['warm', 'hot', 'hottest', 'warmest'], means: [['temperature', 'desc']] },
  { words: ['cold', 'coldest', 'cool', 'coolest'], means: [['temperature', 'asc']] },
  { words: ['strong', 'strongest', 'powerful'], means: [['power', 'desc'], ['strength', 'desc'], ['horsepower', 'desc']] },
  { words: ['far', 'farther', 'farthest', 'further', 'furthest'], means: [['distance', 'desc']] },
  { words: ['near', 'nearer', 'nearest', 'close', 'closest'], means: [['distance', 'asc']] },
  { words: ['spacious', 'roomy'], means: [['area', 'desc'], ['size', 'desc'], ['rooms', 'desc'], ['capacity', 'desc']] },
  { words: ['late', 'delayed', 'tardy'], means: [['delay', 'desc']] },
  { words: ['earn', 'earns', 'earned', 'earning', 'paid', 'pay'], means: [['salary', 'desc'], ['earnings', 'desc'], ['income', 'desc'], ['wage', 'desc'], ['pay', 'desc']] },
  { words: ['weigh', 'weighs', 'weighing'], means: [['weight', 'desc']] },
  { words: ['cost', 'costs', 'costing', 'priced', 'charge', 'charged'], means: [['price', null], ['cost', null], ['fee', null], ['amount', null]] },
  { words: ['last', 'lasts', 'lasted', 'lasting'], means: [['duration', null], ['length', null]] },
  { words: ['when'], means: [['date', null], ['year', null], ['time', null], ['day', null]] },
  { words: ['where', 'located', 'situated', 'based'], means: [['location', null], ['city', null], ['country', null], ['address', null], ['place', null], ['state', null]] },
  { words: ['who', 'whom', 'whose'], means: [['name', null]] },
  { words: ['born'], means: [['birth', null]] },
  { words: ['live', 'lives', 'living', 'lived', 'reside', 'resides', 'residing'], means: [['city', null], ['address', null], ['country', null], ['residence', null], ['state', null], ['district', null]] },
  { words: ['called', 'named', 'titled', 'entitled'], means: [['name', null], ['title', null]] },
  { words: ['male', 'female', 'men', 'women', 'man', 'woman', 'boys', 'girls', 'boy', 'girl'], means: [['gender', null], ['sex', null]] },
  { words: ['much', 'money'], means: [['amount', null], ['price', null], ['cost', null], ['balance', null]] },
  { words: ['contact'], means: [['phone', null], ['email', null], ['address', null]] },
  { words: ['happen', 'happened', 'occur', 'occurred', 'took', 'held'], means: [['date', null], ['year', null], ['place', null]] },
  { words: ['american', 'nationality', 'citizens'], means: [['nationality', null], ['country', null], ['citizenship', null]] },
];

/** Words for a stored code, in both directions. */
export const codeWords: Readonly<Record<string, readonly string[]>> = {
  f: ['female', 'females', 'woman', 'women', 'girl', 'girls'], m: ['male', 'males', 'man', 'men', 'boy', 'boys'], female: ['woman', 'women', 'females', 'girl', 'girls'], male: ['man', 'men', 'males', 'boy', 'boys'],
  y: ['yes', 'true'], n: ['no', 'false'], t: ['true', 'yes'], usa: ['united states', 'us', 'american', 'america'], us: ['united states', 'usa', 'american', 'america'], 'united states': ['usa', 'us', 'american', 'america', 'u s a'], uk: ['united kingdom', 'britain', 'british'], 'united kingdom': ['uk', 'britain', 'british'],
  france: ['french'], germany: ['german'], italy: ['italian'], spain: ['spanish'], china: ['chinese'], japan: ['japanese'], canada: ['canadian'], mexico: ['mexican'], brazil: ['brazilian'], india: ['indian'], russia: ['russian'], england: ['english'], ireland: ['irish'], scotland: ['scottish'],
  netherlands: ['dutch'], sweden: ['swedish'], norway: ['norwegian'], denmark: ['danish'], finland: ['finnish'], poland: ['polish'], portugal: ['portuguese'], greece: ['greek'], turkey: ['turkish'], korea: ['korean'], australia: ['australian'], austria: ['austrian'], switzerland: ['swiss'], belgium: ['belgian'], europe: ['european'], asia: ['asian'], africa: ['african'],
  al: ['alabama'], ak: ['alaska'], az: ['arizona'], ar: ['arkansas'], ca: ['california'], co: ['colorado'], ct: ['connecticut'], de: ['delaware'], fl: ['florida'], ga: ['georgia'], hi: ['hawaii'], id: ['idaho'], il: ['illinois'], in: ['indiana'], ia: ['iowa'], ks: ['kansas'], ky: ['kentucky'], la: ['louisiana'], me: ['maine'], md: ['maryland'], ma: ['massachusetts'], mi: ['michigan'], mn: ['minnesota'], ms: ['mississippi'], mo: ['missouri'], mt: ['montana'], ne: ['nebraska'], nv: ['nevada'], nh: ['new hampshire'], nj: ['new jersey'], nm: ['new mexico'], ny: ['new york'], nc: ['north carolina'], nd: ['north dakota'], oh: ['ohio'], ok: ['oklahoma'], or: ['oregon'], pa: ['pennsylvania'], ri: ['rhode island'], sc: ['south carolina'], sd: ['south dakota'], tn: ['tennessee'], tx: ['texas'], ut: ['utah'], vt: ['vermont'], va: ['virginia'], wa: ['washington'], wv: ['west virginia'], wi: ['wisconsin'], wy: ['wyoming'], pr: ['puerto rico'], dc: ['district of columbia'],
  argentina: ['argentine', 'argentinian'], egypt: ['egyptian'], hungary: ['hungarian'], ukraine: ['ukrainian'], iran: ['iranian'], israel: ['israeli'],
};
