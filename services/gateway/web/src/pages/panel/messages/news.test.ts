import { expect, test, vi } from 'vitest';

import { newsIn, onNews, tellNews } from './news';

const frame = (name: string, data: object) => ({ type: 'event' as const, cursor: 'aa-7', event: { id: 'e', name, recorded_at: '', customer: null, data } });

test('what concerns messages is told from the stream, and nothing else', () => {
  expect(newsIn(frame('inbound_message', { customer_id: 'c', meaning: 'other' }))).toEqual({ name: 'inbound_message', customer_id: 'c', meaning: 'other' });
  expect(newsIn(frame('stamp_added', { count: 1 }))).toBeUndefined();
  expect(newsIn({ type: 'problem' })).toBeUndefined();
});

test('a stream that begins has whoever listens ask anew, as one that missed something does', () => {
  expect(newsIn({ type: 'snapshot', cursor: 'aa-7', dashboard: null })).toEqual({ name: 'resync' });
  expect(newsIn({ type: 'resync' })).toEqual({ name: 'resync' });
});

test('whoever listens hears, until she stops', () => {
  const heard = vi.fn();
  const stop = onNews(heard);
  tellNews(frame('campaign_changed', { campaign_id: 'k' }));
  expect(heard).toHaveBeenCalledExactlyOnceWith({ name: 'campaign_changed', campaign_id: 'k' });
  stop();
  tellNews(frame('campaign_changed', { campaign_id: 'k' }));
  expect(heard).toHaveBeenCalledTimes(1);
});
