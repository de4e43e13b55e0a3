/** Irregular word forms → the form that is stemmed. */
export const irregularForms: Readonly<Record<string, string>> = {
  people: 'person', persons: 'person', children: 'child', men: 'man', women: 'woman', feet: 'foot', teeth: 'tooth', geese: 'goose', mice: 'mouse', criteria: 'criterion',
  media: 'medium', indices: 'index', indexes: 'index', matrices: 'matrix', vertices: 'vertex', analyses: 'analysis', crises: 'crisis', bases: 'base', statuses: 'status',
  buses: 'bus', bonuses: 'bonus', campuses: 'campus', viruses: 'virus', lives: 'life', wives: 'wife', halves: 'half', shelves: 'shelf', leaves: 'leave', series: 'series', species: 'species',
  bought: 'buy', buys: 'buy', sold: 'sell', sells: 'sell', paid: 'pay', taught: 'teach', teaches: 'teach', taken: 'take', took: 'take', given: 'give', gave: 'give', made: 'make', wrote: 'write', written: 'write',
  led: 'lead', won: 'win', lost: 'lose', held: 'hold', built: 'build', ran: 'run', sung: 'sing', sang: 'sing', flown: 'fly', flew: 'fly', flies: 'fly', grew: 'grow', grown: 'grow', born: 'birth', spoken: 'speak',
  spoke: 'speak', spent: 'spend', sent: 'send', met: 'meet', left: 'leave', kept: 'keep', chose: 'choose', chosen: 'choose', drove: 'drive', driven: 'drive', began: 'begin', begun: 'begin', known: 'know', knew: 'know',
  shown: 'show', seen: 'see', saw: 'see', done: 'do', went: 'go', gone: 'go', came: 'come', got: 'get', gotten: 'get', had: 'have', has: 'have', said: 'say', found: 'find', founded: 'founding', died: 'death',
  dies: 'death', dead: 'death',
  data: 'data', news: 'news', gas: 'gas', address: 'address', addresses: 'address', classes: 'class', passes: 'pass', businesses: 'business', processes: 'process',
  weight: 'weight', height: 'height', length: 'length', width: 'width', department: 'department', departments: 'department', depart: 'departure', departs: 'departure', departed: 'departure', departing: 'departure',
  arrives: 'arrival', arrive: 'arrival', arrived: 'arrival', arriving: 'arrival',
};
