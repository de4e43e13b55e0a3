/** Classes of the words that shape a query; the features of the heads say which of them stand near a mention. Language data. */
const classes = {
  show: 'show list give find tell return display get report provide state identify name count calculate compute',
  wh: 'what which who whose whom when where how',
  many: 'many number count amount numbers quantity times',
  average: 'average mean avg averaged',
  sum: 'total sum overall combined altogether',
  high: 'most maximum max highest largest biggest greatest longest latest oldest best top maximal heaviest tallest newest last strongest fastest richest expensive',
  low: 'least minimum min lowest smallest fewest shortest earliest youngest worst minimal lightest cheapest first slowest oldest bottom',
  each: 'each every per respective respectively corresponding different grouped group',
  by: 'by',
  sort: 'order ordered sort sorted ascending descending alphabetical alphabetically lexicographical ranked arranged arrange increasing decreasing rank listed',
  clause: 'with whose having that who where and/or while which',
  more: 'more greater above over after higher larger exceeds exceeding exceed beyond bigger longer older later since least',
  less: 'less fewer below before under lower smaller younger shorter earlier prior',
  of: 'of',
  and: 'and , along well also',
  place: 'in at on from to for during between',
  not: "not no never without except excluding n't doesn don didn isn aren wasn weren neither nor other hasn haven t",
  distinct: 'distinct different unique',
  or: 'or either',
  is: 'is are was were be been equals equal has have had do does did',
  than: 'than',
  like: 'contain contains containing include includes including start starts starting begin begins beginning end ends ending substring letter like prefix',
  both: 'both',
  pronoun: 'their its his her them they it',
} as const;

export const cueClasses = Object.keys(classes) as (keyof typeof classes)[];
export type CueClass = (typeof cueClasses)[number];

const classOf = new Map<string, number>();
cueClasses.forEach((name, index) => {
  for (const word of classes[name].split(' ')) if (!classOf.has(word)) classOf.set(word, index);
});

/** Number of a word's class, or −1. */
export const cueClassOf = (word: string): number => classOf.get(word) ?? -1;
export const cueClass = (name: CueClass): number => cueClasses.indexOf(name);
