import { lang, texts, translator } from '$lib/i18n';

/** What owners and managers do, by the words of the audit log. */
const actions = texts({
  business_created: { es: 'creó el negocio', en: 'created the business' },
  business_updated: { es: 'cambió los datos del negocio', en: 'changed the business’s data' },
  location_created: { es: 'agregó un local', en: 'added a location' },
  location_updated: { es: 'cambió un local', en: 'changed a location' },
  member_created: { es: 'agregó a una persona', en: 'added a person' },
  member_updated: { es: 'cambió a una persona', en: 'changed a person' },
  member_deleted: { es: 'quitó a una persona', en: 'removed a person' },
  pairing_created: { es: 'pidió un código para una caja', en: 'asked for a till code' },
  device_paired: { es: 'vinculó una caja', en: 'paired a till' },
  device_unpaired: { es: 'desvinculó una caja', en: 'unpaired a till' },
  device_unpaired_after_wrong_pins: { es: 'desvinculó una caja por muchos PIN errados', en: 'unpaired a till after many wrong PINs' },
  api_key_created: { es: 'creó una llave de API', en: 'created an API key' },
  api_key_deleted: { es: 'borró una llave de API', en: 'deleted an API key' },
  customer_updated: { es: 'corrigió los datos de un cliente', en: 'corrected a customer’s data' },
  customer_erased: { es: 'borró los datos de un cliente', en: 'erased a customer’s data' },
  customer_merged: { es: 'juntó dos clientes', en: 'merged two customers' },
  customer_exported: { es: 'descargó los datos de un cliente', en: 'downloaded a customer’s data' },
  customers_imported: { es: 'importó clientes', en: 'imported customers' },
  card_link_created: { es: 'dio un enlace nuevo a un cliente', en: 'gave a customer a new link' },
  consent_changed: { es: 'cambió un permiso de un cliente', en: 'changed a customer’s consent' },
  password_recovered: { es: 'recuperó su contraseña', en: 'recovered their password' },
  password_reset_by_operator: { es: 'puso una contraseña nueva, a pedido', en: 'set a new password, on request' },
});

const say = translator(actions);

/** In words; an action newer than this page is at least readable: `card_link_used` → `card link used`. */
export function actionText(action: string): string {
  const key = action.replaceAll('.', '_');
  if (key in actions) return say(key as keyof typeof actions);
  const words = key.replaceAll('_', ' ');
  return lang === 'es' ? `hizo «${words}»` : `did “${words}”`;
}
