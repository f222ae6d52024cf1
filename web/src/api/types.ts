/** Short names for the shapes that the pages use. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type SetupInput = Schemas['SetupIn'];
export type Client = Schemas['Client'];
export type ClientInput = Schemas['ClientIn'];
export type ClientChange = Schemas['ClientChange'];
export type ClientSummary = Schemas['ListedClient'];
export type CreatedClient = Schemas['CreatedClient'];
export type Duplicate = Schemas['Duplicate'];
/** A proxy may answer in the server's place: nothing of a problem is certain. */
export type Problem = Partial<Schemas['Problem']>;
