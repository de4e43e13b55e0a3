import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { appendToOutbox } from '#platform/events';
import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';

import type { DocumentStore, ListedDocument } from '../store/document.store';
import type { SearchTables } from '../store/rows';

import { searchEvents } from './events';
import type { Generations } from './generations';
import type { SearchIndex } from './index/index';
import { documentFormats, extract, formatOf } from './knowledge/extract';
import { policy } from './policy';

/** A document without its text. */
export type DocumentView = ListedDocument;

export interface KnowledgeParts {
  readonly db: Database<SearchTables>;
  readonly documents: DocumentStore;
  readonly index: SearchIndex;
  readonly generations: Generations;
  /** Largest file. */
  readonly maxBytes: number;
  /** Largest text after extraction. @default 10_000_000 characters */
  readonly maxCharacters?: number;
}

/** One line: control characters become spaces. */
const plain = z.string().transform((text) => text.replace(/[\u0000-\u001f\u007f]/g, ' ').trim());

const rules = z.object({
  title: plain.pipe(z.string().min(1).max(300)).nullish(),
  content: z.string().nullish(),
  format: z.enum(documentFormats).nullish(),
  filename: z.string().min(1).max(255).nullish(),
  contentBase64: z.string().nullish(),
  tags: z
    .array(plain.pipe(z.string().min(1).max(60)))
    .max(30)
    .nullish(),
});

/** Documents of a tenant: text, Markdown, HTML, PDF, DOCX. Stored at once; searchable a moment later. */
export class KnowledgeService {
  constructor(private readonly parts: KnowledgeParts) {}

  async add(caller: Caller, input: unknown): Promise<ListedDocument> {
    policy.require(caller, 'knowledge:write');
    const wanted = readInput(rules, input);
    const { text: extracted, format, title } = await this.textOf(wanted);
    // One kind of line end, and without the one character that PostgreSQL text does not hold: offsets count in what is stored.
    const text = extracted.replace(/\r\n?/g, '\n').replaceAll('\0', '');
    const { maxCharacters = 10_000_000 } = this.parts;
    if (text.trim() === '') throw errors.INVALID_REQUEST({ what: 'the document', hint: 'it holds no text' });
    if (text.length > maxCharacters) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: maxCharacters });
    const id = newId('doc');
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.documents.insert(tx, {
        tenant_id: caller.tenantId,
        id,
        title,
        format,
        content: text,
        content_hash: createHash('sha256').update(text).digest('hex'),
        tags: wanted.tags ?? [],
        status: 'indexing',
        problem: null,
        created_by: caller.userId,
        indexed_at: null,
      });
      await appendToOutbox(tx, {
        tenantId: caller.tenantId,
        topic: `document:${id}`,
        type: searchEvents.documentChanged,
        data: { documentId: id },
      });
      return row;
    });
  }

  async find(caller: Caller, id: string): Promise<ListedDocument> {
    policy.require(caller, 'knowledge:read');
    const [found] = await this.findMany(caller, [id]);
    if (!found) throw errors.NOT_FOUND({ kind: 'document' });
    return found;
  }

  /** In the order of the ids, null where there is none. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<(ListedDocument | null)[]> {
    policy.require(caller, 'knowledge:read');
    const found = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.documents.findMany(tx, caller.tenantId, ids));
    const byId = new Map(found.map((document) => [document.id, document]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** Which of these documents are (still) there for the caller. */
  async existing(caller: Caller, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set((await this.findMany(caller, ids)).flatMap((document) => (document ? [document.id] : [])));
  }

  async list(caller: Caller, args: PageArgs): Promise<Connection<ListedDocument>> {
    policy.require(caller, 'knowledge:read');
    const scope = `search_documents:${caller.tenantId}`;
    const page = readPage(args, scope);
    const items = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.documents.list(tx, caller.tenantId, page));
    return toConnection({ items, page, scope, keyOf: ({ created_at, id }) => [created_at.toISOString(), id] });
  }

  /** Gone from results when this returns. The event repeats the removal should this process end between the row and the index. */
  async remove(caller: Caller, id: string): Promise<ListedDocument> {
    policy.require(caller, 'knowledge:write');
    const removed = await this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.documents.delete(tx, caller.tenantId, id);
      if (row)
        await appendToOutbox(tx, {
          tenantId: caller.tenantId,
          topic: `document:${id}`,
          type: searchEvents.documentRemoved,
          data: { documentId: id },
        });
      return row;
    });
    if (!removed) throw errors.NOT_FOUND({ kind: 'document' });
    const { tenantId } = caller;
    for (const generation of await this.parts.generations.forWriting(tenantId))
      await this.parts.index.removeOwner({ tenantId, collection: 'knowledge', generation }, id);
    return removed;
  }

  private async textOf({
    title,
    content,
    format,
    filename,
    contentBase64,
  }: z.infer<typeof rules>): Promise<{ text: string; format: string; title: string }> {
    if ((content == null) === (contentBase64 == null))
      throw errors.INVALID_REQUEST({ what: 'the request', hint: 'give either content or a file' });
    if (content != null) {
      if (!title) throw errors.INVALID_REQUEST({ what: 'title', hint: 'give the text a title' }, { field: 'title' });
      if (Buffer.byteLength(content) > this.parts.maxBytes) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: this.parts.maxBytes });
      const kind = format ?? 'markdown';
      if (kind === 'pdf' || kind === 'docx')
        throw errors.INVALID_REQUEST({ what: 'format', hint: 'send PDF and DOCX as files' }, { field: 'format' });
      return { text: await extract(Buffer.from(content), kind), format: kind, title };
    }
    if (!filename) throw errors.INVALID_REQUEST({ what: 'filename', hint: 'its ending says what the file is' }, { field: 'filename' });
    const bytes = Buffer.from(contentBase64!, 'base64');
    if (bytes.length > this.parts.maxBytes) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: this.parts.maxBytes });
    const kind = format ?? formatOf(filename);
    return { text: await extract(bytes, kind), format: kind, title: title ?? (plain.parse(filename) || 'Document') };
  }
}
