import { translator } from './i18n';
import { shared } from './texts';

/** The `t` of the shared components; a page makes its own with its catalogue. */
export const t = translator(shared);
