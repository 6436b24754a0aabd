/** The addresses of the room of messages. */

const HOME = '/panel/mensajes';

export const addresses = {
  campaigns: HOME,
  automations: `${HOME}/automatizaciones`,
  inbox: `${HOME}/bandeja`,
  failed: `${HOME}/no-llegaron`,
  limits: `${HOME}/limites`,
  fresh: `${HOME}/nueva`,
} as const;

export const campaignAddress = (id: string): string => `${HOME}/${id}`;
export const editAddress = (id: string): string => `${HOME}/${id}/cambiar`;
export const threadAddress = (id: string): string => `${addresses.inbox}/${id}`;

/** A new campaign that begins with one of the audiences that are kept ready. */
export const presetAddress = (preset: string): string => `${addresses.fresh}?para=${preset}`;
