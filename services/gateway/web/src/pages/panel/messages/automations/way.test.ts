import { expect, test } from 'vitest';

import { changeOf, offered } from './way';

const automation = { channel_policy: 'whatsapp' as const, wallet_days: 3, holdout_percent: 10, launched_at: null };

test('what never went is offered the way that costs least, and what went goes as it did', () => {
  expect(offered(automation)).toEqual({ policy: 'wallet_first', walletDays: 3, holdout: true, percent: 10 });
  expect(offered({ ...automation, launched_at: '2026-11-01T15:00:00Z' }).policy).toBe('whatsapp');
  expect(offered({ ...automation, channel_policy: 'wallet', launched_at: '2026-11-01T15:00:00Z' }).policy).toBe('wallet');
});

test('only what was chosen otherwise is changed', () => {
  const way = offered({ ...automation, launched_at: '2026-11-01T15:00:00Z' });
  expect(changeOf(automation, way)).toBeUndefined();
  expect(changeOf(automation, { ...way, policy: 'wallet_first', walletDays: 5 })).toEqual({ channel_policy: 'wallet_first', wallet_days: 5, holdout_percent: 10 });
  expect(changeOf(automation, { ...way, holdout: false })).toEqual({ channel_policy: 'whatsapp', wallet_days: 3, holdout_percent: 0 });
});

test('a share that somebody else chose stays, unless nobody is held back any more', () => {
  const quarter = { ...automation, holdout_percent: 25 };
  expect(changeOf(quarter, { ...offered(quarter), policy: 'whatsapp' })).toBeUndefined();
  expect(changeOf(quarter, { ...offered(quarter), policy: 'whatsapp', holdout: false })?.holdout_percent).toBe(0);
});
