const maxLength = 500;

/** An engine's message as a caller may read it: no path, no advice about server settings, one paragraph. */
export function cleanMessage(message: string, file?: string): string {
  let text = file === undefined ? message : message.replaceAll(file, 'the source');
  text = text
    .replace(/(?:["'`]?)(?:[A-Za-z]:)?(?:\/[\w.@+-]+){2,}\/?(?:["'`]?)/g, 'a file')
    .replace(/\n+\s*(?:Possible solutions|Hint: use|Candidate functions)[\s\S]*$/i, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[.\s]+$/, '')
    .trim();
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
