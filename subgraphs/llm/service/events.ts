/** What this domain publishes through the outbox. */
export const llmEvents = {
  configChanged: 'llm.config.changed',
  budgetWarning: 'llm.budget.warning',
} as const;
