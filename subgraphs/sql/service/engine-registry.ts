import { createSemanticEngine, type SemanticEngine } from './engine';
import type { ReadySource } from './sources/ready-source';

/** Engines are built once per source, data and model, and kept while they are used: building one indexes every name and value. */
export class EngineRegistry {
  private readonly engines = new Map<string, SemanticEngine>();

  /** @param capacity engines kept. @default 50 */
  constructor(private readonly capacity = 50) {}

  for(source: ReadySource): SemanticEngine {
    const key = `${source.tenantId ?? ''}/${source.id}/${source.dataVersion}/${source.refreshedAt.getTime()}`;
    const known = this.engines.get(key);
    if (known) {
      // Last in the map is the most recently used.
      this.engines.delete(key);
      this.engines.set(key, known);
      return known;
    }
    const made = createSemanticEngine(source.catalog, source.model);
    this.engines.set(key, made);
    if (this.engines.size > this.capacity) this.engines.delete(this.engines.keys().next().value!);
    return made;
  }
}
