// The places the build scripts share.
import { fileURLToPath } from 'node:url';

export const web = fileURLToPath(new URL('..', import.meta.url));
export const dist = fileURLToPath(new URL('../../internal/web/dist/', import.meta.url));
