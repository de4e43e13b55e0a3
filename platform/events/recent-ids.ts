/** The last ids of a topic that publishers gave, to recognise a repeated publication. */
export class RecentIds {
  private readonly ids = new Set<string>();

  constructor(private readonly maximum = 1_000) {}

  /** False where the id was there. */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > this.maximum) this.ids.delete(this.ids.values().next().value!);
    return true;
  }
}
