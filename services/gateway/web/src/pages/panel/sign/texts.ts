import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

const own = texts({
  enterTitle: { es: 'Entra a tu negocio', en: 'Sign in to your business' },
  enter: { es: 'Entrar', en: 'Sign in' },
  email: { es: 'Correo', en: 'E-mail' },
  password: { es: 'Contraseña', en: 'Password' },
  show: { es: 'Ver', en: 'Show' },
  hide: { es: 'Tapar', en: 'Hide' },
  forgot: { es: 'Olvidé mi contraseña', en: 'I forgot my password' },
  newHere: { es: '¿Aún no tienes Sello?', en: 'New to Sello?' },
  create: { es: 'Crear mi negocio', en: 'Create my business' },
  wrong: { es: 'El correo o la contraseña no son correctos. Revísalos y prueba de nuevo.', en: 'The e-mail or the password is wrong. Check them and try again.' },
  createTitle: { es: 'Tu tarjeta de sellos, en dos minutos', en: 'Your stamp card, in two minutes' },
  createText: {
    es: 'Tus clientes la llevan en su celular. No necesitan descargar nada.',
    en: 'Your customers carry it on their phone. They download nothing.',
  },
  businessName: { es: 'Nombre de tu negocio', en: 'Name of your business' },
  businessHint: { es: 'Como lo conocen tus clientes.', en: 'As your customers know it.' },
  yourName: { es: 'Tu nombre', en: 'Your name' },
  passwordHint: { es: '10 letras o números, o más. Una frase tuya sirve.', en: '10 characters or more. A phrase of yours will do.' },
  passwordLeft: { es: { one: 'Falta {n} más.', other: 'Faltan {n} más.' }, en: { one: '{n} more to go.', other: '{n} more to go.' } },
  have: { es: 'Ya tengo cuenta', en: 'I have an account' },
  yourShop: { es: 'Tu negocio', en: 'Your shop' },
  sampleProgram: { es: 'Tarjeta de café', en: 'Coffee card' },
  sampleReward: { es: 'El siguiente va por la casa', en: 'The next one is on the house' },
  recoverTitle: { es: 'Recupera tu cuenta', en: 'Recover your account' },
  recoverText: {
    es: 'Usa uno de los 8 códigos que guardaste al crear tu negocio. Cada uno sirve una vez.',
    en: 'Use one of the 8 codes you kept when you created your business. Each works once.',
  },
  code: { es: 'Código de recuperación', en: 'Recovery code' },
  newPassword: { es: 'Contraseña nueva', en: 'New password' },
  recover: { es: 'Cambiar mi contraseña', en: 'Change my password' },
  recovered: {
    es: 'Listo. Si el correo y el código eran correctos, ya puedes entrar con tu contraseña nueva.',
    en: 'Done. If the e-mail and the code were right, you can now sign in with your new password.',
  },
  noCodes: {
    es: '¿Sin códigos? Quien instaló Sello para ti puede darte una contraseña nueva.',
    en: 'No codes? Whoever set up Sello for you can give you a new password.',
  },
  codesTitle: { es: 'Guarda estos 8 códigos', en: 'Keep these 8 codes' },
  codesText: {
    es: 'Si olvidas tu contraseña, uno de estos códigos te deja entrar. Se muestran solo ahora: imprímelos o cópialos en un lugar seguro.',
    en: 'If you forget your password, one of these lets you in. They are shown only now: print them or copy them somewhere safe.',
  },
  codesFor: { es: 'Códigos de recuperación de {name}', en: 'Recovery codes of {name}' },
  copyAll: { es: 'Copiar los 8', en: 'Copy all 8' },
  print: { es: 'Imprimir', en: 'Print' },
  haveThem: { es: 'Ya los guardé.', en: 'I have kept them.' },
  goOn: { es: 'Continuar', en: 'Continue' },
});

export const t = translator({ ...shared, ...common }, own);
