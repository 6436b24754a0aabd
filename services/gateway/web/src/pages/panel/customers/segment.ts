/** Which customers the list shows, by the API's own names; `undefined` is all of them. */
export const SEGMENTS = ['active', 'at_risk', 'lost', 'reward_open', 'new'] as const;

export type Segment = (typeof SEGMENTS)[number];

/** The one an address asks for; what nobody knows shows all. */
export const segmentIn = (query: URLSearchParams): Segment | undefined => SEGMENTS.find((one) => one === query.get('segment'));

/** The address of the list as it is searched and filtered, so that Back, a reload and a shared link find it so. */
export function listAddress(search: string, segment?: Segment): string {
  const query = new URLSearchParams({ ...(search && { q: search }), ...(segment && { segment }) }).toString();
  return query ? `/panel/clientes?${query}` : '/panel/clientes';
}
