/**
 * Retries as a share of requests: each request earns a tenth of a retry. When a subgraph fails altogether, retries add a tenth to
 * its load instead of tripling it.
 */
export class RetryBudget {
  private tokens: number;

  constructor(
    private readonly share = 0.1,
    private readonly max = 10,
  ) {
    this.tokens = max;
  }

  earn(): void {
    this.tokens = Math.min(this.max, this.tokens + this.share);
  }

  spend(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
