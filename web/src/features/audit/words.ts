/** Brings the texts of the audit trail, which only its own pages need. */
import en from '../../lib/i18n/audit.en';
import he from '../../lib/i18n/audit.he';
import { addTexts } from '../../lib/i18n/index.svelte';

addTexts({ en, he });
