/** Short names for the shapes that the pages use. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type SetupInput = Schemas['SetupInput'];
export type Client = Schemas['Client'];
export type ClientInput = Schemas['ClientInput'];
export type ClientSummary = Schemas['ClientSummary'];
export type CreatedClient = Schemas['CreatedClient'];
export type Duplicate = Schemas['Duplicate'];
export type Problem = Schemas['Problem'];
