/** Short names for the shapes that the pages use. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type SetupInput = Schemas['SetupIn'];
/** Who is signed in to run the server, or in a practice, without anything of that. */
export type Account = Schemas['Account'];
export type Security = Schemas['Security'];
export type SignInState = Schemas['SignInState'];
/** How a person can prove who they are. */
export type Method = 'totp' | 'passkey' | 'recovery' | 'mail';
export type Factors = Schemas['FactorList'];
export type Passkey = Schemas['Passkey'];
export type Enrolment = Schemas['Enrolment'];
export type Device = Schemas['Device'];
export type Member = Schemas['Member'];
export type Role = Member['role'];
export type Invitation = Schemas['Invitation'];
export type InvitationInput = Schemas['InvitationIn'];
export type Landing = Schemas['Landing'];
export type ManagedPractice = Schemas['ManagedPractice'];
export type PlatformInvitation = Schemas['PlatformInvitation'];
export type PracticeInvitationInput = Schemas['InvitePracticeIn'];
export type Activity = Schemas['Activity'];
export type ServerMetrics = Schemas['ServerMetrics'];
export type BlacklistEntry = Schemas['BlacklistEntry'];
export type Client = Schemas['Client'];
export type ClientInput = Schemas['ClientIn'];
export type ClientChange = Schemas['ClientChange'];
export type ClientSummary = Schemas['ListedClient'];
export type CreatedClient = Schemas['CreatedClient'];
export type Duplicate = Schemas['Duplicate'];
/** A proxy may answer in the server's place: nothing of a problem is certain. */
export type Problem = Partial<Schemas['Problem']>;

export type Appointment = Schemas['Appointment'];
export type AppointmentInput = Schemas['AppointmentIn'] & PaymentInput;
export type AppointmentUpdate = Schemas['AppointmentChange'] & PaymentInput;
export type PaymentInput = Partial<
  Pick<Appointment, 'price' | 'payment_status' | 'payment_method' | 'payment_notes' | 'paid_at'>
>;
export type Clash = Schemas['Clash'];
export type Slot = Schemas['Slot'];
export type Series = Schemas['SeriesInFull'];
export type SeriesChoices = {
  missing?: 'refuse' | 'skip';
  repeated?: 'refuse' | 'earlier' | 'later';
  conflicts?: 'refuse' | 'skip' | 'override';
};
export type SeriesInput = Schemas['SeriesIn'] & SeriesChoices;
export type SeriesUpdate = Schemas['SeriesChangeIn'] & AppointmentUpdate & SeriesChoices;
export type SeriesChanged = Schemas['SeriesChangedOutBody'];
export type SeriesPreview = Schemas['PreviewOutBody'];
export type Occurrence = Schemas['Occurrence'];
export type Service = Schemas['Service'];
export type PracticeLocation = Schemas['Location'];
export type Practitioner = Schemas['Practitioner'];
export type Workspace = Schemas['Workspace'];

export type Session = Schemas['Session'];
export type SessionSummary = Schemas['SessionSummary'];
export type SessionVersion = Schemas['SessionVersion'];
export type Copied = Schemas['Copied'];
export type NoteSections = Partial<Record<'subjective' | 'objective' | 'assessment' | 'plan', string | null>>;
export type SessionContent = NoteSections & { session_date?: string; duration_minutes?: number | null };
export type SessionInput = Schemas['SessionIn'] & NoteSections;
export type NoteTemplate = Schemas['NoteTemplate'];
export type TemplateInput = Schemas['TemplateIn'] & NoteSections & { text?: string | null; shortcut?: string | null };
export type TemplateUpdate = Schemas['TemplateChange'] &
  NoteSections & { text?: string | null; shortcut?: string | null };
export type NoteMatch = Schemas['NoteMatch'];
export type NoteMatches = Schemas['NoteMatches'];
export type TimelineItem = Schemas['TimelineItem'];
export type Consent = Schemas['Consent'];
export type ConsentInput = Schemas['ConsentIn'];
export type WorkCounts = Schemas['Work'];
export type WorkspaceUpdate = Schemas['WorkspaceIn'];
export type ServiceInput = Schemas['ServiceIn'];
export type ServiceUpdate = Schemas['ServiceChange'];
export type LocationInput = Schemas['LocationIn'];
export type LocationUpdate = Schemas['LocationChange'];
export type Feed = Schemas['Feed'];
export type CreatedFeed = Schemas['CreatedFeed'];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditCheckpoints = Schemas['Checkpoints'];
