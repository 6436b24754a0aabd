import { readMoney } from '../../program/draft';

export type BudgetFault = 'moneyWrong' | 'overLimit';

/** What was typed for a budget, in céntimos, or what is wrong with it. */
export function readBudget(typed: string, limitCents: number): { cents: number } | { fault: BudgetFault } {
  const cents = readMoney(typed);
  if (cents === undefined) return { fault: 'moneyWrong' };
  return cents > limitCents ? { fault: 'overLimit' } : { cents };
}
