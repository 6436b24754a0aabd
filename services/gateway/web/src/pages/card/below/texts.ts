import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

const own = texts({
  history: { es: 'Lo que pasó', en: 'What happened' },
  historyEmpty: { es: 'Aquí verás tus sellos y tus premios.', en: 'Your stamps and rewards will show here.' },
  historyAll: { es: 'Ver todo', en: 'See all' },
  earned: { es: { one: '{n} sello', other: '{n} sellos' }, en: { one: '{n} stamp', other: '{n} stamps' } },
  given: { es: { one: '{n} sello de regalo', other: '{n} sellos de regalo' }, en: { one: '{n} stamp as a present', other: '{n} stamps as a present' } },
  welcomed: { es: { one: '{n} sello de bienvenida', other: '{n} sellos de bienvenida' }, en: { one: '{n} welcome stamp', other: '{n} welcome stamps' } },
  referred: { es: { one: '{n} sello por una invitación', other: '{n} sellos por invitaciones' }, en: { one: '{n} stamp for an invitation', other: '{n} stamps for invitations' } },
  carried: { es: { one: '{n} sello de tu tarjeta anterior', other: '{n} sellos de tu tarjeta anterior' }, en: { one: '{n} stamp from your earlier card', other: '{n} stamps from your earlier card' } },
  takenBack: { es: { one: 'Se anuló {n} sello', other: 'Se anularon {n} sellos' }, en: { one: '{n} stamp was undone', other: '{n} stamps were undone' } },
  undone: { es: 'anulado', en: 'undone' },
  bought: { es: 'por una compra de {amount}', en: 'for a purchase of {amount}' },
  unlocked: { es: 'Ganaste: {title}', en: 'You won: {title}' },
  redeemed: { es: 'Canjeaste: {title}', en: 'You claimed: {title}' },
  lapsed: { es: 'Venció: {title}', en: 'Expired: {title}' },

  invite: { es: 'Invita a alguien', en: 'Invite someone' },
  inviteHow: { es: 'Cuando reciba su primer sello, los dos ganan uno más.', en: 'When they get their first stamp, you both get one more.' },
  inviteSend: { es: 'Enviar invitación', en: 'Send an invitation' },
  inviteText: { es: 'Ten tu tarjeta de sellos de {shop}: con tu primer sello, los dos ganamos uno más.', en: 'Get your {shop} stamp card: with your first stamp we both get one more.' },

  notify: { es: 'Avísame aquí', en: 'Notify me here' },
  keep: { es: 'Guardar en la pantalla de inicio', en: 'Keep on the home screen' },
  data: { es: 'Mis datos', en: 'My data' },
  rotate: { es: 'Cambiar mi código', en: 'Change my code' },
  sheetFailed: { es: 'No se pudo abrir. Prueba de nuevo cuando haya internet.', en: 'It could not be opened. Try again when there is internet.' },
});

/** What is said below the card, which travels apart from it. */
export const t = translator(shared, own);
