import type { Place } from '../types';

/** What to send for a location as it was typed: only what is new. An empty address takes the one there was away. */
export function changesOf(before: Place, name: string, address: string): { name?: string; address?: string } {
  const [newName, newAddress] = [name.trim(), address.trim()];
  return {
    ...(newName !== before.name && { name: newName }),
    ...(newAddress !== (before.address ?? '') && { address: newAddress }),
  };
}
