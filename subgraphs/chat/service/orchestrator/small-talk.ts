/** Kinds of messages that ask nothing of the data. */
export type SmallTalk =
  | 'greeting'
  | 'thanks'
  | 'praise'
  | 'goodbye'
  | 'wellbeing'
  | 'identity'
  | 'insult'
  | 'doubt'
  | 'vague'
  | 'restart'
  | 'creative'
  | 'orders'
  | 'wordless'
  | 'dashboards'
  | 'exports';

const greeting =
  '(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen|abend)|bonjour|salut|hola|buen(?:os|as) (?:días|dias|tardes)|ciao|olá|你好|こんにちは|안녕하세요|привет)';
const thanks = '(?:thanks|thank you|thx|cheers|danke|merci|gracias|grazie|obrigad[oa]|谢谢|ありがとう|감사합니다|спасибо)';
const good = '(?:great|good|nice|cool|wow|awesome|perfect|excellent|amazing|super|fantastic|brilliant|lovely|interesting|helpful|useful)';
const bad =
  '(?:stupid|dumb|idiot\\w*|moron\\w*|useless|suck\\w*|crap\\w*|shit\\w*|fuck\\w*|worthless|garbage|trash|terrible|awful|dumm|blöd)';

// Each matches a message as a whole: a word of courtesy inside a question about the data changes nothing.
const rules: readonly (readonly [SmallTalk, RegExp])[] = [
  ['greeting', new RegExp(`^${greeting}(?: (?:there|parley|all|everyone|team|again))?$`)],
  [
    'thanks',
    new RegExp(
      `^(?:${good} |ok |okay )*(?:many |much )?${thanks}(?: (?:a lot|so much|very much|again|parley|for (?:your|the|that|this)\\b.{0,40}|(?:that|this|it)(?:'s| is| was| helps).{0,30}))*$`,
    ),
  ],
  [
    'praise',
    new RegExp(
      `^(?:(?:that|this|it)(?:'s| is| was| looks) )?(?:so |very |really |pretty )?${good}(?: (?:job|work|one|answer|stuff|thing))?$|^(?:well done|i (?:like|love) (?:it|this|that|you))$`,
    ),
  ],
  ['goodbye', /^(?:good)?bye(?: bye)?$|^(?:see (?:you|ya)(?: later| soon)?|good night|cya|tschüss|adiós|au revoir)$/],
  ['wellbeing', /^(?:how are you(?: doing)?(?: today)?|how(?:'s| is) it going|how do you do|what(?:'s| is) up|sup)$/],
  [
    'identity',
    /^(?:(?:who|what|which model|what model) are you(?: exactly)?|are you (?:an? )?(?:human|bot|robot|person|machine|ai|chatgpt|gpt|claude|llm|real)\b.*|what(?:'s| is) your name|who (?:made|built|created|wrote) you|tell me about yourself|introduce yourself|do you (?:work|run) without (?:an )?ai)$/,
  ],
  [
    'insult',
    new RegExp(
      `^(?:you|u|this|that|it|parley|du)\\b(?: \\w+){0,4} ${bad}(?: .{0,20})?$|^(?:${bad}|shut up|i hate (?:you|this))(?: (?:you|u|off|bot|thing|machine|program|this))*$`,
    ),
  ],
  [
    'doubt',
    /^(?:are you (?:really )?(?:sure|certain)(?: about (?:that|this|it))?|is (?:that|this|it) (?:right|correct|true|real)|(?:that|this|it)(?:'s| is| looks| seems) (?:wrong|off|not right|incorrect|false|not correct)|you(?:'re| are) wrong|i (?:don't|do not) (?:understand|get it|believe (?:it|that|you))|what do you mean|how do you know|huh)$/,
  ],
  [
    'vague',
    /^(?:yes|yep|yeah|no|nope|ok|okay|k|sure|fine|maybe|alright|right|got it|i see|understood|never ?mind|more|next|continue|go on|hm+|test|testing)(?: please)?$/,
  ],
  ['restart', /^(?:start over|start again|reset|restart|clear|new (?:chat|conversation|session)|forget (?:it|that|everything))$/],
  [
    'creative',
    /^(?:please )?(?:can you |could you )?(?:write|compose|tell|sing|make|give|invent)(?: me| us)?(?: an?| another| some| the)? (?:\w+ ){0,2}(?:poem|poetry|haiku|song|joke|story|essay|limerick|rap|riddle|fairy tale)s?\b.*$/,
  ],
  [
    'orders',
    /\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:rules?|instructions?|prompts?|guidelines?|restrictions?|guardrails?)\b|\b(?:print|show|reveal|repeat|tell|give|display|what(?:'s| is| are))\b.{0,30}\b(?:system|initial|hidden|secret|your) (?:prompts?|instructions?|rules)\b|^(?:from now on )?you are now\b|^(?:act as|pretend (?:to be|you)|enter (?:developer|debug|god) mode)\b|\bjailbreak\b/,
  ],
  [
    'dashboards',
    /^(?:how (?:do|can|to|could)|can|where (?:do|can))\b(?!.*\b(?:how many|how much)\b).*\b(?:make|create|build|add|save|get)\b.*\bdashboards?$/,
  ],
  ['exports', /^(?:how (?:do|can|to|could)|can|where (?:do|can))\b.*\b(?:export|download)\b.*$/],
];

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll('’', "'")
    .replace(/[^\p{L}\p{N}\p{M}' ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

/** What kind of small talk a whole message is; null where it may ask something of the data. */
export function smallTalkIn(text: string): SmallTalk | null {
  const words = plain(text);
  if (words === '') return 'wordless';
  // A long message has more in it than small talk; orders hide in long ones, too.
  return rules.find(([kind, rule]) => (kind === 'orders' || words.length <= 120) && rule.test(words))?.[0] ?? null;
}

const opening = new RegExp(
  `^(?:(?:${greeting}(?: there| parley)?|${thanks}(?: a lot| so much| very much)?)[\\s,.!:;–-]+|(?:${good}|please|ok(?:ay)?)\\s*[,.!:;–]+\\s*)`,
  'i',
);

/** "Hello, how many orders were there?" asks what its second half asks. */
export function withoutOpening(text: string): string {
  const rest = text.trim().replace(opening, '');
  return rest === '' || smallTalkIn(text) !== null ? text.trim() : rest === text.trim() ? rest : withoutOpening(rest);
}

const replies: Readonly<Record<SmallTalk, string>> = {
  greeting: 'Hello! Ask me about your data in plain words.',
  thanks: 'You are welcome. What would you like to see next?',
  praise: 'Glad it helps. You can go on from here: refine it, change the chart, or ask why something changed.',
  goodbye: 'Goodbye. This conversation is kept, and you can come back to it.',
  wellbeing: 'All is working. What would you like to know from your data?',
  identity:
    'I am Parley, a program that answers questions about your data: I turn them into SQL, run it with your permissions, and show rows, charts and what stands out.',
  insult: 'Sorry that this was not helpful. Tell me in other words what you are looking for, or pick one of the questions below.',
  doubt:
    'Each answer shows its SQL and how your words were read, so it can be checked. Say what should be different (“only Europe”, “by order date”), or correct the statement as feedback.',
  vague: 'What would you like to know? Ask a question about your data, or pick one below.',
  restart:
    'Ask the next question as it is: it stands on its own. “Undo” takes back the last step, and a new conversation begins with nothing.',
  creative: 'I do not write texts: I answer questions about the connected data with numbers from it.',
  orders:
    'A message cannot change what I may do: your permissions decide what is read, and nothing else. If there is a question about the data in it, ask that alone.',
  wordless: 'I read words. Ask a question about your data, or pick one below.',
  dashboards:
    'An agent builds one: send it “create a dashboard with …” (`POST /api/v1/agents/process`), and it asks you before it saves. Or make one by hand (`POST /api/v1/bi/dashboards`).',
  exports:
    'Rows come with every answer. For files, put the query on a dashboard and export that (`GET /api/v1/bi/dashboards/:id/export`, as PDF, PNG, CSV, XLSX or JSON).',
};

export const replyTo = (kind: SmallTalk): string => replies[kind];
