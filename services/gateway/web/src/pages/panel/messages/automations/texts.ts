import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../../texts';
import { messaging } from '../texts';

const own = texts({
  about: {
    es: 'Mensajes que salen solos cuando a un cliente le toca. Nadie recibe más de un mensaje por semana.',
    en: 'Messages that leave by themselves when it is a customer’s turn. Nobody gets more than one message a week.',
  },
  name_welcome: { es: 'Bienvenida', en: 'Welcome' },
  name_one_stamp_left: { es: 'Le falta un sello', en: 'One stamp to go' },
  name_reward_expiring: { es: 'Su premio está por vencer', en: 'Her reward is about to expire' },
  name_birthday: { es: 'Cumpleaños', en: 'Birthday' },
  name_at_risk: { es: 'Dejó de venir', en: 'Stopped coming' },
  name_feedback: { es: '¿Cómo te fue?', en: 'How was it?' },
  when_welcome: { es: 'Cuando alguien se une.', en: 'When somebody joins.' },
  when_one_stamp_left: { es: 'Cuando a alguien le falta un sello para su premio.', en: 'When somebody is one stamp from the reward.' },
  when_reward_expiring: { es: 'Unos días antes de que venza un premio sin canjear.', en: 'A few days before an unredeemed reward expires.' },
  when_birthday: { es: 'Cuando empieza el mes de su cumpleaños.', en: 'When the month of the birthday begins.' },
  when_at_risk: { es: 'Cuando alguien tarda en volver más de lo suyo.', en: 'When somebody takes longer to return than usual.' },
  when_feedback: { es: 'Al día siguiente de canjear un premio, o de su tercera visita.', en: 'The day after redeeming a reward, or after the third visit.' },
  on: { es: 'Encendido', en: 'On' },
  off: { es: 'Apagado', en: 'Off' },
  turnedOn: { es: '{name}: encendido.', en: '{name}: on.' },
  turnedOff: { es: '{name}: apagado. No sale nada más.', en: '{name}: off. Nothing more leaves.' },
  onTitle: { es: 'Encender: {name}', en: 'Turn on: {name}' },
  onText: { es: 'A quienes les toca hoy les escribe apenas lo enciendas; a los demás, cuando les toque.', en: 'Those whose turn it is today are written to as soon as you turn it on; the others when it is theirs.' },
  onNight: { es: 'Ahora es hora de descanso: empieza a salir a las {time}.', en: 'It is quiet time now: it begins to leave at {time}.' },
  turnOn: { es: 'Encender', en: 'Turn on' },
  turnOnFor: { es: 'Encender y escribir a {n}', en: 'Turn on and write to {n}' },
  onCost: { es: 'Hoy cuesta {soles} como máximo.', en: 'Today it costs {soles} at most.' },
  offTitle: { es: '¿Apagar «{name}»?', en: 'Turn off “{name}”?' },
  offText: {
    es: 'Lo que todavía no ha salido ya no sale. Si vuelves a encenderlo, se les escribe entonces a quienes todavía les toque.',
    en: 'What has not left yet leaves no more. When you turn it on again, whoever is still due is written to then.',
  },
  turnOff: { es: 'Apagar', en: 'Turn off' },
  offKeep: { es: 'No, dejarlo', en: 'No, keep it on' },
  unwritten: { es: 'Todavía no dice nada. Escríbelo y enciéndelo.', en: 'It says nothing yet. Write it and turn it on.' },
  write: { es: 'Escribir', en: 'Write' },
  writeOf: { es: 'Escribir: {name}', en: 'Write: {name}' },
  changeOf: { es: 'Cambiar lo que dice: {name}', en: 'Change what it says: {name}' },
  changeWords: { es: 'Cambiar lo que dice', en: 'Change what it says' },
  offFirst: { es: 'Para cambiar lo que dice, primero apágalo.', en: 'To change what it says, turn it off first.' },
  progress: { es: { one: 'Va {n} mensaje', other: 'Van {n} mensajes' }, en: { one: '{n} message so far', other: '{n} messages so far' } },
  spent: { es: '{soles} en total', en: '{soles} in all' },
  seeAll: { es: 'Ver resultados', en: 'See results' },
  seeAllOf: { es: 'Ver resultados: {name}', en: 'See results: {name}' },
  wordingsTitle: { es: 'Qué dice: {name}', en: 'What it says: {name}' },
  savedWords: { es: 'Guardado. Enciéndelo cuando quieras.', en: 'Saved. Turn it on when you like.' },
  nobodyYet: { es: 'Todavía no hay mensajes automáticos.', en: 'There are no automations yet.' },
});

export const t = translator({ ...shared, ...common, ...messaging }, own);
