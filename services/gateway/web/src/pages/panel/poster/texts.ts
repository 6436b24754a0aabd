import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';
import { common } from '../texts';

const own = texts({
  intro: { es: 'Pégalo donde se espera el vuelto, a la altura de los ojos.', en: 'Put it where people wait for their change, at eye height.' },
  introTable: { es: 'Imprímelo, dóblalo por la mitad y déjalo en cada mesa.', en: 'Print it, fold it in half and leave one on each table.' },
  size: { es: 'Tamaño', en: 'Size' },
  a4: { es: 'Pared, A4', en: 'Wall, A4' },
  a6: { es: 'Mesa, A6', en: 'Table, A6' },
  preview: { es: 'Tu afiche, como se verá', en: 'Your poster, as it will look' },
  where: { es: 'Local', en: 'Location' },
  pdf: { es: 'Descargar PDF', en: 'Download PDF' },
  svg: { es: 'SVG para la imprenta', en: 'SVG for a printer’s shop' },
  png: { es: 'PNG para redes', en: 'PNG for social media' },
  link: { es: 'El enlace para unirse', en: 'The link to join' },
  linkText: { es: 'Es el mismo del afiche. Ponlo en tu perfil o mándalo por WhatsApp.', en: 'The same as on the poster. Put it in your profile or send it by WhatsApp.' },
  shareText: { es: 'Únete a la tarjeta de {name}: sin descargar nada.', en: 'Join the card of {name}: nothing to download.' },
  open: { es: 'Ver la página', en: 'See the page' },
  downloaded: { es: 'Tu afiche se descargó.', en: 'Your poster was downloaded.' },
  noProgram: { es: 'Primero haz tu tarjeta: el afiche dice qué regalas.', en: 'Make your card first: the poster says what you give.' },
  pausedProgram: { es: 'Tu tarjeta está en pausa, y nadie puede unirse: reanúdala para imprimir tu afiche.', en: 'Your card is paused, and nobody can join: resume it to print your poster.' },
  resume: { es: 'Ver mi tarjeta', en: 'See my card' },
  make: { es: 'Hacer mi tarjeta', en: 'Make my card' },
});

export const t = translator({ ...shared, ...common }, own);
