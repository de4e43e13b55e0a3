/** Keeps rows until one of the caps is reached; the row that would pass it is left out. */
export class RowCollector {
  readonly rows: unknown[][] = [];
  truncated = false;
  private bytes = 0;

  constructor(
    private readonly maxRows: number,
    private readonly maxBytes: number,
  ) {}

  /** False once no more rows are wanted. */
  add(row: unknown[]): boolean {
    if (this.truncated) return false;
    this.bytes += Buffer.byteLength(JSON.stringify(row));
    if (this.rows.length < this.maxRows && this.bytes <= this.maxBytes) {
      this.rows.push(row);
      return true;
    }
    this.truncated = true;
    return false;
  }
}
