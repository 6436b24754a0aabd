import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

const own = texts({
  logo: { es: 'Tu logo', en: 'Your logo' },
  logoText: { es: 'Sale arriba de la tarjeta en Apple Wallet y Google Wallet. Sin logo, sale el nombre de tu negocio.', en: 'It stands at the top of the card in Apple Wallet and Google Wallet. Without one, the name of your business does.' },
  logoNew: { es: 'Primero empieza con esta tarjeta; después pones aquí tu logo.', en: 'Start with this card first; then put your logo here.' },
  choose: { es: 'Elegir imagen', en: 'Choose a picture' },
  change: { es: 'Cambiar imagen', en: 'Change the picture' },
  drop: { es: 'o suéltala aquí', en: 'or drop it here' },
  kinds: { es: 'PNG, JPEG o SVG, de 2 MB como máximo. Se guarda al momento.', en: 'PNG, JPEG or SVG, 2 MB at most. It is saved at once.' },
  sending: { es: 'Enviando: {percent}', en: 'Sending: {percent}' },
  reading: { es: 'Revisando la imagen', en: 'Looking at the picture' },
  removeLogo: { es: 'Quitar el logo', en: 'Remove the logo' },
  logoAlt: { es: 'El logo de {shop}', en: 'The logo of {shop}' },
  logoSaved: { es: 'Tu logo ya está en las tarjetas. En los celulares cambia en unos segundos.', en: 'Your logo is on the cards. Phones change within seconds.' },
  logoGone: { es: 'Logo quitado.', en: 'Logo removed.' },

  tooLarge: { es: 'La imagen pesa más de 2 MB. Guárdala más liviana y prueba de nuevo.', en: 'The picture is larger than 2 MB. Save a lighter one and try again.' },
  notAnImage: { es: 'Ese archivo no es PNG, JPEG ni SVG. Elige otro.', en: 'That file is neither PNG, JPEG nor SVG. Choose another.' },
  tooSmall: { es: 'La imagen es muy chica: se necesitan al menos 32 puntos por lado.', en: 'The picture is too small: it needs at least 32 dots a side.' },
  tooManyPixels: { es: 'La imagen es enorme: como máximo 4096 puntos por lado. Redúcela y prueba de nuevo.', en: 'The picture is huge: 4096 dots a side at most. Make it smaller and try again.' },
  animated: { es: 'La imagen se mueve. Elige una que esté quieta.', en: 'The picture moves. Choose one that is still.' },
  broken: { es: 'La imagen está dañada. Guárdala otra vez y prueba de nuevo.', en: 'The picture is damaged. Save it again and try once more.' },
  blank: { es: 'En la imagen no se ve nada. Elige otra.', en: 'Nothing can be seen in the picture. Choose another.' },
  scripted: { es: 'El SVG trae un programa adentro. Expórtalo de nuevo sin él, o usa un PNG.', en: 'The SVG holds a script. Export it again without one, or use a PNG.' },
  refersOutside: { es: 'El SVG usa otro archivo que no está en él. Expórtalo entero, o usa un PNG.', en: 'The SVG needs another file that is not in it. Export it whole, or use a PNG.' },
  hasText: { es: 'El SVG tiene letras sin convertir a trazos. Conviértelas, o usa un PNG.', en: 'The SVG has letters that are not outlines. Turn them into outlines, or use a PNG.' },
  hasPicture: { es: 'El SVG lleva una foto adentro. Usa esa foto, en PNG o JPEG.', en: 'The SVG holds a photograph. Use that photograph, as PNG or JPEG.' },
  tooComplex: { es: 'El SVG es muy complicado para un logo. Simplifícalo, o usa un PNG.', en: 'The SVG is too complicated for a logo. Simplify it, or use a PNG.' },
});

export const t = translator({ ...shared, ...common }, own);
