/** Brings the texts of signing in more safely, of members and of the operator, which the start does without. */
import { addTexts } from '../../lib/i18n/index.svelte';
import en from '../../lib/i18n/people.en';
import he from '../../lib/i18n/people.he';

addTexts({ en, he });
