import { expect, test } from 'vitest';

import { readBudget } from './budget';

test('a budget is an amount within what the operator allowed, and may be nothing', () => {
  expect(readBudget('20,50', 5_000)).toEqual({ cents: 2050 });
  expect(readBudget('0', 5_000)).toEqual({ cents: 0 });
  expect(readBudget('S/ 50', 5_000)).toEqual({ cents: 5_000 });
  expect(readBudget('50.01', 5_000)).toEqual({ fault: 'overLimit' });
  expect(readBudget('', 5_000)).toEqual({ fault: 'moneyWrong' });
  expect(readBudget('-3', 5_000)).toEqual({ fault: 'moneyWrong' });
});
