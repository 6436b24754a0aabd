import { expect, test } from 'vitest';

import type { WalletState } from '../types';
import { reasonText, standingOf } from './reasons';

const NOW = Date.parse('2026-11-23T15:00:00Z');
const apple = (more: Partial<WalletState> = {}): WalletState => ({ wallet: 'apple', on: true, stopped: null, is_development: false, good_until: '2027-11-23T00:00:00Z', ...more });

test('the reasons of both makers are told in the same few sentences', () => {
  expect(reasonText('apple', 'unreachable')).toBe('Apple Wallet no respondía.');
  expect(reasonText('apple', '503')).toBe(reasonText('apple', 'Shutdown'));
  expect(reasonText('google', 'timeout')).toBe('Google Wallet tardó demasiado en responder.');
  expect(reasonText('apple', 'certificate')).toBe(reasonText('apple', 'BadCertificateEnvironment'));
  expect(reasonText('google', 'credentials')).toContain('no acepta el permiso de la plataforma');
});

test('a reason that nobody foresaw is still told, with its own word', () => {
  expect(reasonText('apple', 'BadTopic')).toBe('Apple Wallet rechazó el cambio (BadTopic).');
  expect(reasonText('google', null)).toBe('Está por salir hacia Google Wallet.');
});

test('a wallet stands as its worst trouble says', () => {
  expect(standingOf(apple({ on: false, stopped: 'BadCertificate' }), NOW)).toBe('off');
  expect(standingOf(apple({ stopped: 'BadCertificate', is_development: true }), NOW)).toBe('stopped');
  expect(standingOf(apple({ good_until: '2026-11-01T00:00:00Z' }), NOW)).toBe('stopped');
  expect(standingOf(apple({ is_development: true }), NOW)).toBe('trial');
  expect(standingOf(apple({ good_until: '2026-12-10T00:00:00Z' }), NOW)).toBe('ending');
  expect(standingOf(apple(), NOW)).toBe('well');
  expect(standingOf(apple({ good_until: null }), NOW)).toBe('well');
});

test('notices in browsers fail in the same words, under a name of their own', () => {
  expect(reasonText('web', 'unreachable')).toBe('Notificación web no respondía.');
  expect(reasonText('web', 'credentials')).toContain('no acepta el permiso de la plataforma');
  expect(standingOf({ wallet: 'web', on: true, stopped: null, is_development: false, good_until: null }, NOW)).toBe('well');
});
