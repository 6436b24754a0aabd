import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

const own = texts({
  business: { es: 'Tu negocio', en: 'Your business' },
  name: { es: 'Nombre', en: 'Name' },
  slug: { es: 'Dirección para unirse', en: 'Address to join' },
  slugHint: { es: 'Letras minúsculas, números y guiones.', en: 'Lower-case letters, digits and dashes.' },
  slugWarn: { es: 'Si la cambias, los afiches ya impresos y los enlaces que mandaste dejan de servir. Tendrás que imprimir otros.', en: 'If you change it, posters already printed and links you sent stop working. You will have to print new ones.' },
  zone: { es: 'Zona horaria', en: 'Time zone' },
  zoneHint: { es: 'Dice cuándo empieza y termina tu día.', en: 'Says when your day begins and ends.' },
  language: { es: 'Idioma de tus clientes', en: 'Language of your customers' },
  es: { es: 'Español', en: 'Spanish' },
  en: { es: 'Inglés', en: 'English' },
  ruc: { es: 'RUC', en: 'RUC' },
  rucHint: { es: '11 números. Aparece en el texto de permisos.', en: '11 digits. It appears in the consent text.' },
  savedAll: { es: 'Guardado.', en: 'Saved.' },

  keys: { es: 'Llaves de API', en: 'API keys' },
  keysText: { es: 'Para que tu propio sistema ponga sellos. Si no tienes uno, no las necesitas.', en: 'So that your own system can stamp. If you have none, you do not need them.' },
  docs: { es: 'Leer cómo usarlas', en: 'Read how to use them' },
  keyName: { es: 'Para qué es', en: 'What it is for' },
  keySample: { es: 'Punto de venta', en: 'Point of sale' },
  keyMake: { es: 'Crear llave', en: 'Create a key' },
  keySecret: { es: 'Copia esta llave ahora: no se vuelve a mostrar.', en: 'Copy this key now: it is not shown again.' },
  keyUsed: { es: 'Se usó {ago}', en: 'Used {ago}' },
  keyUnused: { es: 'Todavía no se usa', en: 'Not used yet' },
  keyDelete: { es: 'Borrar', en: 'Delete' },
  keyDeleteTitle: { es: '¿Borrar la llave {name}?', en: 'Delete the key {name}?' },
  keyDeleteText: { es: 'El sistema que la usa dejará de funcionar al momento.', en: 'The system that uses it stops working at once.' },
  keyDeleted: { es: 'Llave borrada.', en: 'Key deleted.' },
  haveIt: { es: 'Ya la copié', en: 'I have copied it' },

  thisPanel: { es: 'Este panel', en: 'This panel' },
  theme: { es: 'Colores', en: 'Colours' },
  auto: { es: 'Como el aparato', en: 'As the device' },
  light: { es: 'Claro', en: 'Light' },
  dark: { es: 'Oscuro', en: 'Dark' },
  panelLang: { es: 'Idioma del panel', en: 'Language of the panel' },
  session: { es: 'Tu sesión', en: 'Your session' },
  sessionText: { es: 'Entraste como {name}, {email}.', en: 'You are signed in as {name}, {email}.' },
  sessionName: { es: 'Entraste como {name}.', en: 'You are signed in as {name}.' },
  ownerOnly: { es: 'Solo el dueño puede cambiar estos datos.', en: 'Only the owner can change this.' },
});

export const t = translator({ ...shared, ...common }, own);
