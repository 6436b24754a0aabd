import type { Campaign, Trigger } from '../types';

/** The automations in the order a customer meets them. */
export const TRIGGERS: Trigger[] = ['welcome', 'one_stamp_left', 'reward_expiring', 'birthday', 'at_risk', 'feedback'];

/** One of each kind, in our order; what is of no kind we know is left out. */
export const inOrder = (items: Campaign[]): Campaign[] => TRIGGERS.flatMap((trigger) => items.find((one) => one.trigger === trigger) ?? []);

/** What a switch has to do: one that was on before goes on, one that never was is launched. */
export const turningOn = ({ status }: Pick<Campaign, 'status'>): 'launch' | 'resume' => (status === 'paused' ? 'resume' : 'launch');

export const isOn = ({ status }: Pick<Campaign, 'status'>): boolean => status === 'running' || status === 'scheduled';

/** Whether it knows what to say: without words nothing can be switched on. */
export const isWritten = ({ wordings }: Pick<Campaign, 'wordings'>): boolean => wordings.some(({ template }) => template !== '');
