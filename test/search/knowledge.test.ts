import { once } from 'node:events';

import { strToU8, zipSync } from 'fflate';
import PDFDocument from 'pdfkit';

import { caller } from '../kit/caller';

import { openWorld, type World } from './world';

async function pdf(...pages: string[]): Promise<string> {
  const document = new PDFDocument();
  const pieces: Buffer[] = [];
  document.on('data', (piece: Buffer) => pieces.push(piece));
  pages.forEach((text, place) => (place ? document.addPage() : document).text(text));
  const ended = once(document, 'end');
  document.end();
  await ended;
  return Buffer.concat(pieces).toString('base64');
}

const types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;
const relations = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`;

function docx(body: string): Uint8Array {
  const document = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`;
  return zipSync({ '[Content_Types].xml': strToU8(types), '_rels/.rels': strToU8(relations), 'word/document.xml': strToU8(document) });
}
const paragraph = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

/** Every size that the directory of an archive states becomes this one. */
function stating(archive: Uint8Array, size: number): Buffer {
  const bytes = Buffer.from(archive);
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4)) bytes.writeUInt32LE(size, at + 24);
  return bytes;
}

describe('knowledge', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.close());

  it('cites Markdown by document, section and offset', async () => {
    const me = caller();
    const content = `# Returns\r\n\r\nGoods come back to the warehouse.\r\n\r\n## Deadlines\r\n\r\n  Money is refunded within fourteen days.\r\n`;
    const { id, partCount } = await world.add(me, { title: 'Policy', content, tags: ['legal'] });
    expect(partCount).toBe(2);
    const { results } = await world.search(me, { query: 'how long does a refund take', collections: ['knowledge'] });
    expect(results[0]).toMatchObject({
      kind: 'part',
      title: 'Policy › Returns › Deadlines',
      metadata: { documentId: id, document: 'Policy', section: 'Returns › Deadlines', tags: ['legal'] },
      entity: { __typename: 'KnowledgeDocument', id, title: 'Policy' },
    });
    expect(content.replaceAll('\r\n', '\n').slice(results[0].metadata.offset)).toMatch(/^Money is refunded/);
  });

  it('reads text, HTML, PDF and DOCX', async () => {
    const me = caller();
    await world.add(me, { filename: 'note.txt', contentBase64: Buffer.from('Zebras are counted on Mondays.').toString('base64') });
    await world.add(me, {
      title: 'Page',
      format: 'HTML',
      content: '<script>evil()</script><h2>Hats</h2><ul><li><p>Felt hats cost forty.</p></li></ul><div>Loose words about scarves.</div>',
    });
    await world.add(me, { filename: 'report.pdf', contentBase64: await pdf('Lobsters molt in spring.', 'Oysters filter water.') });
    const table = `<w:tbl><w:tr><w:tc>${paragraph('Violins are tuned in fifths.')}</w:tc></w:tr></w:tbl>`;
    await world.add(me, { filename: 'music.docx', contentBase64: Buffer.from(docx(paragraph('Instruments') + table)).toString('base64') });
    const first = async (query: string) => (await world.search(me, { query, mode: 'KEYWORD', collections: ['knowledge'] })).results[0];
    expect((await first('zebras')).title).toBe('note.txt');
    expect(await first('felt')).toMatchObject({ title: 'Page › Hats' });
    expect((await first('felt')).content.match(/Felt hats/g)).toHaveLength(1);
    expect((await first('scarves')).content).not.toContain('evil');
    expect(await first('oysters')).toMatchObject({ title: 'report.pdf › Page 2', metadata: { section: 'Page 2' } });
    expect((await first('violins')).content.match(/tuned/g)).toHaveLength(1);
  });

  it('refuses what it cannot read and says why, and stores none of it', async () => {
    const me = caller();
    const file = (filename: string, bytes: string | Uint8Array) => ({ filename, contentBase64: Buffer.from(bytes).toString('base64') });
    const refused: [Record<string, unknown>, string, RegExp][] = [
      [file('a.pdf', '%PDF-1.7\nbroken'), 'INVALID_REQUEST', /PDF document that can be read/],
      [{ filename: 'empty.pdf', contentBase64: await pdf('') }, 'INVALID_REQUEST', /no text/],
      [file('a.docx', 'not a zip'), 'INVALID_REQUEST', /DOCX document that can be read/],
      [file('a.docx', zipSync({ 'x.txt': strToU8('x') })), 'INVALID_REQUEST', /not a DOCX/],
      [file('bomb.docx', stating(docx(paragraph('x')), 0xf0000000)), 'INVALID_REQUEST', /unpacked it is larger/],
      [file('a.exe', 'x'), 'INVALID_REQUEST', /ending/],
      [file('a.txt', Uint8Array.of(0xff, 0xfe, 0xfd)), 'INVALID_REQUEST', /UTF-8/],
      [file('a.txt', ' \n\0 '), 'INVALID_REQUEST', /no text/],
      [file('a.txt', 'x'.repeat(1_000_001)), 'PAYLOAD_TOO_LARGE', /./],
      [file('a.pdf', Buffer.alloc(50 * 2 ** 20)), 'PAYLOAD_TOO_LARGE', /./],
      [{ title: 'T', content: 'x'.repeat(1_000_001) }, 'PAYLOAD_TOO_LARGE', /./],
      [{ title: 'T', content: '' }, 'INVALID_REQUEST', /no text/],
      [{ title: ' \0 ', content: 'words' }, 'INVALID_REQUEST', /title/],
      [{ content: 'words' }, 'INVALID_REQUEST', /title/],
      [{ title: 'T' }, 'INVALID_REQUEST', /either content or a file/],
    ];
    for (const [input, code, message] of refused) {
      const answer = await world.add(me, input);
      expect({ input: JSON.stringify(input).slice(0, 60), code: answer.code }).toMatchObject({ code });
      expect(answer.message).toMatch(message);
    }
    const { data } = await world.run(me, '{ knowledgeDocuments { nodes { id } } }');
    expect(data.knowledgeDocuments.nodes).toEqual([]);
  });

  it('takes no more of an archive than its directory states, whatever is really in it', async () => {
    const me = caller();
    const liar = stating(docx(paragraph('much '.repeat(200_000))), 100);
    expect((await world.add(me, { filename: 'liar.docx', contentBase64: liar.toString('base64') })).code).toBe('INVALID_REQUEST');
  });

  it('forgets a removed document at once', async () => {
    const me = caller();
    const { id } = await world.add(me, { title: 'Gone', content: 'Pelicans nest in June.' });
    expect((await world.search(me, { query: 'pelicans' })).results).toHaveLength(1);
    await world.run(me, `mutation { removeKnowledge(input: { documentId: "${id}" }) { id } }`);
    expect((await world.search(me, { query: 'pelicans' })).results).toEqual([]);
    expect((await world.run(me, `{ knowledgeDocument(id: "${id}") { id } }`)).code).toBe('NOT_FOUND');
  });

  it('keeps identical documents of two tenants apart, and lets another tenant touch neither', async () => {
    const [ada, bob] = [caller(), caller()];
    const same = { title: 'Same', content: 'Identical sentence about walruses.' };
    const mine = await world.add(ada, same);
    const other = await world.add(bob, same);
    for (const filters of [
      {},
      { owner_id: other.id },
      { owner_id: [mine.id, other.id, "' or '1'='1"] },
      { kind: "part' or tenant_id <> '" },
    ]) {
      const { results, code } = await world.search(ada, { query: 'identical walruses', filters });
      expect(code).toBeUndefined();
      expect(results.every(({ metadata }) => metadata.documentId === mine.id)).toBe(true);
    }
    expect((await world.run(ada, `mutation { removeKnowledge(input: { documentId: "${other.id}" }) { id } }`)).code).toBe('NOT_FOUND');
    expect((await world.search(bob, { query: 'walruses' })).results).toHaveLength(1);
  });

  it('lets a viewer search but not teach', async () => {
    const viewer = caller({ roles: ['viewer'] });
    expect((await world.add(viewer, { title: 'T', content: 'words' })).code).toBe('FORBIDDEN');
    expect((await world.search(viewer, { query: 'words' })).code).toBeUndefined();
  });
});
