import { type ApiProblem, request } from '$lib/api';
import { type KeptCard, keepCard, keptCard, keptCards } from '$lib/keptcards';
import { isNetwork } from '$lib/problem';
import type { Address } from './address';

/** Why no card can be shown. */
export type Lost = 'none' | 'elsewhere' | 'refused' | 'spent' | 'cut';

export type Opening =
  | {
      card: KeptCard;
      /** A link's token, while another that this phone held still stands: it counts once the server takes it. */
      trial?: string;
      /** The link was spent, but the card was here already. */
      spent?: boolean;
      /** False: this browser keeps nothing. */
      kept: boolean;
    }
  | { lost: Lost; problem?: ApiProblem };

/** Finds the card an address means, and cleans the address: its secret goes into storage and out of the history. */
export async function open(address: Address): Promise<Opening> {
  if (address.link) return useLink(address.link, address.card);
  const here = address.card ? keptCard(address.card) : keptCards()[0];
  if (address.card && address.token) return take(address.card, address.token, here);
  if (!here) return { lost: address.card ? 'elsewhere' : 'none' };
  clean(here.id);
  return { card: here, kept: true };
}

function take(id: string, token: string, here?: KeptCard): Opening {
  if (here && here.token !== token) {
    clean(id);
    return { card: here, trial: token, kept: true };
  }
  const kept = keepCard({ id, token });
  // Where nothing can be kept, the address is the only place left for the token.
  if (kept) clean(id);
  return { card: keptCard(id) ?? { id, token, shop: '', slug: '', openedAt: 0 }, kept };
}

async function useLink(link: string, id?: string): Promise<Opening> {
  const result = await request<{ card_id: string; holder_token: string }>('POST', '/api/v1/cards/link', { body: { link_token: link } });
  if (result.ok) {
    const { card_id, holder_token } = result.value;
    const kept = keepCard({ id: card_id, token: holder_token });
    if (kept) clean(card_id);
    // A link works once: the address must not try it again.
    else history.replaceState(null, '', `/t/${card_id}#${holder_token}`);
    return { card: keptCard(card_id) ?? { id: card_id, token: holder_token, shop: '', slug: '', openedAt: 0 }, kept };
  }
  const { problem } = result;
  if (isNetwork(problem) || problem.status >= 500 || problem.status === 429) return { lost: 'cut', problem };
  const here = id ? keptCard(id) : undefined;
  if (!here) return { lost: 'spent', problem };
  clean(here.id);
  return { card: here, spent: true, kept: true };
}

const clean = (id: string) => history.replaceState(null, '', `/t/${id}${location.search}`);
