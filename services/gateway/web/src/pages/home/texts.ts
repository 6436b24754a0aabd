import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

export const t = translator(
  shared,
  texts({
    title: { es: 'La tarjeta de sellos de tu negocio, en el celular de tus clientes', en: 'Your shop’s stamp card, on your customers’ phones' },
    how: {
      es: 'Tu cliente escanea un afiche y ya tiene su tarjeta. En la caja la escaneas y el sello queda puesto, una sola vez.',
      en: 'Your customer scans a poster and has her card. At the till you scan it and the stamp is there, once.',
    },
    begin: { es: 'Registrar mi negocio', en: 'Register my shop' },
    enter: { es: 'Ir al panel', en: 'My panel' },
    till: { es: 'Abrir la caja', en: 'The till' },
    tillHint: { es: 'La caja es para el celular con el que atiendes.', en: 'The till is for the phone you serve customers with.' },
    yours: { es: 'Las tarjetas de este celular', en: 'The cards on this phone' },
    shop: { es: 'Café Tostado', en: 'Café Tostado' },
    program: { es: 'Tarjeta de café', en: 'Coffee card' },
    snack: { es: 'Una galleta de avena', en: 'An oatmeal cookie' },
    coffee: { es: 'El siguiente café va por la casa', en: 'The next coffee is on the house' },
  }),
);
