const scripts: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Arabic}/u, 'ar'],
];

/** Words of each language that its questions are made with, and that English ones are not. */
const functionWords: Readonly<Record<string, string>> = {
  de: 'wie viele viel hoch war waren der das den dem ist sind im letzten letzter letztes monat jahr woche nach pro und oder für mit von haben hat wir uns unsere welche welcher welches zeige zeig mir bitte gibt es ein eine einen alle nicht warum wer wo wann umsatz kunden bist du',
  fr: "quel quelle quels quelles est sont le les des du de la combien par mois année semaine nous avons avez pourquoi où quand qui et ou pour avec dernier dernière montre moi s'il vous plaît clients chiffre affaires d'affaires une",
  es: 'cuál cual cuáles cuánto cuánta cuántos cuantos cuántas cuantas es son el los las hay por mes año semana en nuestro nuestros clientes ventas qué quién dónde cuándo y para con último última muestra muéstrame dame del una',
  it: 'quanto quanti quante quali qual è sono il gli per mese anno settimana nel della dei clienti vendite perché chi dove quando mostra mostrami ultimo ultima una',
  pt: 'qual quais quanto quantos quantas é são os por mês ano semana no na nos clientes vendas porquê quem onde quando mostre último última uma receita',
};
const lists = Object.entries(functionWords).map(([language, words]) => [language, new Set(words.split(' '))] as const);
const english = new Set(
  'the of by in for how many much what which who when where is are was were and or with from show me per each to last this month year week a an'.split(
    ' ',
  ),
);

/** The language of a text that is not English, as an ISO 639-1 code; null for English and where there is too little to tell. */
export function foreignLanguageOf(text: string): string | null {
  const script = scripts.find(([letters]) => letters.test(text))?.[1];
  if (script) return script;
  const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? [];
  const inEnglish = words.filter((word) => english.has(word)).length;
  const [best] = lists
    .map(([language, list]) => [language, words.filter((word) => list.has(word)).length] as const)
    .sort((a, b) => b[1] - a[1]);
  return best && best[1] > inEnglish && best[1] / words.length >= 0.2 ? best[0] : null;
}

const sentences: Readonly<Record<string, string>> = {
  de: 'Fragen verstehe ich bisher nur auf Englisch.',
  fr: 'Pour l’instant, je ne comprends que les questions en anglais.',
  es: 'Por ahora solo entiendo preguntas en inglés.',
  it: 'Per ora capisco solo domande in inglese.',
  pt: 'Por enquanto só entendo perguntas em inglês.',
  zh: '目前我只能理解英文问题。',
  ja: '今のところ、英語の質問だけを理解できます。',
  ko: '지금은 영어 질문만 이해할 수 있습니다.',
  ru: 'Пока я понимаю вопросы только на английском.',
  ar: 'أفهم الأسئلة باللغة الإنجليزية فقط حتى الآن.',
};

/** Which language is understood, first in the person's own. */
export const languageReply = (language: string): string =>
  `${sentences[language] ?? ''}\nQuestions are understood in English; other languages need a language model, and none has answered here. Please ask again in English, for example with one of the questions below.`.trim();
