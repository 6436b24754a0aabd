/** What an address of this page asks for. What stands behind `#` never reaches a server's log. */
export interface Address {
  /** The card of the path; none for `/t/mia`, which opens the last one used here. */
  card?: string;
  /** `#<holder token>`: her own link. */
  token?: string;
  /** `#link=<token>`: a till's QR or an answer by WhatsApp, good for one use. */
  link?: string;
  /** `#guardar`: she comes to put it on her home screen. */
  save: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TOKEN = /^[\w.~-]{16,200}$/;
const LINK = 'link=';
const SAVE = 'guardar';

export function readAddress(path: string, hash: string): Address {
  const id = path.split('/')[2] ?? '';
  const fragment = hash.replace(/^#/, '');
  const address: Address = { card: UUID.test(id) ? id.toLowerCase() : undefined, save: fragment === SAVE };
  if (fragment.startsWith(LINK)) address.link = fragment.slice(LINK.length);
  else if (!address.save && TOKEN.test(fragment)) address.token = fragment;
  return address;
}
