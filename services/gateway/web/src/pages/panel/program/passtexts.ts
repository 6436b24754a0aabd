import { texts, translator } from '$lib/i18n';
import { shared } from '$lib/texts';

/** What stands on the drawn passes, in the words of the real ones. */
export const t = translator(
  shared,
  texts({
    passes: { es: 'En el celular de tus clientes', en: 'On your customers’ phones' },
    passesText: { es: 'Así se ve la tarjeta en la billetera del celular. Cambia con cada sello.', en: 'This is the card in the phone’s wallet. It changes with every stamp.' },
    onApple: { es: 'Apple Wallet, en iPhone', en: 'Apple Wallet, on an iPhone' },
    onGoogle: { es: 'Google Wallet, en Android', en: 'Google Wallet, on Android' },
    stamps: { es: 'Sellos', en: 'Stamps' },
    missing: { es: { one: 'Te falta {n}', other: 'Te faltan {n}' }, en: { one: '{n} to go', other: '{n} to go' } },
    nextReward: { es: 'Próximo premio', en: 'Next reward' },
    rewardSample: { es: 'El siguiente café va por la casa', en: 'The next coffee is on the house' },
    said: { es: '{stamps} de {total} sellos, y el código que se muestra en la caja', en: '{stamps} of {total} stamps, and the code that is shown at the till' },
  }),
);
