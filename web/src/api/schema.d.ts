// Written by hand until `npm run gen` can make it from the server's document. Shapes follow the API contract.

type Nullable<T> = T | null;
type Json<T> = { content: { 'application/json': T } };
type Failure = { content: { 'application/problem+json': components['schemas']['Problem'] } };
type Operation<Ok, Parameters = object> = {
  parameters: Parameters;
  requestBody?: never;
  responses: { 200: Json<Ok>; default: Failure };
};
type Submission<Ok, Body, Parameters = object> = {
  parameters: Parameters;
  requestBody: Json<Body>;
  responses: { 200: Json<Ok>; default: Failure };
};
type Id = { path: { id: string } };
type S = components['schemas'];

export interface paths {
  '/api/v1/setup': {
    get: Operation<{ open: boolean }>;
    post: Submission<S['Me'], S['SetupInput']>;
  };
  '/api/v1/auth/magic-link': { post: Submission<{ detail: string }, { email: string; locale?: string }> };
  '/api/v1/auth/verify': { post: Submission<S['Me'], { token: string }> };
  '/api/v1/auth/code': { post: Submission<S['Me'], { code: string }> };
  '/api/v1/auth/me': { get: Operation<S['Me'], { header?: { 'X-Background'?: string } }> };
  '/api/v1/auth/logout': { post: Operation<never> };
  '/api/v1/clients': {
    get: Operation<S['ClientSummary'][], { query?: { q?: string; status?: string; limit?: number; cursor?: string } }>;
    post: Submission<S['CreatedClient'], S['ClientInput'], { header?: { 'Idempotency-Key'?: string } }>;
  };
  '/api/v1/clients/{id}': {
    get: Operation<S['Client'], Id>;
    put: Submission<S['Client'], Partial<S['ClientInput']> & { version?: number }, Id>;
    delete: Operation<never, Id>;
  };
  '/api/v1/clients/{id}/restore': { post: Operation<S['Client'], Id> };
}

export interface components {
  schemas: {
    Problem: {
      type?: string;
      title?: string;
      status?: number;
      detail?: string;
      code?: string;
      request_id?: string;
      errors?: { location?: string; code?: string; message?: string }[];
    };
    Me: {
      user: { id: string; email: string; full_name: string; role: 'owner' | 'practitioner' | 'assistant'; locale: string };
      workspace: {
        id: string;
        name: string;
        time_zone: string;
        locale: string;
        currency: string;
        week_start: 'sunday' | 'monday' | 'saturday';
      };
      session: { id: string; idle_seconds_left: number; absolute_seconds_left: number };
    };
    SetupInput: {
      token: string;
      practice_name: string;
      full_name: string;
      email: string;
      time_zone: string;
      locale: string;
      currency?: string;
    };
    ClientInput: {
      first_name: string;
      last_name: string;
      email?: Nullable<string>;
      phone?: Nullable<string>;
      date_of_birth?: Nullable<string>;
      address?: Nullable<string>;
      medical_history?: Nullable<string>;
      emergency_contact_name?: Nullable<string>;
      emergency_contact_phone?: Nullable<string>;
      notes?: Nullable<string>;
      tags?: string[];
    };
    ClientSummary: {
      id: string;
      first_name: string;
      last_name: string;
      full_name: string;
      email: Nullable<string>;
      phone: Nullable<string>;
      date_of_birth: Nullable<string>;
      tags: string[];
      consent_status: boolean;
      is_active: boolean;
      archived_at: Nullable<string>;
      version: number;
      created_at: string;
      updated_at: string;
    };
    Client: S['ClientSummary'] & {
      address: Nullable<string>;
      medical_history: Nullable<string>;
      emergency_contact_name: Nullable<string>;
      emergency_contact_phone: Nullable<string>;
      notes: Nullable<string>;
      next_appointment: Nullable<string>;
      last_appointment: Nullable<string>;
      appointment_count: number;
    };
    CreatedClient: S['Client'] & { possible_duplicates: S['Duplicate'][] };
    Duplicate: { id: string; full_name: string; reasons: ('phone' | 'email' | 'name_and_birth_date')[] };
  };
}
